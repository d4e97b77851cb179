"""The page of the meters: its examples are whole files, and its numbers those of the code."""

import tomllib
from pathlib import Path

import pytest

from agent.drivers.bl0942 import decoder as bl0942
from agent.drivers.pulses.scale import CHIPS, Scale
from agent.registry import BUILT_IN
from agent.settings.load import load
from tests.devices.socket import test_other_meters
from tests.docs.loading import toml_blocks

PAGE = Path(__file__).parent.parent.parent / "docs" / "meters.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("block", toml_blocks(PAGE), ids=lambda block: block.split('"')[7])
def test_an_example_is_a_whole_file(tmp_path, block):
    path = tmp_path / "socket.toml"
    path.write_text(block)
    (device,) = load(path, {}).devices
    assert device.device.meter.driver == tomllib.loads(block)["device"]["meter"]["driver"]


def test_every_chip_stands_on_the_page():
    assert all(f'`"{driver}"`' in TEXT for driver in BUILT_IN["meter"])


def test_a_pulse_is_worth_what_the_page_says():
    for driver, text in (("hlw8012", "10.3 J at 2351"), ("bl0937", "2.0 J at 2351")):
        chip = CHIPS[driver]
        scale = Scale(chip=chip, kv=2.351, ki=1, kp=2.351, vref_v=chip.vref_v)
        assert f"{scale.pulse_j:.1f} J at 2351" == text
        assert text in TEXT
    worth_j = bl0942.Scale(kv=3.8245, ki=1, kp=3.8245).pulse_pj / 1e12
    assert f"{worth_j:.0f} J at 3825" in TEXT


def test_the_seconds_are_those_of_the_tests():
    for at_once, low, row in (
        *((0.5, 2.5, "| HLW8012, BL0937 | 0.5 s | 2.5 s |"),),
        *((1.5, 1.5, "| BL0942 | **1.5 s** | 1.5 s |"),),
    ):
        driver = "bl0942" if "BL0942" in row else "bl0937"
        assert test_other_meters.AT_ONCE_S[driver] == at_once
        assert test_other_meters.LOW_POWER_FACTOR_S[driver] == low
        assert row in TEXT
