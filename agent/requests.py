"""What a cloud asks for: its rights, a repetition answered from memory, then the device."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from agent.answers import Recent, is_stored_key, key_of, read_outcome, write_outcome
from agent.memory import RequestMemory
from agent.messages import (
    ActionCall,
    Command,
    Outcome,
    PropertySet,
    RefusalKind,
    Request,
    refused,
)
from agent.model import Origin, OriginKind
from agent.rights import NO_RIGHTS, Rights

INTERRUPTED: Final = refused(
    RefusalKind.FAILED, "was interrupted by a restart; look at the state and ask again"
)
NOT_TAKEN: Final = refused(
    RefusalKind.FAILED,
    "the disk did not take it in time, and it must not be done twice: nothing was done;"
    " look at the disk (df, dmesg) and ask again",
)


class Requests:
    """Executes the requests of clouds on one device.

    A request with the same cloud, method, id and payload within 5 minutes gets the same
    outcome and is not executed again; 256 are remembered of each method. Actions are
    remembered on the disk too: those found there count as answered at the start, since the
    wall clock may be wrong.
    """

    def __init__(
        self,
        execute: Callable[[Command], Outcome],
        now: Callable[[], float],
        memory: RequestMemory,
        device_id: str,
    ) -> None:
        self.rights: Mapping[str, Rights] = {}
        self._execute = execute
        self._now = now
        self._memory = memory
        self._device_id = device_id
        self._sets = Recent()
        self._actions = Recent()
        self._performing: dict[str, asyncio.Event] = {}
        for key, answer in memory.remembered(device_id):
            if not is_stored_key(key):
                self._actions.add(key, read_outcome(answer) or INTERRUPTED, now())

    def execute(self, cloud: str, request: PropertySet) -> Outcome:
        """Set at once, whatever the disk does; or answer from memory."""
        key = key_of(cloud, request)
        known = self._sets.find(key, self._now())
        if known is not None:
            return replace(known, is_repeat=True)
        outcome = self._carry_out(cloud, request)
        if not outcome.is_forbidden:
            self._sets.add(key, outcome, self._now())
        return outcome

    async def perform(self, cloud: str, call: ActionCall) -> Outcome:
        """Perform an action once its beginning is on the disk; or answer from memory.

        Whoever gives up while it waits may ask again: it has not been performed then.
        """
        key = key_of(cloud, call)
        while (ahead := self._performing.get(key)) is not None:
            await ahead.wait()
        known = self._actions.find(key, self._now())
        if known is not None:
            return replace(known, is_repeat=True)
        ended = self._performing[key] = asyncio.Event()
        try:
            return await self._perform(key, cloud, call)
        finally:
            del self._performing[key]
            ended.set()

    async def _perform(self, key: str, cloud: str, call: ActionCall) -> Outcome:
        """Do what *cloud* may; what it may not is not remembered, where others' answers are."""
        forbidden = self._forbidden(cloud, call)
        if forbidden is not None:
            return forbidden
        if not await self._memory.remember(self._device_id, key, None):
            self._actions.add(key, NOT_TAKEN, self._now())
            return NOT_TAKEN
        outcome = self._carry_out(cloud, call)
        self._actions.add(key, outcome, self._now())
        await self._memory.remember(self._device_id, key, write_outcome(outcome))
        return outcome

    def _carry_out(self, cloud: str, request: Request) -> Outcome:
        forbidden = self._forbidden(cloud, request)
        if forbidden is not None:
            return forbidden
        origin = Origin(kind=OriginKind.CLOUD, name=cloud)
        return self._execute(Command(origin=origin, request=request))

    def _forbidden(self, cloud: str, request: Request) -> Outcome | None:
        refusal = self.rights.get(cloud, NO_RIGHTS).refusal(request)
        return None if refusal is None else Outcome(refusal=refusal, is_forbidden=True)
