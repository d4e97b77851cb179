"""Control APIs, sockets and people that misbehave: each makes another stage of a good one."""

import asyncio
import json
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from agent.devices.inputs import Toggle
from agent.drivers.simulated.button import SimulatedButton
from agent.drivers.simulated.indicator import SimulatedIndicator
from agent.errors import ControlError
from agent.model import Origin, OriginKind
from agent.settings.device import ButtonSettings, IndicatorSettings
from tests.demo.virtual import with_api

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


def blind(*methods):
    """Let some methods of the control socket do nothing."""

    class Blind:
        def __init__(self, real):
            self._real = real

        async def call(self, method, params):
            if method in methods:
                return {"rows": []}
            return await self._real.call(method, params)

    return lambda stage: replace(stage, control=Blind(stage.control))


without_a_rule = blind("rule_add", "rule_remove")


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


def toggling(times):
    """Somebody at the socket switches *times* while a cloud is refused."""
    toggle = Toggle(origin=Origin(kind=OriginKind.LOCAL, name="anna"))

    def spoil(stage):
        def change(ask):
            async def bent(method, path, body):
                answer = await ask(method, path, body)
                if method == "POST":
                    for _ in range(times):
                        stage.device.runtime.dispatch(toggle)
                return answer

            return bent

        return with_api(stage, WATCHER, change)

    return spoil


def with_nothing_pending(stage):
    links = SimpleNamespace(links={name: Idle(link) for name, link in links_of(stage).items()})
    return replace(stage, device=SimpleNamespace(runtime=stage.device.runtime, links=links))


def links_of(stage):
    return stage.device.links.links


@dataclass
class Idle:
    """A link that says it has nothing to deliver."""

    real: Any
    pending: int = 0

    @property
    def status(self):
        return self.real.status


def closed_all_the_same(stage):
    """Tell of a closed contact, whatever the button does."""
    outlet = SimpleNamespace(plant=SimpleNamespace(is_closed=True), plug=stage.outlet.plug)
    return replace(with_a_dead_button(stage), outlet=outlet)


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
