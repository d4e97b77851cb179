"""What is written for each console of devices that are declared in their files."""

import pytest

from agent.app.kinds import make_device
from agent.devices.generic.make import make
from agent.emulator.aliyun.tsl import read_tsl
from agent.emulator.onenet.model import read_model
from agent.emulator.tencent.template import read_template
from agent.models.consoles import CONSOLES, read_export
from agent.models.diff import compare
from agent.models.form import Title, ValueType
from agent.models.wording import Language, label
from tests.devices.generic.bench import sensor, settings, switch
from tests.models.support import CLOUDS, SCHEMAS, as_bytes
from tests.settings.test_declared_examples import FILES, only, shipped

EMULATOR = {"tencent": read_template, "aliyun": read_tsl, "onenet": read_model}
WIDE = make(
    settings(
        sensors={
            "voltage": sensor(range=[0, 5], step=0.25, title_zh="电池"),
            "Pulses": sensor(range=[0, 1e12], step=1),
            "Fine": sensor(),
            "Door": sensor(value=False, title="Front door (left)"),
        },
        switches={"power_switch": switch()},
        dimmers={"Glow": {"driver": "simulated"}},
    )
).thing


def of_file(folder, name):
    return make_device(only(folder, shipped(folder, name)).device).thing


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", [*FILES, None])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_an_export_keeps_the_rules_of_its_console(tmp_path, cloud, name, language):
    thing = WIDE if name is None else of_file(tmp_path, name)
    console = CONSOLES[cloud]
    model = console.describe(thing, {})
    written = console.write(model, language)
    assert SCHEMAS[cloud](written) == []
    EMULATOR[cloud](as_bytes(written))
    assert not compare(model, read_export(cloud, as_bytes(written)), console.rules)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_it_is_of_no_category_of_sockets(cloud):
    console = CONSOLES[cloud]
    profile = console.write(console.describe(WIDE, {}), Language.ZH)["profile"]
    assert profile in (
        {"ProductId": "", "CategoryId": "1"},
        {"productKey": ""},
        {"industryId": "", "sceneId": "", "categoryId": "", "productId": ""},
    )
    assert not any(row.is_required for row in console.describe(WIDE, {}).features)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_name_that_a_socket_has_too_keeps_the_owners_own_title(cloud):
    rows = {row.name: row for row in CONSOLES[cloud].describe(WIDE, {}).features}
    assert rows["voltage"].title == Title(zh="电池", en="voltage")
    assert rows["voltage"].identifier == "voltage"


def test_a_number_has_a_type_that_holds_each_of_its_steps():
    types = {
        cloud: {row.name: row.spec.type for row in CONSOLES[cloud].describe(WIDE, {}).features[:4]}
        for cloud in CLOUDS
    }
    for cloud, found in types.items():
        wide = ValueType.FLOAT if cloud == "tencent" else ValueType.DOUBLE
        assert found == {
            "voltage": ValueType.FLOAT,
            "Pulses": wide,
            "Fine": wide,
            "Door": ValueType.BOOL,
        }


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (Title(zh="前门（左）", en="Front door (left)"), "前门_左_Front_door__left"),
        (Title(zh="PM2.5", en="PM2.5"), "PM2_5"),
        (Title(zh="?", en="?"), "?"),
        (Title(zh="x" * 40, en="y"), "x" * 30),
    ],
)
def test_a_title_is_written_in_what_every_console_takes(title, written):
    assert label(title, Language.BOTH) == written
