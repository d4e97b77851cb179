"""What a device had once: taken back at the clouds that it describes itself to."""

import json
from collections.abc import Collection
from typing import Any, Final, cast

from agent.memory import RequestMemory
from agent.settings.clouds import CloudSettings
from agent.thing import Thing

MOST: Final = 128
_KEY: Final = "names"


class Had:
    """The names of a device's rows, of now and of earlier configurations, as the disk has them."""

    def __init__(self, memory: RequestMemory, device_id: str) -> None:
        self._memory = memory
        # Beside the device's requests, which push out each other and would push out this.
        self._place = f"{device_id} had"
        self._names = _read(dict(memory.remembered(self._place)).get(_KEY))

    def gone(self, thing: Thing[Any]) -> tuple[str, ...]:
        """Name what is no more, what went last first."""
        current = _names_of(thing)
        return tuple(name for name in reversed(self._names) if name not in current)

    async def note(self, thing: Thing[Any], clouds: Collection[CloudSettings]) -> None:
        """Remember what there is, where a cloud is told of it."""
        if not any(cloud.DESCRIBES for cloud in clouds):
            return
        current = _names_of(thing)
        names = [*(name for name in self._names if name not in current), *current][-MOST:]
        if set(names) != set(self._names):
            self._names = names
            await self._memory.remember(self._place, _KEY, json.dumps(names))


def _names_of(thing: Thing[Any]) -> list[str]:
    names = [row.field.name for row in thing.properties]
    names += [event.name for event in thing.events]
    return names + [action.name for action in thing.actions]


def _read(text: str | None) -> list[str]:
    """Understand what was kept; what is no list of names is none."""
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, list):
        return []
    return [name for name in cast("list[object]", found) if isinstance(name, str)][-MOST:]
