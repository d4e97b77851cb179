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

    `execute`: carry out a command now. `position`: where a switch was told to stand, None where
    that is not known. `commands`: how many commands the device has had from anybody.
    """

    execute: Callable[[Command], Outcome]
    position: Callable[[str], Value | None]
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
        self.device = device_id
        self._sets = Recent()
        self._actions = Recent()
        self._performing: dict[str, asyncio.Event] = {}
        self._closing: dict[str, int] = {}
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

        Its beginning is on the disk before; but a toggle that opens acts first, before anything
        is waited for, and is remembered after. Whoever gives up while it waits may ask again: it
        has not been performed then.
        """
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
        elif isinstance(call, PropertyToggle):
            outcome = await self._close(key, cloud, call.name, request)
        else:
            is_kept = await self._memory.remember(self.device, key, None)
            outcome = self._carry_out(cloud, request) if is_kept else NOT_TAKEN
        if call.request_id:
            self._actions.add(key, outcome, self._now())
            if outcome is not NOT_TAKEN:
                await self._memory.remember(self.device, key, write_outcome(outcome))
        return outcome

    async def _close(self, key: str, cloud: str, name: str, request: Request) -> Outcome:
        """Close the switch *name* once the disk has it, unless a command came meanwhile."""
        commands = self._closing[name] = self._doings.commands()
        try:
            is_kept = await self._memory.remember(self.device, key, None)
        finally:
            if self._closing.get(name) == commands:
                del self._closing[name]
        if not is_kept:
            return NOT_TAKEN
        is_overtaken = commands != self._doings.commands()
        return OVERTAKEN if is_overtaken else self._carry_out(cloud, request)

    def _resolved(self, call: ActionCall | PropertyToggle) -> Request | Outcome:
        """Make a toggle the setting that it means now; an outcome where it means none.

        A closing that waits for the disk was asked for too: the next toggle opens.
        """
        if isinstance(call, ActionCall):
            return call
        position = self._doings.position(call.name)
        if not isinstance(position, bool):
            return refused(RefusalKind.UNKNOWN_NAME, NO_SWITCH.format(name=call.name))
        is_on = position or self._closing.get(call.name) == self._doings.commands()
        return PropertySet(request_id=call.request_id, values={call.name: not is_on})

    def _carry_out(self, cloud: str, request: Request) -> Outcome:
        forbidden = self._forbidden(cloud, request)
        if forbidden is not None:
            return forbidden
        origin = Origin(kind=OriginKind.CLOUD, name=cloud)
        return self._doings.execute(Command(origin=origin, request=request))

    def _forbidden(self, cloud: str, request: Request) -> Outcome | None:
        refusal = self.rights.get(cloud, NO_RIGHTS).refusal(request)
        return None if refusal is None else Outcome(refusal=refusal, is_forbidden=True)
