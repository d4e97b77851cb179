"""One session at work: what comes in is answered at once, what waits goes out."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn, TypeGuard, assert_never

import structlog

from agent.clouds.delivery import Delivery
from agent.clouds.door import Door
from agent.clouds.newcomers import Newcomers
from agent.clouds.pacing import Pacer
from agent.clouds.resync import Resync
from agent.clouds.sent_again import as_stored
from agent.clouds.taken import Taken
from agent.clouds.time_question import TimeQuestion
from agent.clouds.uncleared import Uncleared
from agent.errors import CodecError, TransportError
from agent.messages import (
    DONE,
    Ack,
    ActionCall,
    BadRequest,
    Downlink,
    Newcomer,
    Notice,
    Outcome,
    PropertyGet,
    PropertySet,
    PropertyToggle,
    RefusalKind,
    ResyncAnswer,
    TimeAnswer,
    refused,
)
from agent.outbox import Outbox, Queue
from agent.ports import Clock, Codec, Message, Publish, Session

log: Final = structlog.get_logger()

MAX_ACTIONS: Final = 8
"""So many actions of a session may wait for the disk."""
MAX_TOGGLES: Final = 64
"""So many toggles and actions: one that opens must not be refused because others wait."""

KEPT: Final = "a retained message is no command: clear it at the broker"
TOO_MANY_ACTIONS: Final = refused(
    RefusalKind.FAILED, "too many actions wait for the disk already; ask again later"
)


class Exchange:
    """The tasks of one session: receive, resync, one drain for each queue, one for each action."""

    def __init__(  # noqa: PLR0913 - what a session works with; each is used here
        self,
        *,
        name: str,
        codec: Codec,
        outbox: Outbox,
        delivery: Delivery,
        pacer: Pacer,
        door: Door,
        clock: Clock,
        uncleared: Uncleared,
        jitter: Callable[[], float],
    ) -> None:
        self._name = name
        self._codec = codec
        self._delivery = delivery
        self._pacer = pacer
        self._door = door
        self._clock = clock
        self._resync = Resync(name=name, codec=codec, outbox=outbox, door=door, uncleared=uncleared)
        self._actions = 0
        self._asking = TimeQuestion(codec=codec, pacer=pacer, door=door, clock=clock)
        self._replies = 0
        self._misunderstood = 0
        self._noticed: set[str] = set()
        self._taken = Taken(codec, uncleared)
        self._newcomers = Newcomers(delivery, clock, jitter)
        self._began = clock.now()

    @property
    def is_quiet(self) -> bool:
        """Tell whether no command waits for its reply."""
        return not self._actions and not self._replies

    async def run(self, session: Session, *beside: Coroutine[Any, Any, None]) -> NoReturn:
        """Work until the session ends; raise the `TransportError` that ended it.

        What stands *beside* runs along with the session.
        """
        lost = TransportError("the session ended")
        try:
            async with asyncio.TaskGroup() as tasks:
                for each in beside:
                    tasks.create_task(each, name=f"{self._name}.beside")
                tasks.create_task(
                    self._resync.run(session, self._pacer), name=f"{self._name}.resync"
                )
                tasks.create_task(self._asking.run(session), name=f"{self._name}.time")
                tasks.create_task(self._taken.run(session, self._pacer), name=f"{self._name}.taken")
                tasks.create_task(self._newcomers.run(session), name=f"{self._name}.newcomers")
                summing = self._delivery.summing.run(session)
                tasks.create_task(summing, name=f"{self._name}.sums")
                for queue in Queue:
                    drain = self._delivery.drain(session, queue)
                    tasks.create_task(drain, name=f"{self._name}.{queue.name.lower()}")
                # Not a task: a group that fails while its body has ended leaves this task's
                # count of cancellations too high (CPython 3.11).
                await self._receive(session, tasks)
        except* TransportError as group:
            lost = _first(group)
        _raise_if_cancelled()
        raise lost

    async def _receive(self, session: Session, tasks: asyncio.TaskGroup) -> NoReturn:
        """Take each message in turn; a command's reply leaves before anything else happens.

        An action or a toggle may wait for the disk: it gets a task, so that nothing waits behind
        it. It begins before the next message is read: a toggle means what stands when it comes.
        """
        async for message in session.messages():
            downlink = self._understood(message)
            if downlink is None:
                continue
            if self._may_wait(downlink):
                self._actions += 1
                performing = self._perform(session, downlink)
                tasks.create_task(performing, name=f"{self._name}.action")
                await asyncio.sleep(0)
            else:
                await self._reply(session, self._answers(downlink))
        raise TransportError("the session ended")

    def _may_wait(self, downlink: Downlink) -> TypeGuard[ActionCall | PropertyToggle]:
        most = MAX_TOGGLES if isinstance(downlink, PropertyToggle) else MAX_ACTIONS
        return isinstance(downlink, ActionCall | PropertyToggle) and self._actions < most

    async def _perform(self, session: Session, call: ActionCall | PropertyToggle) -> None:
        try:
            outcome = await self._door.perform(call)
        finally:
            self._actions -= 1
        await self._reply(session, self._codec.encode_reply(call, outcome))

    async def _reply(self, session: Session, replies: Sequence[Publish]) -> None:
        self._replies += 1
        try:
            for reply in replies:
                self._pacer.count(len(reply.payload))
                await session.publish(reply)
        finally:
            self._replies -= 1

    def _understood(self, message: Message) -> Downlink | None:
        """Decode; a command that the broker kept for whoever comes is nobody's wish of now."""
        try:
            downlink = self._codec.decode(message.topic, message.payload)
        except CodecError as error:
            self._drop(message, KEPT if message.is_retained else str(error))
            return None
        if message.is_retained:
            if not isinstance(downlink, Newcomer):  # who came before us hears us anyway
                self._drop(message, KEPT)
            return None
        if message.is_repeat and isinstance(downlink, PropertyToggle) and not downlink.request_id:
            self._drop(message, "a toggle without an id that may have been done before")
            return None
        may_be_old = self._clock.now() < self._began + self._codec.limits.replays_s
        return as_stored(downlink) if may_be_old and downlink is not None else downlink

    def _drop(self, message: Message, why: str) -> None:
        tell = log.debug if self._misunderstood else log.warning
        self._misunderstood += 1
        tell("message.dropped", cloud=self._name, topic=message.topic, error=why)

    def _answers(self, downlink: Downlink) -> Sequence[Publish]:
        match downlink:
            case PropertySet():
                return self._set(downlink)
            case ActionCall() | PropertyToggle():
                return self._codec.encode_reply(downlink, TOO_MANY_ACTIONS)
            case PropertyGet(names=names):
                return self._codec.encode_reply(downlink, Outcome(values=self._door.values(names)))
            case BadRequest(refusal=refusal):
                return self._codec.encode_reply(downlink, Outcome(refusal=refusal))
            case Notice():
                return self._notice(downlink)
            case Ack() | ResyncAnswer() | TimeAnswer() | Newcomer():
                self._take(downlink)
                return ()
            case _:
                assert_never(downlink)

    def _take(self, said: Ack | ResyncAnswer | TimeAnswer | Newcomer) -> None:
        """Take what needs no answer."""
        match said:
            case Ack():
                if not self._delivery.take(said):
                    self._resync.take_refusal(said.message_id)
            case ResyncAnswer():
                self._resync.take(said)
            case TimeAnswer():
                self._asking.take(said)
            case Newcomer():
                self._newcomers.take()
            case _:
                assert_never(said)

    def _set(self, request: PropertySet) -> Sequence[Publish]:
        """Execute; what the platform may have stored of it is cleared, where that is ours to do.

        One that shows what it was told last is told what stands where nothing was done.
        """
        outcome = self._door.execute(request)
        if outcome.refusal is not None and self._codec.limits.shows_last:
            outcome = replace(outcome, values=self._door.values(tuple(request.values)))
        if not outcome.is_forbidden:
            self._taken.add(request)
        return self._codec.encode_reply(request, outcome)

    def _notice(self, notice: Notice) -> Sequence[Publish]:
        tell = log.debug if notice.name in self._noticed else log.info
        self._noticed.add(notice.name)
        tell("cloud.notice", cloud=self._name, notice=notice.name, text=notice.text)
        return self._codec.encode_reply(notice, DONE)


def _raise_if_cancelled() -> None:
    """Be cancelled: a group whose task failed in the same turn has kept that to itself."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _first(group: BaseExceptionGroup[TransportError]) -> TransportError:
    """Take the first error out of a group, however deep it lies."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
