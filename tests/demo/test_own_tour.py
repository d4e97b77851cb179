"""The tour of declared devices in virtual time: every shipped file on every dialect."""

import pytest

from agent.demo.dialects import DIALECTS
from tests.demo.own import own_tour, shipped

SENSED = ["change", "lost", "rule", "outage"]
STEPS = {
    "environment": ["online", "warm-up", "values", *SENSED],
    "nightlight": ["online", "values", "on", *SENSED, "off"],
    "lamp": ["online", "values", "on", "outage", "off"],
}
OTHER = """
[device]
id = "greenhouse"
kind = "generic"
clouds = []
main = "Pump"

[device.sensors.Door]
driver = "gpiozero"
pin = "GPIO5"

[device.sensors.Counter]
driver = "iio"
device = "x"
channel = "in_voltage0_raw"
scale = -0.5
offset = 100
filter = "mean 5"

[device.switches.Fan]
driver = "auto"
pin = "GPIO17"
min_off_s = 600
on_start = { restart = "on", crash = "restore" }

[device.switches.Pump]
driver = "auto"
pin = "GPIO22"

[device.dimmers.Glow]
driver = "gpiozero"
pin = "GPIO18"

[device.rules]
hot = "when Counter > 0: on"
"""


def assert_played(found, steps):
    assert [(step, happened) for step, happened, _ in found] == [(step, True) for step in steps], (
        found[-1]
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_of_a_shipped_file_happens_on_every_dialect(tmp_path, name, dialect):
    steps = STEPS[name]
    if dialect == "onenet-legacy" and "on" in steps:
        at = steps.index("on") + 1
        steps = [*steps[:at], "words", *steps[at:]]
    assert_played(own_tour(tmp_path, shipped(name), dialect), steps)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_any_declared_device_has_a_tour(tmp_path, dialect):
    path = tmp_path / "greenhouse.toml"
    path.write_text(OTHER)
    steps = ["online", "values", "on", *SENSED, "off"]
    if dialect == "onenet-legacy":
        steps.insert(3, "words")
    found = own_tour(tmp_path, path, dialect)
    assert_played(found, steps)
    seen = {step: text for step, _, text in found}
    assert "Fan on in " in seen["on"]
    assert "Glow 40 in " in seen["on"]


def deaf(stage):
    """Let nobody be heard at the control socket."""

    async def call(method, params):
        del method, params

    stage.control.call = call


def stuck(stage):
    """Let the first sensor stay where it is."""
    next(iter(stage.sensors.values())).show = lambda **_: None


def zero(stage):
    """Let a sensor that fails measure 0 instead."""
    (*_, last) = stage.sensors.values()
    measure = last.measure

    async def measured():
        return 0.0 if last.fault == "error" else await measure()

    last.measure = measured


@pytest.mark.parametrize(
    ("name", "spoil", "step"),
    [
        ("lamp", deaf, "outage"),
        ("nightlight", stuck, "change"),
        ("environment", zero, "lost"),
    ],
)
def test_a_step_that_does_not_happen_fails_and_ends_the_tour(tmp_path, name, spoil, step):
    found = own_tour(tmp_path, shipped(name), "tencent", spoil)
    assert [happened for _, happened, _ in found] == [True] * (len(found) - 1) + [False]
    assert found[-1][0] == step
    assert "not in time" in found[-1][2] or "not within" in found[-1][2]
