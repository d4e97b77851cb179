"""The steps of a declared device's tour; each is checked at every cloud there is."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, cast

from agent.demo.app import DemoError
from agent.demo.declared.file import WARM_UP_S, another, usual
from agent.demo.declared.stage import OwnStage
from agent.demo.network import back, cut, drained, waiting
from agent.demo.watch import ARRIVES_S, View, everywhere, listed, look, until
from agent.model import Value
from agent.settings.smoothing import parse_warm_up
from agent.thing import Kind

BRIGHT: Final = 40
AGAIN_S: Final = 0.5
RULE: Final = "demo"
ACTS_S: Final = 20.0
"""A filter of many values takes so long."""

STALE: Final = "nobody knows"
"""A legacy platform may have sent a toggle before the connect: it is refused for some seconds."""


async def warming(stage: OwnStage) -> str:
    """See that what warms up is told nowhere, while everything else is."""
    cold = _warming(stage)
    await everywhere(stage, "the others", lambda view: view.keys() >= _told(stage) - cold)
    for cloud in stage.clouds:
        early = cold & (await cloud.shown()).keys()
        if early and stage.snapshot[next(iter(early))] is None:
            raise DemoError(f"{cloud.name} was told {', '.join(sorted(early))} before it was warm")
    names = ", ".join(name for name in stage.settings.sensors if name in cold)
    return f"{names} not told while warming up ({WARM_UP_S:g} s here), the others are"


async def values(stage: OwnStage) -> str:
    """See everything arrive at every cloud, by the device's own names."""
    wanted = _told(stage)
    await until(lambda: None not in stage.snapshot.values(), WARM_UP_S + ARRIVES_S, "all is known")
    await everywhere(stage, "all values", lambda view: _agrees(stage, view, wanted))
    return f"{_listed(stage, wanted)} at {listed(stage.clouds)}"


async def changed(stage: OwnStage) -> str:
    """Move a sensor; see the new value arrive."""
    name, section = next(iter(stage.numbers.items()))
    value = another(section)
    stage.show(name, value)
    await _shows(stage, {name: value})
    return f"{name} moved to {_number(stage, name)}, as {_show(stage)}"


async def lost(stage: OwnStage) -> str:
    """Break a sensor: unknown and never 0; mend it, and it is told again."""
    name, section = list(stage.numbers.items())[-1]
    stage.sensors[name].fault = "error"
    await until(lambda: stage.snapshot[name] is None, ARRIVES_S, f"{name} is not known")
    why = await _error(stage, name)
    await _unchanged(stage, name)
    stage.sensors[name].fault = "none"
    stage.show(name, another(section))
    wait_s = parse_warm_up(section.warm_up) + 2 * ARRIVES_S
    await _shows(stage, {name: another(section)}, wait_s)
    return f"{name} unknown while it cannot be read ({why}), left out, never 0; found again"


async def switched(stage: OwnStage) -> str:
    """Set every output from the first cloud; every cloud sees it."""
    told: list[str] = []
    for name, value in _outputs(stage).items():
        answer_ms = await stage.first.order(name, value)
        await _shows(stage, {name: value})
        told.append(f"{name} {_word(value)} in {answer_ms:.1f} ms")
    return f"from {stage.first.name}: {', '.join(told)}; {_show(stage)} it"


async def words(stage: OwnStage) -> str:
    """Send off, on, toggle and toggle as the old platform's commands."""
    name = stage.thing.switch
    assert name is not None, "only with a switch"
    position = stage.snapshot[name] is True
    for word in ("off", "on", "toggle", "toggle"):
        position = not position if word == "toggle" else word == "on"
        await _say(stage, word)
        await _shows(stage, {name: position})
    return f"$creq off, on, toggle, toggle: {name} followed each, answered on $crsp"


async def rule(stage: OwnStage) -> str:
    """Let the device act by itself: a rule that is written while it runs."""
    name, section = next(iter(stage.numbers.items()))
    high, low = sorted((usual(section), another(section)), reverse=True)
    stage.show(name, low)
    await _shows(stage, {name: low})
    does = f"event {RULE}"
    main = stage.thing.switch
    if main is not None:
        await stage.control.call("set", {"values": {main: False}})
        does = f"set {main} = on"
    text = f"when {name} > {(high + low) / 2:g}: {does}"
    await stage.control.call("rule_add", {"name": RULE, "text": text})
    stage.show(name, high)
    await (_noticed(stage) if main is None else _shows(stage, {main: True}, ACTS_S))
    await _shows(stage, {name: high})
    await stage.control.call("rule_remove", {"name": RULE})
    return f"'{text}' acted when {name} rose, as {_show(stage)}"


