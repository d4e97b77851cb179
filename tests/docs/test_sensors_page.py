"""The page of sensors: its examples are sections, and it names every driver and no other."""

import tomllib

import pytest
from pydantic import TypeAdapter

from agent import registry
from agent.drivers import iio_sensor, w1_sensor
from agent.settings.dimmers import AnyDimmerSettings
from agent.settings.sensors import AnySensorSettings
from tests.docs.pages import ROOT, code_blocks, text_of

PAGE = ROOT / "docs" / "sensors.md"
BLOCKS = ["\n".join(lines) for language, lines in code_blocks(PAGE) if language == "toml"]
KINDS = {
    "sensors": TypeAdapter(AnySensorSettings),
    "dimmers": TypeAdapter(AnyDimmerSettings),
}


def parts(kind):
    return [
        (name, section)
        for block in BLOCKS
        for name, section in tomllib.loads(block)["device"].get(kind, {}).items()
    ]


@pytest.mark.parametrize(
    ("kind", "name", "section"), [(kind, *part) for kind in KINDS for part in parts(kind)]
)
def test_an_example_is_a_section(kind, name, section):
    assert KINDS[kind].validate_python(section).driver == section["driver"], name


@pytest.mark.parametrize(("kind", "role"), [("sensors", "sensor"), ("dimmers", "dimmer")])
def test_every_driver_is_told(kind, role):
    for driver in registry.BUILT_IN[role]:
        assert f"`{driver}`" in text_of(PAGE), driver
    assert {section["driver"] for _, section in parts(kind)} <= set(registry.BUILT_IN[role])


def test_what_an_error_advises_is_on_the_page():
    for advice in (iio_sensor.ADVICE, w1_sensor.ADVICE):
        for word in advice.split():
            if word.startswith("dtoverlay="):
                assert word.rstrip(";,.") in text_of(PAGE), word
