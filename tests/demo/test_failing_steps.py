"""Each step of the tour fails when what it promises does not happen, at any of the clouds."""

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agent.demo.tour import STEPS, WITH_SEVERAL
from agent.devices.inputs import Toggle
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.errors import ControlError
from agent.model import Origin, OriginKind
from agent.settings.device import ButtonSettings, IndicatorSettings
from tests.demo.virtual import played, with_api

TWO = ("tencent", "onenet")
DONE = {"tencent": 0, "onenet": 200}
WATCHER = "onenet"
"""The cloud that does not command: it is looked at all the same."""


# ── control APIs that misbehave ─────────────────────────────────────────────────────────────


def editing(cloud, edit):
    """Let the API tell of the device what *edit* makes of it."""

    def change(ask):
        async def bent(method, path, body):
            status, text = await ask(method, path, body)
            if method == "GET" and not path.endswith("/messages"):
                document = json.loads(text)
                edit(document)
                text = json.dumps(document).encode()
            return status, text

        return bent

    return lambda stage: with_api(stage, cloud, change)


def showing(cloud=WATCHER, **values):
    """Let the app show these values, whatever the device reported; None: not at all."""

    def edit(document):
        document["properties"].update(values)
        for name in [name for name, value in values.items() if value is None]:
            del document["properties"][name]

    return editing(cloud, edit)


def telling(events, cloud=WATCHER):
    """Let the app list what *events* makes of the events."""
    return editing(cloud, lambda document: document.update(events=events(document["events"])))


def replying(cloud, **reply):
    """Answer every command like this, and send none."""

    def change(ask):
        async def bent(method, path, body):
            if method == "POST" and path.endswith("/properties"):
                answer = {"code": DONE[cloud], "message": "", "elapsed_ms": 1.0, **reply}
                return 200, json.dumps(answer).encode()
            return await ask(method, path, body)

        return bent

    return lambda stage: with_api(stage, cloud, change)


def without(method, path, cloud="tencent"):
    """Do nothing where that is asked."""

    def change(ask):
        async def bent(asked, where, body):
            if (asked, where) == (method, path):
                return 200, b"{}"
            return await ask(asked, where, body)

        return bent

    return lambda stage: with_api(stage, cloud, change)


def answering(status, text, cloud="tencent"):
    """Answer everything like this."""

    def change(_ask):
        async def bent(_method, _path, _body):
            return status, text

        return bent

    return lambda stage: with_api(stage, cloud, change)


# ── sockets and people that misbehave ───────────────────────────────────────────────────────


class Control:
    def __init__(self, answer: Any = None, error: str = "") -> None:
        self._answer, self._error = answer, error

    async def call(self, _method, _params):
        if self._error:
            raise ControlError(self._error)
        return self._answer


@dataclass
class Outlet:
    """Another outlet, in front of the real one."""

    real: Any
    on_plug: Any

    @property
    def plant(self):
        return self.real.plant

    def plug(self, appliance):
        self.on_plug(self.real, appliance)


def with_outlet(on_plug):
    return lambda stage: replace(stage, outlet=Outlet(stage.outlet, on_plug))


def nothing(_real, _appliance):
    return


def late(real, appliance):
    asyncio.get_running_loop().call_later(0.4, real.plug, appliance)


def with_control(**what):
    return lambda stage: replace(stage, control=Control(**what))


def switched_by_hand(stage):
    """Somebody else opens the contact as soon as something is plugged in."""
    toggle = Toggle(origin=Origin(kind=OriginKind.LOCAL, name="anna"))

    def on_plug(_real, _appliance):
        stage.device.runtime.dispatch(toggle)

    return with_outlet(on_plug)(stage)


def off_instead_of_a_countdown(stage):
    def change(ask):
        async def bent(method, path, body):
            off = json.dumps({"power_switch": 0}).encode()
            return await ask(method, path, off if method == "POST" else body)

        return bent

    return with_api(stage, "tencent", change)


def dark(stage):
    return replace(stage, light=SimulatedIndicator(IndicatorSettings(driver="simulated")))


def with_a_dead_button(stage):
    return replace(stage, button=SimulatedButton(ButtonSettings(driver="simulated")))


def journal(**details):
    row = {"topic": "relay", "name": "on", "details": details}
    return with_control(answer={"rows": [row]})


def twice(events):
    return events + events[-1:]


def as_overvoltage(events):
    return [{**each, "params": {**each["params"], "cause": "overvoltage"}} for each in events]


# ── each step ───────────────────────────────────────────────────────────────────────────────

