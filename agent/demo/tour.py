"""The tour: what the socket does, step by step, each measured and each able to fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

from agent.demo.stage import DemoError, Stage, until
from agent.devices.socket.indication import load_color
from agent.drivers.simulated.appliances import make
from agent.errors import AgentError

Step = Callable[[Stage], Awaitable[str]]

KETTLE_W: Final = 900.0
OVERLOAD_W: Final = 3500.0
REACTION_S: Final = 0.5
RECONNECT_S: Final = 14.0


async def online(stage: Stage) -> str:
    """See the device come online over TLS, signed with its secret."""
    device = await _cloud_until(stage, lambda d: bool(d["online"]), 10, "online")
    session = device["session"]
    if not session["tls"]:
        raise DemoError("the session is not over TLS")
    return f"{stage.cloud.product}:{stage.cloud.name} is online over TLS, its certificate checked"


async def readings(stage: Stage) -> str:
    """See the meter's frames become values that the cloud accepts."""
    wanted = {"voltage", "current", "active_power", "total_kwh"}
    device = await _cloud_until(stage, lambda d: wanted <= set(d["properties"]), 8, "readings")
    shown = device["properties"]
    return f"{shown['voltage']} V, {shown['active_power']} W, {shown['total_kwh']} kWh reported"


async def switched_on(stage: Stage) -> str:
    """Switch on from the cloud, and see the device answer."""
    reply = await _command(stage, power_switch=1)
    await until(lambda: stage.meter.plant.is_closed, 2, "the contact closes")
    return f"from the cloud, answered in {reply['elapsed_ms']:.1f} ms, the contact is closed"


async def kettle(stage: Stage) -> str:
    """Plug in a travel kettle of 900 W; see the report and the light follow."""
    stage.meter.plug(make("kettle", KETTLE_W))

    def is_boiling(device: dict[str, Any]) -> bool:
        shown = device["properties"]
        watts, amps = float(shown["active_power"]), float(shown["current"])
        return abs(watts - KETTLE_W) < KETTLE_W / 50 and abs(amps * 230 - KETTLE_W) < KETTLE_W / 20

    device = await _cloud_until(stage, is_boiling, 6, "the kettle's power is reported")
    red = load_color(KETTLE_W)
    await until(lambda: _is_hue(stage, red.red, red.blue), 4, "the light follows the load")
    shown = device["properties"]
    return f"{shown['active_power']} W and {shown['current']} A reported, the light breathes red"


async def overload(stage: Stage) -> str:
    """Plug in an overload; measure from the plug until the relay opens on evidence."""
    await until(lambda: not _is_inrush(stage), 4, "the inrush window ends")
    return await _trip(stage)


async def event(stage: Stage) -> str:
    """See the trip at the cloud as an event, and that the cloud may not undo it at once."""

    def is_told(device: dict[str, Any]) -> bool:
        return any(e["params"].get("message") == "overcurrent" for e in device["events"])

    await _cloud_until(stage, is_told, 5, "the event reaches the cloud")
    reply = await stage.cloud.set({"power_switch": 1})
    if reply.get("code") in {0, None} or stage.meter.plant.is_closed:
        raise DemoError("the cloud closed a tripped relay")
    return f"overcurrent at the cloud; its 'on' is refused with {reply['code']}: {reply['message']}"


async def reset(stage: Stage) -> str:
    """Reset the trip as a person does, by the local control socket."""
    stage.meter.plug(make("lamp"))
    await asyncio.to_thread(stage.control.call, "set", {"values": {"power_switch": True}})
    await until(lambda: stage.meter.plant.is_closed, 3, "the contact closes")
    return "by the local control socket; a lamp is on"


