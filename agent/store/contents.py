"""The values of the store: what the file holds, and what is to be written to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from agent.memory import Attempt
from agent.model import Condition, Trust
from agent.outbox.file import Found
from agent.store.pending_history import HistoryChanges
from agent.store.pending_outbox import OutboxChanges

REQUESTS_KEPT: Final = 256
"""So many remembered requests of each device."""

ATTEMPTS_KEPT: Final = 2_048
"""So many identities whose last attempt to connect is known."""

Requests = Mapping[str, Mapping[str, str | None]]
"""By device: the answer by key, None where a request was begun; the newest is the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One life of the process: where, which version, and whether it stopped on purpose."""

    boot_id: str
    version: str
    is_clean_stop: bool = False


UNKNOWN_RUN: Final = Run(boot_id="", version="")
"""A run of which nobody knows how it ended: no boot has this id, so it counts as a power loss."""

RESTORED_RUN: Final = Run(boot_id="", version="restored")
"""The same, of a state that a person put in place: until a run is marked it counts as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of one device: JSON text (None: nothing readable), and where it stands."""

    text: str | None
    sequence: int
    slot: int | None = None
    condition: Condition = Condition.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry of the journal; `number` is None while it waits to be written.

    `at` is seconds since the boot `boot_id`; `wall_time` is None where it is not known, and is
    trusted as far as `trust` says.
    """

    number: int | None
    device_id: str
    topic: str
    name: str
    wall_time: float | None
    boot_id: str
    at: float
    details: Mapping[str, object]
    trust: Trust = Trust.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry as it is written: its details are JSON text."""

    device_id: str
    topic: str
    name: str
    wall_time: float | None
    boot_id: str
    at: float
    details: str
    trust: Trust = Trust.UNKNOWN

    def row(self, number: int | None = None) -> Row:
        """Give it as it is read."""
        return Row(
            number=number,
            device_id=self.device_id,
            topic=self.topic,
            name=self.name,
            wall_time=self.wall_time,
            boot_id=self.boot_id,
            at=self.at,
            details=cast("Mapping[str, object]", json.loads(self.details)),
            trust=self.trust,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What is known by now of a boot: its wall time is seconds since boot and *offset*.

    It holds for whatever that boot has stamped with no more *trust*.
    """

    boot_id: str
    offset: float
    trust: Trust

    def mended(self, entry: Entry) -> Entry:
        """Stamp an entry anew, where this holds for it."""
        if entry.boot_id != self.boot_id or entry.trust > self.trust:
            return entry
        return replace(entry, wall_time=entry.at + self.offset, trust=self.trust)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one commit writes: saved JSON by device, the run, the journal, requests and more.

    `repair` holds for what was written before, too.
    """

    saved: Mapping[str, str] = field(default_factory=dict[str, str])
    run: Run | None = None
    entries: Sequence[Entry] = ()
    requests: Mapping[tuple[str, str], str | None] = field(
        default_factory=dict[tuple[str, str], str | None]
    )
    attempts: Mapping[str, Attempt] = field(default_factory=dict[str, Attempt])
    outbox: OutboxChanges = field(default_factory=OutboxChanges)
    history: HistoryChanges = field(default_factory=HistoryChanges)
    repair: Repair | None = None

    @property
    def size(self) -> int:
        """How many characters it holds, where nothing better can be counted."""
        texts = [*self.saved.values(), *(entry.details for entry in self.entries)]
        return sum(map(len, texts)) + sum(len(answer or "") for answer in self.requests.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the file holds. `is_damaged`: it could not be read whole, and this is what was saved."""

    devices: Mapping[str, Kept] = field(default_factory=dict[str, Kept])
    run: Run | None = None
    requests: Requests = field(default_factory=dict[str, Mapping[str, str | None]])
    attempts: Mapping[str, Attempt] = field(default_factory=dict[str, Attempt])
    outboxes: Mapping[str, Found] = field(default_factory=dict[str, Found])
    is_damaged: bool = False

    def advanced(self, changes: Changes) -> "Contents":
        """Tell what the file holds when *changes* have been written."""
        devices = {
            **self.devices,
            **{id_: following(self.devices.get(id_), text) for id_, text in changes.saved.items()},
        }
        requests, attempts = self.requests, self.attempts
        for (device, key), answer in changes.requests.items():
            requests = remembered(requests, device, key, answer)
        for identity, attempt in changes.attempts.items():
            attempts = noted(attempts, identity, attempt)
        run = changes.run or self.run
        return replace(self, devices=devices, run=run, requests=requests, attempts=attempts)

    def newest(self, known: "Contents") -> "Contents":
        """Lay what is *known* from before over this, where it is newer; the places stay ours."""
        devices = dict(self.devices)
        for device, kept in known.devices.items():
            ours = devices.get(device)
            if ours is None:
                devices[device] = replace(kept, slot=None)
            elif kept.sequence > ours.sequence:
                devices[device] = replace(kept, slot=ours.slot)
        return replace(
            self,
            devices=devices,
            run=self.run or known.run,
            requests={**known.requests, **self.requests},
            attempts={**known.attempts, **self.attempts},
        )


def following(kept: Kept | None, text: str) -> Kept:
    """Give *text* the next sequence, and the slot that does not hold the newest valid one."""
    if kept is None or kept.slot is None:
        return Kept(text=text, sequence=1 if kept is None else kept.sequence + 1, slot=0)
    return Kept(text=text, sequence=kept.sequence + 1, slot=1 - kept.slot)


def remembered(known: Requests, device: str, key: str, answer: str | None) -> Requests:
    """Add a request as the newest of its device; the oldest makes room."""
    ours = {each: value for each, value in known.get(device, {}).items() if each != key}
    ours[key] = answer
    kept = dict(list(ours.items())[-REQUESTS_KEPT:])
    return {**known, device: kept}


def noted(known: Mapping[str, Attempt], identity: str, attempt: Attempt) -> Mapping[str, Attempt]:
    """Add an attempt as the newest; the identity that was quiet for longest makes room."""
    ours = {each: value for each, value in known.items() if each != identity}
    ours[identity] = attempt
    return dict(list(ours.items())[-ATTEMPTS_KEPT:])