CASES = {
    "online": [
        (editing(WATCHER, lambda d: d.update(online=False)), "online at onenet: not in time"),
        (editing(WATCHER, lambda d: d["session"].update(tls=False)), "onenet is not over TLS"),
        (answering(404, b'{"error": "no such device"}'), "refuses GET /devices/tencent/"),
        (answering(200, b"<html>"), "does not answer in JSON"),
        (answering(200, b"[]"), "does not answer with an object"),
    ],
    "readings": [
        (showing(voltage=None), "readings at onenet: not in time"),
        (showing(total_energy="much"), "readings at onenet: not in time"),
    ],
    "on": [
        (replying("tencent", code=500, message="no"), "tencent: on was not obeyed: 500: no"),
        (replying("tencent", code=None, message="offline"), "not obeyed: None: offline"),
        (replying("tencent"), "the contact closes: not within 3 s"),
        (showing(power_switch=False), "on at onenet: not in time"),
    ],
    "load": [
        (with_outlet(nothing), "the kettle's power at tencent"),
        (showing(active_power=60.0), "the kettle's power at onenet"),
        (showing(current=0.26), "the kettle's power at onenet"),
        (showing(current=True), "the kettle's power at onenet"),
        (dark, "the light follows the load"),
    ],
    "overload": [
        (with_outlet(nothing), "the overload opens the relay: not within 5"),
        (switched_by_hand, "the contact opened without a trip"),
        (with_outlet(late), "later than 0.5 s"),
    ],
    "event": [
        (replying(WATCHER), "onenet: 'on' was not refused"),
        (replying("tencent", code=None), "tencent: 'on' was not refused"),
        (telling(lambda _events: []), "the trip at onenet: not in time"),
        (telling(twice), "told as overcurrent, overcurrent, not as overcurrent once"),
        (telling(as_overvoltage), "told as overvoltage, not as overcurrent once"),
        (showing(power_switch=True), "off at onenet: not in time"),
    ],
    "reset": [
        (with_control(error="no agent listens"), "no agent listens"),
        (with_control(), "the contact closes: not within 3 s"),
        (showing(power_switch=False), "on at onenet: not in time"),
    ],
    "outage": [
        (without("POST", "/faults"), "the cut of tencent: not in time"),
        (without("DELETE", "/faults"), "tencent and onenet: not online within 30 s"),
        (telling(lambda events: events[:1]), "the trip at onenet: not in time"),
        (telling(lambda events: events[:1] + events[1:] * 2), "not as overcurrent once"),
        (showing(power_switch=True), "off at onenet: not in time"),
    ],
    "click": [
        (with_a_dead_button, "the contact closes: not within 3 s"),
        (showing(power_switch=False), "on at onenet: not in time"),
    ],
    "countdown": [
        (replying("tencent", code=500), "a countdown of 2 s was not obeyed"),
        (replying("tencent"), "the countdown ends: not within 3 s"),
        (off_instead_of_a_countdown, "too early"),
        (showing(power_switch=True), "the end of the countdown at onenet"),
        (showing(count_down=1), "the end of the countdown at onenet"),
    ],
    "clouds": [
        (replying(WATCHER), "off from onenet: not within 3 s"),
        (replying(WATCHER, code=409, message="no"), "onenet: off was not obeyed: 409: no"),
        (showing("tencent", power_switch=0), "on from tencent at tencent: not in time"),
        (showing(power_switch=False), "on from tencent at onenet: not in time"),
    ],
    "why": [
        (with_control(answer={"rows": []}), "no movement of the contact"),
        (journal(by="cloud tencent", request="1"), "moved by cloud tencent"),
        (journal(by="button"), "moved by button, says the journal, not by onenet"),
        (journal(by="cloud onenet", request="1"), "sent no request '1'"),
        (journal(by="cloud onenet"), "sent no request ''"),
    ],
    "off": [
        (replying("tencent", code=500), "tencent: off was not obeyed"),
        (replying("tencent"), "the contact is still closed"),
        (showing(power_switch=True), "off at onenet: not in time"),
    ],
}
ON = ("online", "on")
TRIPPED = (*ON, "overload")
BEFORE = {
    "readings": ("online",),
    "on": ("online",),
    "load": ON,
    "overload": ON,
    "event": TRIPPED,
    "reset": TRIPPED,
    "outage": (*TRIPPED, "event", "reset"),
    "click": TRIPPED,
    "countdown": ON,
    "clouds": ("online",),
    "why": ("online", "clouds"),
    "off": ON,
}
"""What has to happen for a step to be possible."""

FLAT = [
    pytest.param(step, spoil, why, id=f"{step}-{number}")
    for step, cases in CASES.items()
    for number, (spoil, why) in enumerate(cases)
]


def test_there_is_a_way_to_fail_for_every_step():
    assert set(CASES) == {*STEPS, *WITH_SEVERAL}


@pytest.mark.parametrize(("step", "spoil", "why"), FLAT)
def test_a_step_that_does_not_happen_ends_the_tour(step, spoil, why):
    only = (*BEFORE.get(step, ()), step)
    *before, (name, happened, seen) = played(TWO, step, spoil, only=only)
    assert all(each for _, each, _ in before)
    assert (name, happened) == (step, False), seen
    assert why in seen