async def outage(stage: Stage) -> str:
    """Cut the network, trip meanwhile, and see what was pending arrive when it is back."""
    link = stage.service.devices["demo"].links
    assert link is not None
    tencent = link.links["tencent"]
    sessions = tencent.status.sessions
    before = len((await stage.cloud.device())["events"])
    await stage.cloud.fault("drop")
    await until(lambda: not tencent.status.is_connected, 5, "the cut is noticed")
    stage.meter.plug(make("kettle", KETTLE_W))
    await asyncio.sleep(2.0)
    told = await _trip(stage)
    pending = tencent.pending
    if not pending:
        raise DemoError("nothing waits for the network")
    await stage.cloud.heal()
    took_s = await until(lambda: tencent.status.sessions > sessions, RECONNECT_S, "online again")
    await until(lambda: not tencent.pending, 5, "what was pending arrives")
    after = len((await stage.cloud.device())["events"])
    if after != before + 1:
        raise DemoError(f"{after - before} events arrived, not the 1 that was raised offline")
    return f"{told} offline; {pending} messages waited, all arrived {took_s:.1f} s after the cut"


async def click(stage: Stage) -> str:
    """Click the button: it resets the trip and closes."""
    stage.meter.plug(make("lamp"))
    await stage.click()
    await until(lambda: stage.meter.plant.is_closed, 3, "the contact closes")
    if stage.state.trip is not None:
        raise DemoError("the trip is still latched")
    return "one click resets the trip and closes"


async def countdown(stage: Stage) -> str:
    """Set a countdown of two seconds and see the relay flip at zero."""
    await _command(stage, count_down=2)
    took_s = await until(lambda: not stage.meter.plant.is_closed, 3, "the countdown ends")
    if took_s < 1.5:
        raise DemoError(f"it flipped after {took_s:.2f} s, too early")
    return f"flipped off {took_s:.2f} s after 2 s were set"


async def off(stage: Stage) -> str:
    """Switch off from the cloud, and tell the energy that was counted."""
    reply = await _command(stage, power_switch=0)
    if stage.meter.plant.is_closed:
        raise DemoError("the contact is still closed")
    joules = stage.state.energy.total_mj / 1000
    return (
        f"answered in {reply['elapsed_ms']:.1f} ms; {joules:.0f} J counted from the chip's pulses"
    )


STEPS: Final[dict[str, Step]] = {
    "online": online,
    "readings": readings,
    "on": switched_on,
    "kettle": kettle,
    "overload": overload,
    "event": event,
    "reset": reset,
    "outage": outage,
    "click": click,
    "countdown": countdown,
    "off": off,
}


async def play(
    stage: Stage, steps: Mapping[str, Step] = STEPS
) -> AsyncIterator[tuple[str, bool, str]]:
    """Play every step: its name, whether it really happened, and what was seen.

    The first step that fails ends the tour.
    """
    for name, step in steps.items():
        try:
            seen = await step(stage)
        except AgentError as error:
            yield name, False, str(error)
            return
        yield name, True, seen


async def _trip(stage: Stage) -> str:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    stage.meter.plug(make("overload", OVERLOAD_W))
    await until(lambda: not stage.meter.plant.is_closed, 5, "the overload opens the relay")
    took_s = loop.time() - begin
    trip = stage.state.trip
    if trip is None:
        raise DemoError("the contact opened without a trip")
    if took_s > REACTION_S:
        raise DemoError(f"the relay opened after {took_s:.2f} s, later than {REACTION_S} s")
    return f"{trip.describe()} opened the relay {took_s:.2f} s after the step ({trip.evidence})"


async def _command(stage: Stage, **values: object) -> dict[str, Any]:
    reply = await stage.cloud.set(values)
    if reply.get("code") != 0:
        raise DemoError(f"the device did not obey {values}: {reply}")
    return reply


async def _cloud_until(
    stage: Stage, condition: Callable[[dict[str, Any]], bool], seconds: float, what: str
) -> dict[str, Any]:
    """Ask the cloud until *condition* holds for the device."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                device = await stage.cloud.device()
                if condition(device):
                    return device
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise DemoError(f"{what}: not within {seconds:g} s") from None


def _is_inrush(stage: Stage) -> bool:
    now = asyncio.get_running_loop().time()
    return now - stage.state.changed_at < 2.0


def _is_hue(stage: Stage, red: int, blue: int) -> bool:
    shown = stage.light.color
    return (shown.red > 0) is (red > 0) and (shown.blue > 0) is (blue > 0)
