"""Names of drivers and clouds."""

import importlib
import subprocess
import sys

import pytest
from pydantic.fields import FieldInfo

from agent import registry
from agent.errors import ConfigError
from agent.settings.allowed import choices, sections_of
from agent.settings.device import ButtonSettings, IndicatorSettings, SocketSettings
from agent.settings.dimmers import AnyDimmerSettings
from agent.settings.generic import AnySwitchSettings
from agent.settings.sensors import AnySensorSettings


@pytest.mark.parametrize(
    ("role", "name"),
    [(role, name) for role, rows in registry.BUILT_IN.items() if role != "cloud" for name in rows],
)
def test_every_shipped_driver_can_be_found(role, name):
    assert callable(registry.find(role, name))


@pytest.mark.parametrize(
    ("role", "section"),
    [("relay", SocketSettings), ("button", ButtonSettings), ("indicator", SocketSettings)],
)
def test_every_name_that_the_settings_allow_is_known(role, section):
    declared = section.model_fields[role if section is SocketSettings else "driver"]
    sections = sections_of(declared, {}) if section is SocketSettings else [section]
    allowed = {name for each in sections for name in choices(each.model_fields["driver"])}
    assert allowed - {"none"} == set(registry.BUILT_IN[role])


@pytest.mark.parametrize(
    ("role", "union"),
    [("sensor", AnySensorSettings), ("dimmer", AnyDimmerSettings), ("relay", AnySwitchSettings)],
)
def test_every_driver_of_a_generic_devices_parts_has_a_section(role, union):
    allowed = {
        name
        for section in sections_of(FieldInfo.from_annotation(union), {})
        for name in choices(section.model_fields["driver"])
    }
    assert allowed == set(registry.BUILT_IN[role])


def test_nothing_is_imported_before_it_is_asked_for():
    script = (
        "import sys, agent.registry as r; r.find('relay', 'simulated')\n"
        "names = ('gpiod', 'gpiozero', 'serialx', 'rpi_ws281x', 'pymodbus')\n"
        "print(*[m for m in names if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_none_is_no_driver():
    assert registry.made("button", ButtonSettings(driver="none"), None) is None
    assert registry.made("indicator", IndicatorSettings(driver="none"), None) is None


@pytest.mark.parametrize(
    ("role", "name", "text"),
    [
        ("relay", "gpoid", "did you mean 'gpiod'"),
        ("cloud", "tencnet", "did you mean 'tencent'"),
        ("button", "gpoid", "did you mean 'gpiod'"),
        ("cloud", "aliyum", "did you mean 'aliyun'"),
        (
            "meter",
            "zzz",
            "there are hlw8032, cse7766, cse7759b, hlw8012, bl0937, bl0942, pzem004t, simulated",
        ),
    ],
)
def test_an_unknown_name_is_answered_with_what_there_is(role, name, text):
    with pytest.raises(ConfigError, match=text):
        registry.find(role, name)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "gpiod", None)
    for module in ("agent.drivers.gpiod_relay", "agent.drivers.gpio_lines"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ConfigError, match=r"needs the package gpiod: .*--extras gateway"):
        registry.find("relay", "gpiod")


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch, tmp_path):
    (tmp_path / "plugged.py").write_text("def make(settings, thing):\n    return settings, thing\n")
    info = tmp_path / "plugged-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[polycloud.drivers]\nlamp = plugged:make\nbroken = missing_module:make\n"
        "[polycloud.clouds]\nprivate = plugged:make\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert registry.find("relay", "lamp")("s", "t") == ("s", "t")
    assert registry.codec_class("private")("s", "t") == ("s", "t")
    assert registry.names("cloud") == ("tencent", "aliyun", "onenet", "homeassistant", "private")
    with pytest.raises(
        ConfigError, match=r"package plugged, which cannot be imported: .*missing_module"
    ):
        registry.find("relay", "broken")
