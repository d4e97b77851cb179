"""A clock that begins in 1970, jumps, goes back or passes 2038: no stamp is false, none is lost."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity, sample_device
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from chaos.clocks.faked import Faked, library
from chaos.contact import Contact, watching
from chaos.report import Row, judged
from chaos.stage import PATIENCE_S, Life, Stage, living

PART: Final = "clocks"
LIMIT_2038: Final = 2.0**31
HOUR_S: Final = 3600.0
COUNTDOWN_S: Final = 6
MEASURED_S: Final = 2.0
"""What a request, a movement and our look at it take on a busy machine; a step is far more."""

NEAR_S: Final = 2.0
"""A true stamp is no further from what we saw."""

JOURNAL: Final = 1000
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - folders in it are made by `TemporaryDirectory`
"""No disk has a part in this."""

KEYS: Final[Mapping[str, tuple[str, str, str]]] = {
    "tencent": ("product_id", "device_name", "device_secret"),
    "onenet": ("product_id", "device_name", "device_key"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One life: how its clock stands at first, and how it is set while a countdown runs.

    `first_s` is how wrong it is, or None: it shows 1970. Each of `steps` comes so many seconds
    after the one before; None: the keeper sets it right.
    """

    name: str
    cloud: str = "tencent"
    begins_at: float | None = None
    first_s: float | None = 0.0
    is_kept: bool = True
    steps: Sequence[tuple[float, float | None]] = ()
    source: str = "timesyncd"
    is_repaired: bool = False


CASES: Final = (
    Case(
        name="1970, then the platform tells",
        first_s=None,
        is_kept=False,
        source="platform",
        is_repaired=True,
    ),
    Case(
        name="1970, then set right",
        cloud="onenet",
        first_s=None,
        is_kept=False,
        steps=((2.0, None),),
        is_repaired=True,
    ),
    Case(name="+8 h, then set right", steps=((1.0, 8 * HOUR_S), (3.0, None))),
    Case(name="-1 h, then set right", steps=((1.0, -HOUR_S), (3.0, None))),
    Case(name="past 2^31 s in 2038", begins_at=LIMIT_2038 - 6),
)


@dataclass(slots=True)
class Seen:
    """What one life has shown."""

    began: float
    ended: float = 0.0
    counted_from: float = 0.0
    moved: list[float] = field(default_factory=list[float])
    rows: Sequence[Mapping[str, object]] = ()
    uplinks: list[tuple[float, Sequence[float]]] = field(
        default_factory=list[tuple[float, Sequence[float]]]
    )


async def run(cases: Sequence[Case] = CASES) -> list[Row]:
    """Live all of them side by side: most of it is waiting."""
    library()
    return await asyncio.gather(*(live(each) for each in cases))


async def live(case: Case, countdown_s: int = COUNTDOWN_S) -> Row:
    """Live one of them through."""
    now = time.time()
    truth_s = 0.0 if case.begins_at is None else case.begins_at - now
    async with _stage(case, truth_s) as (stage, faked, emulator):
        device = sample_device(case.cloud)
        key = DeviceKey(cloud=case.cloud, product=device.product, name=device.name)
        seen = Seen(began=faked.now())
        contact = Contact(stage.contact, lambda _on, at: seen.moved.append(at))
        with watching(contact, stage.contact.parent):
            async with living(stage, program=faked.program, environ=faked.environ) as life:
                await life.ready()
                await _until(lambda: emulator.is_online(key))
                await life.ask("set", values={"power_switch": True})
                await life.ask("set", values={"count_down": countdown_s})
                seen.counted_from = time.monotonic()
                await _set(case, faked)
                await _until(lambda: len(seen.moved) == 2)
                seen.rows = await _settled(life, case)
                await _until(lambda: any(found for _, found in _uplinks(emulator, key)))
                seen.ended = faked.now()
                await life.stop()
        seen.uplinks = _uplinks(emulator, key)
    return row(case, seen, countdown_s)


async def _set(case: Case, faked: Faked) -> None:
    for after_s, wrong_s in case.steps:
        await asyncio.sleep(after_s)
        if wrong_s is None:
            faked.keep()
        else:
            faked.set(wrong_s)


async def _settled(life: Life, case: Case) -> Sequence[Mapping[str, object]]:
    """Wait until the time is known by whom it should be, and every row has one; give the rows."""
    rows: Sequence[Mapping[str, object]] = ()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        status = cast("Mapping[str, Mapping[str, object]]", await life.ask("status"))
        clock = cast("Mapping[str, object]", status["agent"]["clock"])
        rows = await _events(life)
        is_told = len(_clock_names(rows)) >= len(case.steps) + case.is_repaired
        if is_told and clock["source"] == case.source and not any(map(_is_open, rows)):
            break
        await asyncio.sleep(0.1)
    return rows


async def _events(life: Life) -> Sequence[Mapping[str, object]]:
    answer = cast("Mapping[str, object]", await life.ask("events", limit=JOURNAL))
    return cast("Sequence[Mapping[str, object]]", answer["rows"])


