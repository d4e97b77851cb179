"""The stored command that was carried out, until the platform has cleared it."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

from agent.answers import REMEMBERED_S, key_of, read_outcome, stored_key, write_outcome
from agent.memory import RequestMemory
from agent.messages import Outcome, PropertySet
from agent.model import Value
from agent.rights import opens

MOST_NAMES: Final = 100
"""No product of a platform has more properties; a request that names others is hostile."""


class Uncleared:
    """What came of the command that the platform of one identity may still store.

    It outlives the session, the link and the process that ended before the platform confirmed
    to have cleared it. The command is known again by its values: each question for it has
    another id. It counts for 5 minutes: the platform may have cleared it without our hearing
    of it, and what it stores with the same values then is another command. One that switches
    off is never known again: to switch off once more harms nobody, and not to may.

    A live value may be stored too, where the platform keeps what it sends; it is known by itself,
    in this process, until its clearing has left: what else is stored may have been added to it.
    """

    def __init__(
        self,
        identity: str,
        memory: RequestMemory,
        device_id: str,
        now: Callable[[], float],
        outputs: Mapping[str, Value] | None = None,
    ) -> None:
        self._key = stored_key(identity)
        self._memory = memory
        self._device_id = device_id
        self._now = now
        self._outputs = {"power_switch": False} if outputs is None else outputs
        self._known = _read(dict(memory.remembered(device_id)).get(self._key))
        self._until = now() + REMEMBERED_S
        self._live: dict[str, tuple[object, float]] = {}

    def carried_out_live(self, request: PropertySet) -> None:
        """Know the values of *request* again, if they are stored too."""
        until = self._now() + REMEMBERED_S
        self._live |= {name: (mark, until) for name, mark in _marks(request).items()}
        self._live = dict(list(self._live.items())[-MOST_NAMES:])

    def cleared_live(self, names: Collection[str]) -> None:
        """Forget the values of *names*: the platform stores them no more."""
        self._live = {name: known for name, known in self._live.items() if name not in names}

    def rest_of(self, stored: PropertySet) -> PropertySet | None:
        """Take out of *stored* what was carried out live; None where nothing is left."""
        now, marks = self._now(), _marks(stored)
        done = {
            name
            for name, (mark, until) in self._live.items()
            if now < until and marks.get(name) == mark
        }
        rest = {
            name: value
            for name, value in stored.values.items()
            if name not in done or opens(self._outputs, name, value)
        }
        return replace(stored, values=rest) if rest or not stored.values else None

    def outcome_of(self, stored: PropertySet) -> Outcome | None:
        """Tell what came of *stored* if it is the one that was carried out."""
        if self._known is None or self._now() >= self._until or self._switches_off(stored):
            return None
        name, outcome = self._known
        return outcome if name == _name_of(stored) else None

    def carried_out(self, stored: PropertySet, outcome: Outcome) -> None:
        """Know *stored* again; what is forbidden was not carried out."""
        self._known = None if outcome.is_forbidden else (_name_of(stored), outcome)
        self._until = self._now() + REMEMBERED_S

    def _switches_off(self, stored: PropertySet) -> bool:
        return any(opens(self._outputs, name, value) for name, value in stored.values.items())

    async def keep(self) -> None:
        """Have the next process know it too."""
        if self._known is not None:
            name, outcome = self._known
            text = json.dumps([name, write_outcome(outcome)])
            await self._memory.remember(self._device_id, self._key, text)

    async def forget(self) -> None:
        """Forget it, here at once: the platform has cleared it, and stores nothing else."""
        self._live = {}
        if self._known is not None:
            self._known = None
            await self._memory.remember(self._device_id, self._key, None)


def _marks(request: PropertySet) -> dict[str, object]:
    """Mark each value, a number together with where a countdown ends."""
    return {
        name: value if isinstance(value, bool) else (value, request.ends_in)
        for name, value in request.values.items()
    }


def _name_of(stored: PropertySet) -> str:
    return key_of("", replace(stored, request_id=""))


def _read(text: str | None) -> tuple[str, Outcome] | None:
    try:
        name, told = json.loads(text or "null")
    except (ValueError, TypeError, RecursionError):
        return None
    outcome = read_outcome(told) if isinstance(told, str) else None
    return None if outcome is None else (str(name), outcome)
