"""The page of declared devices: its file loads, and its numbers are those of the code."""

from agent.app.kinds import make_device
from agent.devices.generic.sensing import SILENT_S
from agent.devices.generic.state import Unknown
from agent.settings.generic import MOST_DIMMERS, MOST_SENSORS, MOST_SWITCHES
from agent.settings.load import load
from agent.settings.smoothing import MOST_VALUES
from tests.docs.loading import toml_blocks
from tests.docs.pages import ROOT, text_of

PAGE = ROOT / "docs" / "generic.md"


def test_the_example_loads(tmp_path):
    (text,) = toml_blocks(PAGE)
    secret = tmp_path / "greenhouse.secret"
    secret.write_text("IyXmUW5sU/q1vnb5yzTkeQ==")
    secret.chmod(0o600)
    path = tmp_path / "greenhouse.toml"
    path.write_text(text.replace("/etc/polycloud/greenhouse.secret", str(secret)))
    (entry,) = load(path, {}).devices
    names = [row.field.name for row in make_device(entry.device).thing.properties]
    assert names == ["Temperature", "Fan", "Light", "Growlight"]


def test_every_reason_and_bound_is_told():
    text = text_of(PAGE)
    for reason in Unknown:
        assert reason.value in text
    assert f"{MOST_SENSORS} sensors, {MOST_SWITCHES} switches and {MOST_DIMMERS} dimmers" in text
    assert f"up to {MOST_VALUES}" in text
    assert f"three intervals and {SILENT_S:.0f} s" in text