async def outage(stage: OwnStage) -> str:
    """Cut the network; what changes meanwhile arrives when it is back."""
    cut_at = asyncio.get_running_loop().time()
    sessions = await cut(stage)
    meanwhile = _meanwhile(stage)
    main = stage.thing.switch
    if main is not None:
        await stage.control.call("set", {"values": {main: meanwhile[main]}})
    for name, section in list(stage.numbers.items())[:1]:
        meanwhile[name] = _other(stage, name, (usual(section), another(section)))
        stage.show(name, float(meanwhile[name]))
    await until(lambda: _is(stage.snapshot, meanwhile), ACTS_S, "it goes on by itself")
    await until(lambda: all(stage.link(c).pending for c in stage.clouds), ARRIVES_S, "it waits")
    waited = waiting(stage)
    await stage.first.api.heal()
    came = await back(stage, sessions, cut_at)
    await drained(stage)
    await _shows(stage, meanwhile)
    counts = ", ".join(f"{name} ({count})" for name, count in waited.items())
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in came.items())
    return f"{_listed(stage, meanwhile)} meanwhile; waited for {counts}; back after {times}"


async def off(stage: OwnStage) -> str:
    """Switch everything off from the last cloud."""
    last = stage.clouds[-1]
    for name, value in stage.thing.outputs().items():
        await last.order(name, value)
    await _shows(stage, stage.thing.outputs())
    return f"{', '.join(stage.thing.outputs())} off from {last.name}"


def _warming(stage: OwnStage) -> set[str]:
    sensors = stage.settings.sensors.items()
    return {name for name, each in sensors if parse_warm_up(each.warm_up)}


def _told(stage: OwnStage) -> set[str]:
    return {row.field.name for row in stage.thing.properties}


def _outputs(stage: OwnStage) -> dict[str, Value]:
    """Tell where each output is switched to: on, or half-bright."""
    rows = {row.field.name: row.field.kind for row in stage.thing.properties}
    return {name: True if rows[name] is Kind.BOOL else BRIGHT for name in stage.thing.outputs()}


def _meanwhile(stage: OwnStage) -> dict[str, Value]:
    main = stage.thing.switch
    return {} if main is None else {main: stage.snapshot[main] is not True}


def _other(stage: OwnStage, name: str, pair: tuple[float, float]) -> float:
    """Choose the one of *pair* that it does not show now."""
    return pair[1] if _close(stage.snapshot[name], pair[0]) else pair[0]


async def _say(stage: OwnStage, word: str) -> None:
    """Send a word until it is no more refused as one that may be stale."""
    deadline = asyncio.get_running_loop().time() + ARRIVES_S
    while STALE in str((await stage.first.api.command(word)).get("message")):
        if asyncio.get_running_loop().time() > deadline:
            raise DemoError(f"{word}: refused for {ARRIVES_S:g} s")
        await asyncio.sleep(AGAIN_S)


async def _shows(stage: OwnStage, wanted: Mapping[str, Value], seconds: float = ARRIVES_S) -> None:
    what = ", ".join(f"{name} = {value}" for name, value in wanted.items())
    await everywhere(stage, what, lambda view: _is(view, wanted), seconds)


def _agrees(stage: OwnStage, view: View, names: set[str]) -> bool:
    return _is(view, {name: cast("Value", stage.snapshot[name]) for name in names})


def _is(view: Mapping[str, Any], wanted: Mapping[str, Value]) -> bool:
    return all(_close(view.get(name), value) for name, value in wanted.items())


def _close(seen: object, value: Value) -> bool:
    """Compare; a number may have been rounded for the wire, and true is no 1."""
    if isinstance(seen, bool) or isinstance(value, bool | str) or seen is None:
        return seen is value
    return isinstance(seen, int | float) and abs(seen - value) <= 1e-6 * max(1.0, abs(value))


async def _noticed(stage: OwnStage) -> None:
    deadline = asyncio.get_running_loop().time() + ACTS_S
    for cloud in stage.clouds:
        await look(
            cloud.notices, lambda names: RULE in names, deadline, f"the notice at {cloud.name}"
        )


async def _error(stage: OwnStage, name: str) -> str:
    answer = cast("Mapping[str, Any]", await stage.control.call("status", {}))
    return str(answer["devices"][0]["sensor_errors"][name])


async def _unchanged(stage: OwnStage, name: str) -> None:
    """See that no cloud was told 0, or anything else, of what is not known."""
    before = [(await each.shown())[name] for each in stage.clouds]
    await asyncio.sleep(1)
    for cloud, value in zip(stage.clouds, before, strict=True):
        if (await cloud.shown())[name] != value:
            raise DemoError(f"{cloud.name} was told a value of {name}, which is not known")


def _listed(stage: OwnStage, names: set[str] | Mapping[str, Value]) -> str:
    own = [row.field.name for row in stage.thing.properties if row.field.name in names]
    return ", ".join(f"{name} {_number(stage, name)}" for name in own)


def _number(stage: OwnStage, name: str) -> str:
    row = stage.thing.property(name)
    assert row is not None
    value = stage.snapshot[name]
    return _word(value) if isinstance(value, bool) else f"{value} {row.field.unit}".rstrip()


def _word(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _show(stage: OwnStage) -> str:
    return f"{listed(stage.clouds)} show" + ("s" if len(stage.clouds) == 1 else "")
