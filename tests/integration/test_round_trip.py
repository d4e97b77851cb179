"""Link and platform in one process: every message both ways, and what an outage does to it."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pydantic import SecretStr

from agent.clouds.attempts import Attempts
from agent.clouds.door import Door
from agent.clouds.link import KICKED, Chance, Link
from agent.clouds.mqtt import MqttTransport
from agent.clouds.tencent.codec import TencentCodec
from agent.clouds.uncleared import Uncleared
from agent.devices.socket.thing_table import SOCKET
from agent.emulator.emulator import Emulator
from agent.emulator.options import CA_FILE, EmulatorOptions
from agent.emulator.tencent.rules import TencentRules
from agent.loop_clock import LoopClock
from agent.memory import ProcessMemory
from agent.messages import (
    DONE,
    ActionCall,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    PropertySet,
    RefusalKind,
    Request,
    refused,
)
from agent.outbox import Counters, Outbox
from agent.settings.clouds import TencentSettings
from tests.integration.config import KEY, SECRET
from tests.integration.process import until

SPEED = 25.0
"""So much faster is the clock by which a link waits; the wire is as fast as it is."""

QUICK = EmulatorOptions(tencent=TencentRules(uplinks_per_s=None))


class QuickClock(LoopClock):
    def __init__(self, *, is_trusted: bool = True) -> None:
        self.is_trusted = is_trusted

    def now(self) -> float:
        return time.monotonic() * SPEED

    def wall_time(self) -> float | None:
        return time.time() if self.is_trusted else None

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


class Device:
    """A device that does what it is told, with a link of its own to the emulator."""

    def __init__(
        self, emulator: Emulator, *, is_tls: bool, clock: QuickClock, first_id: int
    ) -> None:
        ports = emulator.ports.tencent
        settings = TencentSettings(
            product_id=KEY.product,
            device_name=KEY.name,
            device_secret=SecretStr(SECRET),
            host="localhost",
            port=ports.mqtts if is_tls else ports.mqtt,
            tls=is_tls,
            ca_file=str(CA_FILE) if is_tls else None,
        )
        self.requests: list[Request] = []
        self.outcome: Outcome = DONE
        self.changes: list[bool] = []
        self.times: list[Any] = []
        self.outbox = Outbox(first_id=first_id)
        door = Door(
            execute=self._execute,
            perform=self._perform,
            values=lambda names: dict.fromkeys(names, 0),
            on_change=self.changes.append,
            snapshot=lambda: PropertyReport(values={"count_down": 0}, wall_time=None),
            info=lambda: InfoReport(facts={"name": "socket-1", "board": "code504"}),
            on_time=lambda answer, round_trip_s: self.times.append((answer, round_trip_s)),
        )
        self.link = Link(
            "tencent",
            codec=TencentCodec(settings, SOCKET),
            transport=MqttTransport(),
            outbox=self.outbox,
            clock=clock,
            door=door,
            uncleared=Uncleared("dev1", ProcessMemory(), "socket-1", clock.now),
            next_attempt=Attempts(ProcessMemory(), "boot").of("tencent", settings.identity),
            chance=Chance(jitter=lambda: 0.0),
        )

    def _execute(self, request: Request) -> Outcome:
        self.requests.append(request)
        return self.outcome

    async def _perform(self, call: ActionCall) -> Outcome:
        return self._execute(call)

    def event(self, event: str, wall_time: float | None = None, **values: object) -> None:
        self.outbox.append(EventReport(name=event, values=values, wall_time=wall_time))


@contextlib.asynccontextmanager
async def connected(
    emulator: Emulator, *, is_tls: bool = True, is_trusted: bool = True, first_id: int = 1000
) -> AsyncGenerator[Device]:
    clock = QuickClock(is_trusted=is_trusted)
    device = Device(emulator, is_tls=is_tls, clock=clock, first_id=first_id)
    running = asyncio.create_task(device.link.run())
    try:
        async with asyncio.timeout(20):
            await delivered(device)
            yield device
    finally:
        running.cancel()
        await asyncio.wait([running])
        if not running.cancelled():
            running.result()


async def delivered(device):
    link = device.link
    await until(lambda: link.status.is_connected and not link.pending, "all is delivered")


def sent(emulator, *methods, after=0):
    """The bodies that the device sent, of some methods, in order."""
    messages = emulator.messages(KEY, after=after)
    bodies = [json.loads(each.payload) for each in messages if each.direction == "up"]
    return [body for body in bodies if body.get("method", body.get("type")) in methods]


def last_number(emulator):
    return max((each.number for each in emulator.messages(KEY)), default=0)


@pytest.mark.parametrize("is_tls", [True, False])
async def test_every_message_goes_both_ways(is_tls):
    async with Emulator(QUICK) as emulator, connected(emulator, is_tls=is_tls) as device:
        values = {"power_switch": True, "voltage": 230.04, "current": 3.9, "total_energy": 10_001.5}
        device.outbox.append(PropertyReport(values=values, wall_time=time.time()))
        device.event(
            "trip", time.time(), cause="overcurrent", value=7.3, limit=5.5, duration_s=60.0
        )
        device.event("low_voltage", time.time(), voltage=180.5)
        device.event("hardware_fault", time.time(), name="contact_welded", error_code=2)
        device.event("notice", time.time(), name="charge_done", text="when active_power < 5")
        await delivered(device)
        reply = await emulator.set_properties(KEY, {"power_switch": 1, "count_down": 600})
        assert (reply.outcome, reply.code) == ("answered", 0)
        reply = await emulator.call_action(KEY, "reset_energy", {})
        assert (reply.outcome, reply.code) == ("answered", 0)
        device.outcome = refused(RefusalKind.TRIPPED, "tripped: overcurrent 7.3 A")
        reply = await emulator.set_properties(KEY, {"power_switch": 1})
        assert (reply.code, reply.message) == (503, "tripped: overcurrent 7.3 A")
        seen = emulator.describe(KEY)
    assert seen["properties"] == {
        "power_switch": 1,
        "voltage": 230.0,
        "current": 3.9,
        "total_kwh": 1.5,
        "count_down": 0,
    }
    assert {event["id"]: event["params"] for event in seen["events"]} == {
        "status_report": {"status": 1, "message": "overcurrent"},
        "low_voltage": {"voltage": 180.5},
        "hardware_fault": {"name": "contact_welded", "error_code": 2},
        "notice": {"name": "charge_done", "text": "when active_power < 5"},
    }
    assert seen["info"] == {"name": "socket-1", "device_label": {"board": "code504"}}
    assert seen["version"]
    assert seen["pending"] == {}
    set_both, action, set_one = device.requests
    assert isinstance(set_both, PropertySet)
    assert set_both.values == {"power_switch": True, "count_down": 600}
    assert set_both.is_live
    assert isinstance(action, ActionCall)
    assert action.name == "reset_energy"
    assert set_one.values == {"power_switch": True}
    assert device.link.counters == Counters(delivered=7)


async def test_who_does_not_know_the_time_asks_for_it_and_leaves_stamps_out():
    async with Emulator(QUICK) as emulator, connected(emulator, is_trusted=False) as device:
        device.event("low_voltage", voltage=180.5)
        await delivered(device)
        await until(lambda: device.times)
        (event,) = emulator.describe(KEY)["events"]
    ((answer, _),) = device.times
    assert answer.server_sent == pytest.approx(time.time(), abs=60)
    assert event["timestamp_ms"] is None


async def test_a_control_that_waited_is_applied_once_as_stored_and_cleared():
    async with Emulator(QUICK) as emulator, connected(emulator) as device:
        emulator.add_fault({"kind": "drop"})
        await emulator.wait_until(lambda: not emulator.is_online(KEY))
        for values in ({"power_switch": 1}, {"power_switch": 0}, {"count_down": 60}):
            reply = await emulator.set_properties(KEY, values)
            assert (reply.outcome, reply.is_pending) == ("offline", True)
        emulator.clear_faults()
        await emulator.wait_until(lambda: sent(emulator, "clear_control"))
        await emulator.wait_until(lambda: not emulator.describe(KEY)["pending"])
        (stored,) = device.requests
        assert isinstance(stored, PropertySet)
        assert stored.values == {"power_switch": False, "count_down": 60}
        assert not stored.is_live
        asked = len(sent(emulator, "get_status"))  # the first session may have ended before that
        emulator.add_fault({"kind": "kick"})
        await until(lambda: device.link.status.sessions == 3)
        await emulator.wait_until(lambda: len(sent(emulator, "get_status")) > asked)
        await delivered(device)
        assert len(device.requests) == 1
        assert len(sent(emulator, "control_reply")) == 1


async def test_a_stored_control_that_is_refused_is_answered_and_does_not_come_again():
    async with Emulator(QUICK) as emulator, connected(emulator) as device:
        device.outcome = refused(RefusalKind.TRIPPED, "tripped: overcurrent 7.3 A")
        emulator.add_fault({"kind": "drop"})
        await emulator.wait_until(lambda: not emulator.is_online(KEY))
        await emulator.set_properties(KEY, {"power_switch": 1})
        emulator.clear_faults()
        await emulator.wait_until(lambda: sent(emulator, "clear_control"))
        await emulator.wait_until(lambda: not emulator.describe(KEY)["pending"])
        (reply,) = sent(emulator, "control_reply")
    assert reply["code"] == 503


async def test_what_is_raised_offline_arrives_once_in_order_with_its_own_stamps():
    stamps = [time.time() - age_s for age_s in (300, 200, 100)]
    async with Emulator(QUICK) as emulator, connected(emulator) as device:
        emulator.add_fault({"kind": "drop"})
        await emulator.wait_until(lambda: not emulator.is_online(KEY))
        before = last_number(emulator)
        for number, stamp in enumerate(stamps):
            device.event("low_voltage", stamp, voltage=180.0 + number)
            values = {"voltage": 180.0 + number}
            device.outbox.append(PropertyReport(values=values, wall_time=stamp))
        assert device.link.pending == 6
        emulator.clear_faults()
        await delivered(device)
        events = emulator.describe(KEY)["events"]
        posts = sent(emulator, "event_post", "report", after=before)
    stamped = [(event["params"]["voltage"], event["timestamp_ms"]) for event in events]
    assert stamped == [(180.0 + n, int(stamp * 1000)) for n, stamp in enumerate(stamps)]
    reports = [body for body in posts if "voltage" in body["params"] and body["method"] == "report"]
    assert [body["timestamp"] for body in reports] == [int(stamp * 1000) for stamp in stamps]
    tokens = [body["clientToken"] for body in posts]
    assert len(tokens) == len(set(tokens))


async def test_a_message_whose_fate_is_unknown_is_sent_again_under_its_own_token():
    async with Emulator(QUICK) as emulator, connected(emulator) as device:
        emulator.add_fault({"kind": "silence"})
        before = last_number(emulator)
        device.event("low_voltage", 1_000.0 + time.time() - 2_000, voltage=180.0)
        await emulator.wait_until(lambda: sent(emulator, "event_post", after=before))
        emulator.clear_faults()
        emulator.add_fault({"kind": "kick"})
        await until(lambda: device.link.status.sessions == 2)
        await delivered(device)
        first, second = sent(emulator, "event_post", after=before)
    assert first == second
    assert device.link.counters.unconfirmed == 0


async def test_two_with_one_identity_learn_that_the_other_is_there():
    async with (
        Emulator(QUICK) as emulator,
        connected(emulator) as first,
        connected(emulator, first_id=900_000) as second,
    ):
        both = (first.link, second.link)
        await until(lambda: any(link.status.is_kicked for link in both))
        kicked = next(link for link in both if link.status.is_kicked)
        assert KICKED in str(kicked.status.last_error)
        assert kicked.status.next_attempt_at - time.monotonic() * SPEED > 30
