"""What is written for each console keeps that console's rules and says what the device does."""

import copy
import json
import re
from types import SimpleNamespace

import pytest

from agent.devices.socket.thing_table import SOCKET
from agent.emulator.makers import MODELS
from agent.errors import ConfigError
from agent.models.consoles import CONSOLES, read_export
from agent.models.diff import FindingKind, compare
from agent.models.wording import Language
from agent.thing import Thing
from tests.docs.pages import ROOT
from tests.models.support import CLOUDS, SCHEMAS, as_bytes, device, exported

RENAMED = {
    "current_limit": "limit_a",
    "total_energy": "kwh",
    "trip": "Alarm",
    "low_voltage.voltage": "U",
    "reset_energy": "zero",
}
CHINESE = re.compile(r"[一-鿿]")


@pytest.mark.parametrize("rename", [{}, RENAMED], ids=["default", "renamed"])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_an_export_keeps_the_rules_of_its_console(cloud, language, rename):
    assert SCHEMAS[cloud](exported(cloud, language, rename)) == []


def rows(document):
    keys = ("properties", "events", "services", "actions")
    return [row for key in keys for row in document.get(key, [])]


def names(document):
    return {row["name"] for row in rows(document)} - {"post", "set", "get", "DeviceStatus"}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_names_are_chinese_english_or_both_side_by_side(cloud):
    assert all(CHINESE.search(name) for name in names(exported(cloud, Language.ZH)))
    assert not any(CHINESE.search(name) for name in names(exported(cloud, Language.EN)))
    both = names(exported(cloud, Language.BOTH))
    assert all(CHINESE.search(name) and re.search("[A-Za-z]{3}", name) for name in both)
    assert "电源开关_Power_switch" in both


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_name_has_only_characters_that_every_console_takes(cloud, language):
    for name in names(exported(cloud, language)):
        assert re.fullmatch(r"[一-鿿A-Za-z0-9][一-鿿A-Za-z0-9_]{0,29}", name)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_is_written_reads_back_as_what_the_device_has(cloud, language):
    model = device(cloud)
    back = read_export(cloud, as_bytes(exported(cloud, language)))
    assert [bare_row(row) for row in back.features] == [bare_row(row) for row in model.features]


def bare_row(row):
    return (
        row.kind,
        row.identifier,
        row.is_writable,
        row.level,
        row.call or None,
        None if row.spec is None else bare(row.spec),
        [(item.identifier, bare(item.spec)) for item in row.inputs],
        [(item.identifier, bare(item.spec)) for item in row.outputs],
    )


def bare(spec):
    is_text = spec.type == "text"
    return (
        spec.type,
        None if is_text else spec.minimum,
        spec.maximum,
        spec.step,
        spec.unit or "",
        {choice.key for choice in spec.choices} if spec.type == "enum" else None,
        [(item.identifier, bare(item.spec)) for item in spec.members],
    )


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_rename_of_a_section_is_what_is_exported(cloud):
    identifiers = {row["identifier"] for row in map(identified, rows(exported(cloud)))}
    renamed = {row["identifier"] for row in map(identified, rows(exported(cloud, rename=RENAMED)))}
    assert {"limit_a", "kwh", "Alarm", "zero"} <= renamed
    assert not {"kwh", "zero"} & identifiers


def identified(row):
    return {"identifier": row.get("identifier", row.get("id"))}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_rename_of_what_is_not_there_is_the_owners_mistake(cloud):
    with pytest.raises(ConfigError, match="nothing named 'power'"):
        CONSOLES[cloud].describe(SOCKET, {"power": "x"})


@pytest.mark.parametrize(("cloud", "is_listed"), [("tencent", 0), ("aliyun", 1), ("onenet", 0)])
def test_the_current_limit_is_there_where_the_standard_model_has_it(cloud, is_listed):
    assert ("current_limit" in {row.name for row in device(cloud).features}) == is_listed
    renamed = device(cloud, {"current_limit": "limit"}).features
    assert "limit" in {row.identifier for row in renamed}


def own_model(cloud):
    return (MODELS / f"{cloud}-socket.json").read_bytes()


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_emulators_own_model_is_what_is_exported_with_all_that_can_be_told(cloud):
    everything = SimpleNamespace(
        rename={}, unit_power_consumption=True, countdown="both", timer_action="member"
    )
    export = CONSOLES[cloud].configured(device(cloud), everything)
    own = read_export(cloud, own_model(cloud))
    found = compare(export, own, CONSOLES[cloud].rules)
    assert {each.kind for each in found} <= {FindingKind.INEXPRESSIBLE}


def test_the_template_of_the_reference_socket_is_exported_word_for_word_but_for_names():
    own = json.loads(own_model("tencent"))
    assert without_names(exported("tencent")) == without_names(own)


def without_names(template):
    bare = copy.deepcopy(template)
    bare["profile"].pop("ProductId")
    for row in rows(bare):
        row.pop("name")
        for item in row.get("params", []):
            item.pop("name")
    return bare


def test_rules_find_a_trip_by_the_display_names_that_the_page_tells():
    page = (ROOT / "docs" / "tencent.md").read_text()
    for language in Language:
        (trip,) = [e for e in exported("tencent", language)["events"] if e["id"] == "status_report"]
        assert (trip["name"], trip["params"][1]["name"]) == ("DeviceStatus", "Message")
    assert "`DeviceStatus`" in page


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_thing_that_is_no_socket_has_a_model_too(cloud):
    fan = Thing(kind="fan", properties=())
    model = CONSOLES[cloud].describe(fan, {})
    assert (model.features, model.notes) == ((), ())
    document = CONSOLES[cloud].write(model, Language.BOTH)
    assert SCHEMAS[cloud](document) == []
    assert compare(model, read_export(cloud, as_bytes(document)), CONSOLES[cloud].rules) == []
