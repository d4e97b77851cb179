"""The steps of the tour that one cloud is enough for; each is checked at every cloud there is."""

import asyncio
from collections.abc import Callable
from typing import Final

from agent.demo.app import DemoError
from agent.demo.stage import Stage
from agent.demo.watch import (
    ARRIVES_S,
    View,
    closes,
    everywhere,
    listed,
    look,
    number,
    shows,
    until,
)
from agent.devices.socket.themes import RED
from agent.drivers.simulated.appliances import make

KETTLE_W: Final = 900.0
OVERLOAD_W: Final = 3500.0
MAINS_V: Final = 230.0
REACTION_S: Final = 0.5
INRUSH_S: Final = 2.0
COUNTDOWN_S: Final = 2
MJ_PER_J: Final = 1000

READINGS: Final = ("voltage", "current", "active_power", "total_energy")
ON: Final = shows(power_switch=True)
OFF: Final = shows(power_switch=False)


async def readings(stage: Stage) -> str:
    """See the meter's frames become values that every cloud accepts."""
    views = await everywhere(stage, "readings", _has_readings)
    told = views[0]
    return (
        f"{told['voltage']} V, {told['active_power']} W, {told['total_energy']} kWh"
        f" at {listed(stage.clouds)}"
    )


async def switched_on(stage: Stage) -> str:
    """Switch on from the first cloud: the device answers, and every cloud shows it."""
    answer_ms = await stage.first.switch(on=True)
    await closes(stage)
    await everywhere(stage, "on", ON)
    return f"{_answered(stage, answer_ms)}, the contact is closed{_seen_by(stage)}"


async def load(stage: Stage) -> str:
    """Plug in a travel kettle of 900 W; see the reports and the light follow."""
    stage.outlet.plug(make("kettle", KETTLE_W))
    views = await everywhere(stage, "the kettle's power", _boils)
    await until(lambda: _is_hue(stage, RED.red, RED.blue), 4, "the light follows the load")
    told = views[0]
    return (
        f"{told['active_power']} W and {told['current']} A at {listed(stage.clouds)},"
        " the light breathes red"
    )


async def overload(stage: Stage) -> str:
    """Plug in an overload; measure from the plug until the relay opens on evidence."""
    await until(lambda: not _is_inrush(stage), 4, "the inrush window ends")
    return await trip(stage)


async def event(stage: Stage) -> str:
    """See that no cloud may undo the trip at once, and every cloud told of it, once."""
    refusals = [await each.refusal() for each in stage.clouds]
    if stage.is_closed:
        raise DemoError("a cloud closed a tripped relay")
    await told_once(stage, dict.fromkeys((each.name for each in stage.clouds), 0))
    await everywhere(stage, "off", OFF)
    whose = "its 'on' is" if len(stage.clouds) == 1 else "the 'on' of each is"
    return f"{_cause(stage)} at {listed(stage.clouds)}; {whose} refused with {refusals[0]}"


async def reset(stage: Stage) -> str:
    """Reset the trip as a person does, by the local control socket."""
    stage.outlet.plug(make("lamp"))
    await stage.control.call("set", {"values": {"power_switch": True}})
    await closes(stage)
    await everywhere(stage, "on", ON)
    return f"by the local control socket; a lamp is on{_seen_by(stage)}"


async def click(stage: Stage) -> str:
    """Click the button: it resets the trip and closes."""
    stage.outlet.plug(make("lamp"))
    await stage.click()
    await closes(stage)
    if stage.state.trip is not None:
        raise DemoError("the trip is still latched")
    await everywhere(stage, "on", ON)
    return f"one click resets the trip and closes{_seen_by(stage)}"


async def countdown(stage: Stage) -> str:
    """Set a countdown of two seconds and see the relay flip at zero."""
    await stage.first.count_down(COUNTDOWN_S, to=False)
    took_s = await until(lambda: not stage.is_closed, COUNTDOWN_S + 1, "the countdown ends")
    if took_s < COUNTDOWN_S - 0.5:
        raise DemoError(f"it flipped after {took_s:.2f} s, too early")
    await everywhere(stage, "the end of the countdown", lambda v: OFF(v) and _is_at_zero(v))
    return f"flipped off {took_s:.2f} s after {COUNTDOWN_S} s were set{_seen_by(stage)}"


async def off(stage: Stage) -> str:
    """Switch off from the first cloud, and tell the energy that was counted."""
    if not stage.is_closed:
        await stage.control.call("set", {"values": {"power_switch": True}})
        await closes(stage)
        await everywhere(stage, "on", ON)
    answer_ms = await stage.first.switch(on=False)
    if stage.is_closed:
        raise DemoError("the contact is still closed")
    await everywhere(stage, "off", OFF)
    joules = stage.state.energy.total_mj / MJ_PER_J
    return f"{_answered(stage, answer_ms)}; {joules:.0f} J counted from the chip's pulses"


async def trip(stage: Stage) -> str:
    """Plug in an overload and time the relay."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    stage.outlet.plug(make("overload", OVERLOAD_W))
    await until(lambda: not stage.is_closed, 5, "the overload opens the relay")
    took_s = loop.time() - begin
    found = stage.state.trip
    if found is None:
        raise DemoError("the contact opened without a trip")
    if took_s > REACTION_S:
        raise DemoError(f"the relay opened after {took_s:.2f} s, later than {REACTION_S} s")
    return f"{found.describe()} opened the relay {took_s:.2f} s after the step ({found.evidence})"


async def told_once(stage: Stage, before: dict[str, int], seconds: float = ARRIVES_S) -> None:
    """See every cloud told of one trip more than *before*, as the socket knows it."""
    cause = _cause(stage)
    deadline = asyncio.get_running_loop().time() + seconds
    for cloud in stage.clouds:
        known, what = before[cloud.name], f"the trip at {cloud.name}"
        causes = await look(cloud.trips, _more_than(known), deadline, what)
        if causes[known:] != [cause]:
            raise DemoError(f"{what}: told as {', '.join(causes[known:])}, not as {cause} once")


def _cause(stage: Stage) -> str:
    found = stage.state.trip
    if found is None:
        raise DemoError("the trip is not latched")
    return found.cause


def _more_than(known: int) -> Callable[[list[str]], bool]:
    return lambda causes: len(causes) > known


def _answered(stage: Stage, answer_ms: float) -> str:
    return f"from {stage.first.name}, answered in {answer_ms:.1f} ms"


def _seen_by(stage: Stage) -> str:
    return f", as {listed(stage.clouds)} show" + ("s" if len(stage.clouds) == 1 else "")


def _has_readings(view: View) -> bool:
    return all(number(view, name) >= 0 for name in READINGS)


def _boils(view: View) -> bool:
    watts, amps = number(view, "active_power"), number(view, "current")
    is_power = abs(watts - KETTLE_W) < KETTLE_W / 50
    return is_power and abs(amps * MAINS_V - KETTLE_W) < KETTLE_W / 20


def _is_at_zero(view: View) -> bool:
    return number(view, "count_down") == 0


def _is_inrush(stage: Stage) -> bool:
    return asyncio.get_running_loop().time() - stage.state.changed_at < INRUSH_S


def _is_hue(stage: Stage, red: int, blue: int) -> bool:
    shown = stage.light.color
    return (shown.red > 0) is (red > 0) and (shown.blue > 0) is (blue > 0)