def _clock_names(rows: Sequence[Mapping[str, object]]) -> list[str]:
    return [str(each["name"]) for each in rows if each["topic"] == "clock"]


def _is_open(each: Mapping[str, object]) -> bool:
    return each["wall_time"] is None or bool(each.get("is_estimated"))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - a file tells nobody that it has changed
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _stage(case: Case, truth_s: float) -> AsyncGenerator[tuple[Stage, Faked, Emulator], None]:
    async with AsyncExitStack() as stack:
        memory = MEMORY if MEMORY.is_dir() else None
        made = TemporaryDirectory(prefix="polycloud-chaos-", dir=memory)
        folder = Path(stack.enter_context(made))
        faked = Faked(folder=folder, truth_s=truth_s)
        options = EmulatorOptions(clouds=(case.cloud,), wall_clock=faked.now)
        emulator = await stack.enter_async_context(Emulator(options))
        stage = Stage(folder=folder, state=folder / "state")
        port = emulator.ports.clouds[case.cloud].mqtt
        stage.write(
            {
                "agent": {"clock": "auto"},
                "device": {"clouds": [case.cloud]},
                "device.reporting": {"min_interval_s": 1, "max_interval_s": 1},
                f"clouds.{case.cloud}": _section(case.cloud, sample_device(case.cloud), port),
            }
        )
        if case.is_kept:
            faked.keep()
        else:
            faked.set(-faked.now() if case.first_s is None else case.first_s)
        yield stage, faked, emulator


def _section(cloud: str, device: DeviceIdentity, port: int) -> dict[str, object]:
    product, name, secret = KEYS[cloud]
    return {
        product: device.product,
        name: device.name,
        secret: device.secret,
        "host": "127.0.0.1",
        "port": port,
        "tls": False,
    }


# ── what was seen ───────────────────────────────────────────────────────────────────────────


def _uplinks(emulator: Emulator, key: DeviceKey) -> list[tuple[float, Sequence[float]]]:
    """List when each report or event came, and the stamps in it."""
    return [
        (entry.wall_time, list(_stamps(json.loads(entry.payload))))
        for entry in emulator.messages(key)
        if entry.direction == "up" and _tells_of_a_moment(entry.topic, entry.payload)
    ]


def _tells_of_a_moment(topic: str, payload: bytes) -> bool:
    """Tell a report or an event from what has no time of its own."""
    if "/thing/" in topic:
        return topic.endswith("/post")
    return json.loads(payload).get("method") in ("report", "event_post")


def _stamps(body: object) -> Iterator[float]:
    """Find every stamp of a message, in seconds."""
    if isinstance(body, list):
        for each in cast("list[object]", body):
            yield from _stamps(each)
    elif isinstance(body, dict):
        for name, value in cast("dict[str, object]", body).items():
            if name in ("time", "timestamp") and isinstance(value, int):
                yield value / 1000
            else:
                yield from _stamps(value)


def row(case: Case, seen: Seen, countdown_s: int = COUNTDOWN_S) -> Row:
    """Judge what was seen."""
    stamps = [(at, stamp) for at, found in seen.uplinks for stamp in found]
    bare = sum(not found for _, found in seen.uplinks)
    ran_s = seen.moved[-1] - seen.counted_from
    names = _clock_names(seen.rows)
    faults = [*_false(stamps, seen), *_journal(seen.rows, seen), *_told(case, names)]
    if not countdown_s - MEASURED_S <= ran_s <= countdown_s + MEASURED_S:
        faults.append(f"a countdown of {countdown_s} s took {ran_s:.1f} s")
    if bare and case.is_kept:
        faults.append(f"{bare} reports without a stamp, though the time was known")
    if not stamps:
        faults.append("no report had a stamp")
    figures = (
        f"{len(stamps)} stamps, {bare} reports without; {len(seen.rows)} rows;"
        f" {', '.join(names) or 'nothing'} told; countdown {countdown_s} s: {ran_s:.2f} s"
    )
    return judged(PART, f"{case.name} ({case.cloud})", figures, faults)


def _false(stamps: Sequence[tuple[float, float]], seen: Seen) -> Iterator[str]:
    for at, stamp in stamps:
        if not seen.began - NEAR_S <= stamp <= at + NEAR_S:
            yield f"a stamp is {stamp - at:+.0f} s off"


def _journal(rows: Sequence[Mapping[str, object]], seen: Seen) -> Iterator[str]:
    before = seen.began - NEAR_S
    for each in rows:
        wall_time = each["wall_time"]
        if not isinstance(wall_time, float) or _is_open(each):
            yield f"a row '{each['name']}' was not repaired"
        elif not before - NEAR_S <= wall_time <= seen.ended + NEAR_S:
            yield f"a row '{each['name']}' is {wall_time - seen.ended:+.0f} s off"
        else:
            before = wall_time


def _told(case: Case, names: Sequence[str]) -> Iterator[str]:
    steps = len(case.steps)
    if names.count("stepped") != steps:
        yield f"{names.count('stepped')} steps were told, not {steps}"
    if names.count("trusted") != case.is_repaired:
        yield f"the time became known {names.count('trusted')} times"
