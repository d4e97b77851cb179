"""The configurations of the page for gateways load, and its numbers are the program's."""

import re

import pytest

from agent.board_ways import ANSWER_S, TRIES
from agent.drivers.board_relay import DOUBTED_AFTER, Pace
from agent.settings.bus import BusSettings
from agent.settings.device import SocketSettings
from agent.settings.generic import GenericSettings
from agent.settings.meters import PzemSettings
from agent.settings.relays import ModbusRelaySettings, UsbRelaySettings
from tests.docs.loading import loaded, toml_blocks
from tests.docs.pages import ROOT, text_of

PAGE = ROOT / "docs" / "gateways.md"


@pytest.mark.parametrize("text", toml_blocks(PAGE))
def test_every_file_of_the_page_loads(tmp_path, text):
    device = loaded(tmp_path, text).device
    if isinstance(device, GenericSettings):
        assert all(isinstance(each, ModbusRelaySettings) for each in device.switches.values())
        return
    assert isinstance(device, SocketSettings)
    assert isinstance(device.meter, PzemSettings)
    assert isinstance(device.relay, ModbusRelaySettings | UsbRelaySettings)


def test_there_is_a_file_of_each_kind():
    assert len(toml_blocks(PAGE)) == 4


def test_the_numbers_are_those_of_the_program():
    text = text_of(PAGE)
    timeout_s = BusSettings(port="/dev/x").timeout_s
    assert f"`timeout_s` of that meter more: {timeout_s:g} s" in text
    assert f"three times `timeout_s`: {DOUBTED_AFTER * timeout_s:.0f} s" in text
    assert f"`check_s`: {Pace().check_s:g} s" in text
    assert f"costs it {TRIES * ANSWER_S:g} s" in text
    found = re.search(r"systemd gives it (\d+) s", text)
    assert found is not None
    assert f"TimeoutStopSec={found[1]}" in text_of(ROOT / "systemd" / "polycloud-agent.service")
