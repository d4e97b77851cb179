"""What a cloud asks for: its rights, a repetition answered from memory, then the device."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agent.answers import Recent, is_stored_key, key_of, read_outcome, write_outcome
from agent.memory import RequestMemory
from agent.messages import (
    ActionCall,
    Command,
    Outcome,
    PropertySet,
    PropertyToggle,
    RefusalKind,
    Request,
    refused,
)
from agent.model import Origin, OriginKind, Value
from agent.rights import NO_RIGHTS, Rights

INTERRUPTED: Final = refused(
    RefusalKind.FAILED, "was interrupted by a restart; look at the state and ask again"
)
NOT_TAKEN: Final = refused(
    RefusalKind.FAILED,
    "the disk did not take it in time, and it must not be done twice: nothing was done;"
    " look at the disk (df, dmesg) and ask again",
)

OVERTAKEN: Final = refused(
    RefusalKind.FAILED, "another command came while the disk was waited for; nothing was done"
)
NO_SWITCH: Final = "{name} is no switch that is known now; set it to a value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doings:
    """What requests do to a device, and what they must know of it.

    `execute`: carry out a command now. `read`: the value of a property, None where it is not
    known. `commands`: how many commands the device has had from anybody.
    """

    execute: Callable[[Command], Outcome]
    read: Callable[[str], Value | None]
    commands: Callable[[], int]


class Requests:
    """Executes the requests of clouds on one device.

    A request with the same cloud, method, id and payload within 5 minutes gets the same
    outcome and is not executed again; 256 are remembered of each method. Actions and toggles
    are remembered on the disk too: those found there count as answered at the start, since the
    wall clock may be wrong. A request without an id is never a repetition.
    """

    def __init__(
        self,
        doings: Doings,
        now: Callable[[], float],
        memory: RequestMemory,
        device_id: str,
    ) -> None:
        self.rights: Mapping[str, Rights] = {}
        self._doings = doings
        self._now = now
        self._memory = memory
        self._device_id = device_id
        self._sets = Recent()
        self._actions = Recent()
        self._performing: dict[str, asyncio.Event] = {}
        self._toggling = asyncio.Lock()
        for key, answer in memory.remembered(device_id):
            if not is_stored_key(key):
                self._actions.add(key, read_outcome(answer) or INTERRUPTED, now())

    def execute(self, cloud: str, request: PropertySet) -> Outcome:
        """Set at once, whatever the disk does; or answer from memory."""
        key = key_of(cloud, request)
        known = self._sets.find(key, self._now()) if request.request_id else None
        if known is not None:
            return replace(known, is_repeat=True)
        outcome = self._carry_out(cloud, request)
        if request.request_id and not outcome.is_forbidden:
            self._sets.add(key, outcome, self._now())
        return outcome

    async def perform(self, cloud: str, call: ActionCall | PropertyToggle) -> Outcome:
        """Perform what must not be done twice; or answer from memory.

        Its beginning is on the disk before; but a toggle that opens acts first and is remembered
        after. Whoever gives up while it waits may ask again: it has not been performed then.
        """
        if isinstance(call, PropertyToggle):
            async with self._toggling:
                return await self._perform_once(cloud, call)
        return await self._perform_once(cloud, call)

    async def _perform_once(self, cloud: str, call: ActionCall | PropertyToggle) -> Outcome:
        key = key_of(cloud, call)
        while (ahead := self._performing.get(key)) is not None:
            await ahead.wait()
        known = self._actions.find(key, self._now()) if call.request_id else None
        if known is not None:
            return replace(known, is_repeat=True)
        ended = self._performing[key] = asyncio.Event()
        try:
            return await self._perform(key, cloud, call)
        finally:
            del self._performing[key]
            ended.set()

    async def _perform(self, key: str, cloud: str, call: ActionCall | PropertyToggle) -> Outcome:
        """Do what *cloud* may; what it may not is not remembered, where others' answers are."""
        request = self._resolved(call)
        if isinstance(request, Outcome):
            return request
        forbidden = self._forbidden(cloud, request)
        if forbidden is not None:
            return forbidden
        opens = isinstance(request, PropertySet) and False in request.values.values()
        if opens or not call.request_id:
            outcome = self._carry_out(cloud, request)
        else:
            commands = self._doings.commands()
            if not await self._memory.remember(self._device_id, key, None):
                self._actions.add(key, NOT_TAKEN, self._now())
                return NOT_TAKEN
            is_overtaken = isinstance(call, PropertyToggle) and commands != self._doings.commands()
            outcome = OVERTAKEN if is_overtaken else self._carry_out(cloud, request)
        if call.request_id:
            self._actions.add(key, outcome, self._now())
            await self._memory.remember(self._device_id, key, write_outcome(outcome))
        return outcome

    def _resolved(self, call: ActionCall | PropertyToggle) -> Request | Outcome:
        """Make a toggle the setting that it means now; an outcome where it means none."""
        if isinstance(call, ActionCall):
            return call
        value = self._doings.read(call.name)
        if not isinstance(value, bool):
            return refused(RefusalKind.UNKNOWN_NAME, NO_SWITCH.format(name=call.name))
        return PropertySet(request_id=call.request_id, values={call.name: not value})

    def _carry_out(self, cloud: str, request: Request) -> Outcome:
        forbidden = self._forbidden(cloud, request)
        if forbidden is not None:
            return forbidden
        origin = Origin(kind=OriginKind.CLOUD, name=cloud)
        return self._doings.execute(Command(origin=origin, request=request))

    def _forbidden(self, cloud: str, request: Request) -> Outcome | None:
        refusal = self.rights.get(cloud, NO_RIGHTS).refusal(request)
        return None if refusal is None else Outcome(refusal=refusal, is_forbidden=True)
