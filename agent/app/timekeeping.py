"""Watches the clock: what becomes of the time is said, written down, and put right backwards."""

from collections.abc import Collection, Mapping
from typing import Final, NoReturn, Protocol

import structlog

from agent.clock import Change, SystemClock
from agent.model import Trust

log: Final = structlog.get_logger()

LOOK_EVERY_S: Final = 2.0
TOPIC: Final = "clock"


class Records(Protocol):
    """Where it is written down."""

    def record(self, device_id: str, topic: str, name: str, details: Mapping[str, object]) -> None:
        """Add a row to a device's journal."""
        ...

    def mend(self, offset: float, trust: Trust) -> None:
        """Stamp anew what this boot has stamped with no more trust."""
        ...


async def keep_time(clock: SystemClock, records: Records, devices: Collection[str]) -> NoReturn:
    """Look at the clock every few seconds, also when nobody asks it for the time."""
    while True:
        for change in clock.changes():
            take(change, records, devices)
        await clock.sleep(LOOK_EVERY_S)


def take(change: Change, records: Records, devices: Collection[str]) -> None:
    """Say and write down what has changed; put the stamps of this boot right."""
    if change.by_s is not None:
        by_s = round(change.by_s, 3)
        log.warning("clock.stepped", by_s=by_s)
        _write("stepped", {"by_s": by_s}, records, devices)
    if change.rise is not None:
        rise = change.rise
        trust, source = rise.trust.name.lower(), rise.source.value
        facts = {"trust": trust, "source": source, "why": rise.reason}
        log.info("clock.trusted", **facts)
        _write("trusted", facts, records, devices)
    repair = change.repair
    if repair is not None and repair.offset is not None:
        records.mend(repair.offset, repair.trust)


def _write(
    name: str, details: Mapping[str, object], records: Records, devices: Collection[str]
) -> None:
    for device in devices:
        records.record(device, TOPIC, name, details)
