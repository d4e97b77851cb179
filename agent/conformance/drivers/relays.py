"""Rules of relays: a contact that stands where it was put, at once, and never by surprise."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from time import perf_counter
from typing import Any, Final

from agent.attempt import Attempt, tried
from agent.conformance.drivers.bench import Bench, raised, slowness, wrong_error
from agent.conformance.drivers.lines import line_faults
from agent.conformance.drivers.rule import DriverRule
from agent.conformance.drivers.shared import Ways, shared_rules
from agent.conformance.drivers.stands import Fault, RelayStand
from agent.conformance.rule import shown
from agent.errors import DriverError
from agent.ports import Confirmed, Line, Relay, RelayDriver

RELAY: Final = "relay"
SOON_S: Final = 0.5
"""The fastest of several commands is carried out by then, over any bus."""

PATTERN: Final = (True, False, True, True, False, False, True, False)


async def _set(relay: Relay) -> None:
    relay.set(on=True)
    relay.set(on=False)


async def _doubts(bench: Bench[Any], relay: Relay) -> bool:
    """Tell whether a relay that learns later said so, and raises when it is driven again."""
    if not isinstance(relay, Confirmed):
        return False
    told: list[bool] = []
    relay.on_doubt(lambda: told.append(True))
    if not await bench.eventually(lambda: bool(told), share=0.5):
        return False
    relay.set(on=False)
    return False


def standing(*, on: bool) -> str:
    """Say where a contact stands."""
    return "closed" if on else "open"


async def _stands(bench: Bench[RelayStand], relay: Relay, *, on: bool) -> bool:
    """Tell whether the contact stands there: at once, unless it learns that only later."""
    if not isinstance(relay, Confirmed):
        return bench.stand.is_on() is on
    return await bench.eventually(lambda: bench.stand.is_on() is on)


def changes(was: object, moves: Sequence[object]) -> list[object]:
    """List what *moves* changed, one after the other."""
    found: list[object] = [was]
    for each in moves:
        if each != found[-1]:
            found.append(each)
    return found[1:]


async def _opens_at_level(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    stand = bench.stand
    for was, on in ((False, False), (False, True), (True, False), (True, True)):
        stand.put(on=was)
        seen = len(stand.moves)
        async with stand.driver().open(on=on) as relay:
            if not await _stands(bench, relay, on=on):
                yield f"opened as {standing(on=on)}, the contact stands {standing(on=not on)}"
            moved = changes(was, stand.moves[seen:])
            if moved != [on] * (was is not on):
                way = ", ".join(standing(on=bool(each)) for each in moved)
                yield f"opened as {standing(on=on)} from {standing(on=was)}, it went: {way}"


async def _obeys(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    took: list[float] = []
    async with bench.stand.driver().open(on=False) as relay:
        for on in PATTERN:
            was, began = bench.stand.is_on(), perf_counter()
            relay.set(on=on)
            if not await _stands(bench, relay, on=on):
                yield f"after set(on={on}) the contact stands {standing(on=not on)}"
            elif was is not on:
                took.append(perf_counter() - began)
        if took and min(took) > SOON_S:
            yield f"the contact follows after {min(took):.1f} s, each time"
        for on in PATTERN:
            relay.set(on=on)
        if not await _stands(bench, relay, on=PATTERN[-1]):
            yield "of many set in a row it is not the last that holds"


async def _at_once(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    async with bench.stand.driver().open(on=False) as relay:
        wrong = slowness(lambda: relay.set(on=False))
        if wrong is not None:
            yield f"set {wrong}"
            return
        if Fault.SILENT not in bench.stand.faults:
            return
        with bench.silent() as was_freed:
            _, error = tried(lambda: relay.set(on=True))
            if was_freed.is_set():
                yield "set waits for the hardware to answer"
            wrong = wrong_error(error)
            if wrong is not None:
                yield f"set, while the hardware does not answer: {wrong}"
            tried(lambda: relay.set(on=False))


async def _never_closes(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    driver = bench.stand.driver()
    async with driver.open(on=True) as relay:
        relay.set(on=False)
        await _stands(bench, relay, on=False)
        seen = len(bench.stand.moves)
    await asyncio.sleep(0)
    if bench.stand.is_on() or True in bench.stand.moves[seen:]:
        yield "left with its contact open, it closes it"


async def _last_word(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    """Leave it as a device ends: by itself, or by the fault of another part."""
    for how, error in (("at once", None), ("by an error", DriverError("of another part"))):
        with Attempt():
            async with bench.stand.driver().open(on=True) as relay:
                await _stands(bench, relay, on=True)
                relay.set(on=False)
                if error is not None:
                    raise error
        if not await bench.eventually(lambda: not bench.stand.is_on()):
            yield f"set open and left {how}, it leaves its contact closed"


async def _doubted(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    """Leave it twice: as it was confirmed, and where nothing could confirm it."""
    async with bench.stand.driver().open(on=False) as relay:
        if not isinstance(relay, Confirmed):
            return
        left = relay
        await _stands(bench, relay, on=False)
        await bench.eventually(lambda: not left.is_in_doubt)
    if left.is_in_doubt:
        yield "left as it was confirmed, it is in doubt"
    lost = [each for each in (Fault.GONE, Fault.SILENT) if each in bench.stand.faults]
    for fault in lost[:1]:
        async with bench.stand.driver().open(on=True) as relay:
            assert isinstance(relay, Confirmed), "it was a moment ago"
            left = relay
            await _stands(bench, relay, on=True)
            bench.stand.make(fault)
            tried(partial(relay.set, on=False))
        bench.stand.make(None)
        if not left.is_in_doubt:
            yield f"set and left while the hardware is {fault}, it is not in doubt"


async def _line(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    async with bench.stand.driver().open(on=False) as relay:
        line, descriptor = relay.line, relay.descriptor
        if line is not None:
            for fault in line_faults(line):
                yield fault
            relay.set(on=True)
            if relay.line != line:
                yield "the line is another one when the contact is closed"
        elif descriptor is not None:
            yield "it has a descriptor, which outlives the process, and no line"
        if descriptor is not None and _is_closed(descriptor):
            yield f"its descriptor {shown(descriptor)} is none"
    if descriptor is not None and not _is_closed(descriptor):
        yield "its descriptor is open when it is left"


def _is_closed(descriptor: int) -> bool:
    return tried(partial(os.fstat, descriptor))[1] is not None


async def _probes(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    driver, stand = bench.stand.driver(), bench.stand
    seen = len(stand.moves)
    reading, writing = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    try:
        for what, held in (("a pipe", reading), ("/dev/null", null), ("no descriptor", 1_000_000)):
            found, error = tried(partial(driver.probe, held))
            if error is not None:
                yield f"probe of {what} raised {raised(error)}"
            elif found is not None:
                yield f"probe takes {what} for its line"
            if held in (reading, null) and _is_closed(held):
                yield f"probe closes {what}"
    finally:
        for each in (reading, writing, null):
            os.close(each)
    if len(stand.moves) != seen:
        yield "probe moves the contact"


async def _takes_over(bench: Bench[RelayStand]) -> AsyncGenerator[str, None]:
    """Hold a copy of the claim, as a service manager does, and hand it to the next process."""
    stand = bench.stand
    for on in (False, True):
        async with stand.driver().open(on=on) as relay:
            line, descriptor = relay.line, relay.descriptor
            held = None if descriptor is None else os.dup(descriptor)
        if held is None:
            return
        stand.put(on=on)
        async for what in _taken(bench, stand.driver(), held, line, on=on):
            yield what


async def _taken(
    bench: Bench[RelayStand], driver: RelayDriver, held: int, line: Line | None, *, on: bool
) -> AsyncGenerator[str, None]:
    seen = len(bench.stand.moves)
    found = driver.probe(held)
    if found is None or found.line != line or found.is_on is not on:
        yield f"probe of its own claim, {standing(on=on)}, finds {shown(found)}"
        os.close(held)
        return
    async with driver.open(on=on, held=held):
        moved = changes(on, bench.stand.moves[seen:])
        if moved or bench.stand.is_on() is not on:
            yield f"a claim that is taken over moves the contact: {shown(moved)}"


WAYS_OF_RELAYS: Final[Ways[RelayDriver, Relay]] = Ways(
    role=RELAY,
    enter=lambda driver: driver.open(on=False),
    use=_set,
    failing=(Fault.GONE, Fault.ERROR, Fault.BUSY, Fault.SILENT),
    tells=_doubts,
    is_claimed=True,
)
RELAY_RULES: Final[tuple[DriverRule[RelayStand], ...]] = (
    DriverRule(
        name="relay-opens-at-level",
        statement="opened, the contact stands where it shall, and went there without a blip",
        check=_opens_at_level,
    ),
    DriverRule(
        name="relay-obeys",
        statement="the contact follows every set, and the last of many",
        check=_obeys,
    ),
    DriverRule(
        name="relay-at-once",
        statement="set returns at once, also while the hardware does not answer",
        check=_at_once,
    ),
    DriverRule(
        name="relay-never-closes",
        statement="leaving a relay never closes its contact",
        check=_never_closes,
    ),
    DriverRule(
        name="relay-last-word",
        statement="what was set last right before it is left still reaches the contact",
        check=_last_word,
    ),
    DriverRule(
        name="relay-doubted",
        statement="one that learns later says at its end whether it stands where it was left",
        check=_doubted,
    ),
    DriverRule(
        name="relay-line",
        statement="what outlives the process is named as the stop guard can reach it",
        check=_line,
    ),
    DriverRule(
        name="relay-probes",
        statement="a descriptor of something else is refused, and nothing moves",
        check=_probes,
    ),
    DriverRule(
        name="relay-takes-over",
        statement="its own claim, held through a restart, is known and taken over without a move",
        check=_takes_over,
    ),
    *shared_rules(WAYS_OF_RELAYS),
)
