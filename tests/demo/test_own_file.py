"""A device's file becomes one with simulated parts, or says what is the matter with it."""

import tomllib

import pytest

from agent.demo.declared.file import another, raw, read_settings, simulated, toml, usual
from agent.errors import ConfigError
from agent.settings.generic import GenericSettings
from tests.cli.inprocess import in_text
from tests.demo.own import shipped
from tests.demo.test_own_tour import OTHER, STEPS


def again(settings):
    """Read back what is written of *settings*."""
    text = "".join(toml({"id": "demo", "clouds": [], **simulated(settings)}, "device"))
    return GenericSettings.model_validate(tomllib.loads(text)["device"])


@pytest.mark.parametrize("name", STEPS)
def test_the_same_values_of_the_same_names_and_no_hardware(name):
    settings = read_settings(shipped(name))
    found = again(settings)
    assert list(found.parts) == list(settings.parts)
    assert {each.driver for each in found.parts.values()} == {"simulated"}  # type: ignore[attr-defined]
    for part, section in settings.sensors.items():
        new = found.sensors[part]
        assert (new.unit, new.range, new.step) == (section.unit, section.range, section.step)
        for value in (usual(section), another(section)):
            low, high = section.range
            shown = raw(section, value) * section.scale + section.offset
            assert low <= shown <= high
        assert usual(section) != another(section)
    assert found.main_switch == settings.main_switch


def test_nothing_acts_by_itself_and_nothing_waits(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(OTHER)
    found = again(read_settings(path))
    assert found.rules == {}
    assert found.switches["Fan"].min_off_s == 0
    assert found.main_switch == "Pump"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[device]\nkind = "socket"', 'a.toml:2: device.kind: found "socket"; allowed: "generic"'),
        ("", "device.kind: found null"),
        ('[device]\nkind = "generic"\nid = "x"', "no parts"),
        ("[device", "no TOML"),
        ('[device]\nkind = "generic"\nid = "x"\n[device.sensors.A]\ndriver = "iioo"', "iioo"),
    ],
)
def test_a_faulty_file_is_told_with_its_line_and_ends_with_78(tmp_path, text, told):
    path = tmp_path / "a.toml"
    path.write_text(text)
    done = in_text("demo", "--config", str(path))
    assert done.returncode == 78
    if told != "no parts":
        assert told in done.stderr
    with pytest.raises(ConfigError):
        read_settings(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    done = in_text("demo", "--config", str(tmp_path / "none.toml"))
    assert (done.returncode, "none.toml" in done.stderr) == (78, True)
