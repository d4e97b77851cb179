"""A broken network in short: `make chaos` breaks it in six ways."""

import asyncio
import os
from pathlib import Path

import pytest

from chaos.gate import Gate
from chaos.network import network
from chaos.network.dips import Dips, arrived
from chaos.network.netspace import inside, need_network
from chaos.network.scenarios import Scene, floors
from chaos.report import Verdict
from tests.chaos.needs import needs

needs_network = needs(need_network)


@needs_network
async def test_a_lost_address_is_noticed_at_once_and_no_event_is_lost():
    rows = await network.run(is_short=True)
    assert [row.why for row in rows if row.verdict is not Verdict.HELD] == []
    assert [row.done for row in rows] == ["another address", "events meanwhile", "all CONNECTs"]


@needs_network
async def test_whatever_ends_it_no_process_is_left_in_the_network():
    before = children()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await inside("chaos.network.scenarios")
    assert children() <= before


def children():
    """The processes that run a module of this harness."""
    found = set()
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = each.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"chaos.network.scenarios" in words and int(each.parent.name) != os.getpid():
            found.add(each.parent.name)
    return found


def test_an_event_is_found_in_every_form_and_a_reading_is_none():
    def up(topic, payload):
        return {"direction": "up", "topic": topic, "payload": payload}

    heard = [
        up("up/event", '{"eventId":"low_voltage","params":{"voltage":179.9}}'),
        up("event/LowVoltage/post", '{"params":{"value":{"Voltage":178.3}}}'),
        up("event/post", '{"params":[{"low_voltage":{"value":{"voltage":177}}}]}'),
        up("up/property", '{"params":{"voltage":160}}'),
        up("up/property", "low_voltage, but no JSON"),
        {**up("down", '{"eventId":"low_voltage","params":{"voltage":150}}'), "direction": "down"},
    ]
    assert arrived(heard) == [179.9, 178.3, 177.0]


def test_a_dip_is_missing_unless_an_event_tells_of_it():
    dips = Dips(lambda _volts: None)
    dips.done = [180.0, 179.2, 178.4]
    assert dips.missing([180.1, 178.4]) == [179.2]
    assert dips.missing([]) == dips.done


def test_connects_too_close_to_each_other_are_a_fault(tmp_path):
    def closest(*times):
        gates = {"aliyun": Gate(target=0, seen={"a": list(times)})}
        return floors(Scene(tmp_path, gates, {})).faults

    assert closest(0.0, 12.0, 30.0) == closest() == []
    assert closest(0.0, 11.0)
