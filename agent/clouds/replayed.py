"""Play a recorded dialogue: the platform's part and the device's, against a real codec and link.

The ids, the nonces and the clock are the recording's, so that what the link sends is compared
byte by byte. It is meant for a loop whose time is virtual: all waits are those of the recording.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Final, assert_never

from agent import __version__
from agent.clouds.attempts import NextAttempt
from agent.clouds.dialogue.lines import Dialogue, Ended, Full, Heard, Opened, Said, sessions
from agent.clouds.dialogue.neutral import DialogueError, at
from agent.clouds.dialogue.scene import Scene, Step
from agent.clouds.door import Door
from agent.clouds.inbox import Inbox
from agent.clouds.link import Chance, Link
from agent.clouds.replay_outbox import ReplayOutbox
from agent.clouds.uncleared import Uncleared
from agent.errors import AuthRejectedError, TransportError
from agent.loop_clock import LoopClock
from agent.memory import ProcessMemory
from agent.messages import ActionCall, Outcome, PropertySet, PropertyToggle, RefusalKind, refused
from agent.model import Values
from agent.ports import Codec, ConnectParams, Message, Publish, Subscription

PATIENCE_S: Final = 3.0
"""A link may do a thing so much later than it was recorded."""
SETTLE_S: Final = 1e-6
"""On a virtual clock everything that can happen now happens before this is over."""
OVER: Final = "the recording is over"
FORBIDDEN: Final = Outcome(
    refusal=refused(RefusalKind.NOT_ALLOWED, "no answer is recorded").refusal, is_forbidden=True
)
_NAME: Final = "replay"


class ReplaySession:
    """One recorded session."""

    def __init__(self, transport: "ReplayTransport", scene: Scene) -> None:
        self.inbox = Inbox()
        self._transport = transport
        self._scene = scene

    async def subscribe(self, subscription: Subscription) -> None:
        """Grant what was granted and refuse what was refused, when it was."""
        with self._transport.comparing():
            line = self._scene.subscribes(subscription)
        await self._transport.until(line.t)
        if line.refused:
            raise AuthRejectedError(line.refused)

    async def publish(self, message: Publish) -> None:
        """Compare with what was sent; its acknowledgement is there at once."""
        with self._transport.comparing():
            self._scene.publishes(message, self._transport.t)

    def messages(self) -> AsyncIterator[Message]:
        """Yield what was heard; raise `TransportError` at the recorded end."""
        return self.inbox

    async def heard(self) -> None:
        """Return: a recorded session ends when it ended."""


class ReplayTransport(LoopClock):
    """A transport, and its clock, that hold one recording.

    `finished` has a result when all was played, and a `DialogueError` when something deviated.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.outbox = ReplayOutbox(self.next_id, self.now)
        self._scenes = [
            Scene(each, dialogue.header, __version__) for each in sessions(dialogue.lines)
        ]
        self._next = 0
        self._opened_at: float | None = None
        self._ids: set[str] = set()
        self._progress = asyncio.Event()

    # ── a clock ─────────────────────────────────────────────────────────────────────────────

    def wall_time(self) -> float | None:
        """Tell what the recording's clock showed; between sessions, what it will show next."""
        if self._opened_at is None:
            return self._coming.wall
        wall = self.scene.opened.wall
        return None if wall is None else wall + self.t

    async def until(self, t: float) -> None:
        """Wait until *t* seconds after the CONNECT."""
        await asyncio.sleep(max(0.0, t - self.t))

    @property
    def t(self) -> float:
        """Seconds since the CONNECT."""
        return self.now() - (self._opened_at or 0.0)

    # ── a transport ─────────────────────────────────────────────────────────────────────────

    @property
    def scene(self) -> Scene:
        """The session that is played."""
        return self._scenes[self._next - 1]

    def nonce(self) -> str:
        """Tell the nonce of the next CONNECT."""
        return self._coming.nonce

    @property
    def _coming(self) -> Opened:
        return self._scenes[min(self._next, len(self._scenes) - 1)].opened

    @asynccontextmanager
    async def connect(self, params: ConnectParams) -> AsyncGenerator[ReplaySession]:
        """Connect as recorded; raise `AuthRejectedError` or `TransportError`."""
        self._leave_the_last_scene()
        if self._next == len(self._scenes) or self.finished.done():
            raise TransportError(OVER)
        self._next += 1
        scene, opened = self.scene, self.scene.opened
        with self.comparing():
            scene.connects(params)
        self._opened_at = self.now()
        await self.until(opened.took_s)
        session = ReplaySession(self, scene)
        playing = asyncio.create_task(self._play(scene, session), name="replay")
        try:
            if opened.refused:
                error = AuthRejectedError if opened.rejected else TransportError
                raise error(opened.refused)
            self._forget_discarded()
            yield session
        finally:
            self._opened_at = None
            if not session.inbox.ended:
                playing.cancel()
            await asyncio.wait([playing])

    def _leave_the_last_scene(self) -> None:
        """Tell what a link that left by itself has not done; after the last scene, finish."""
        if self._next and not self.scene.is_complete():
            self._fail(DialogueError(self.scene.why_incomplete()))
        elif self._next == len(self._scenes) and not self.finished.done():
            self.finished.set_result(None)

    def _forget_discarded(self) -> None:
        """Discard what waits from an earlier session and is not said any more."""
        later = self._scenes[self._next - 1 :]
        for message_id in self._ids:
            if not any(scene.says(message_id) for scene in later):
                self.outbox.discard(message_id)

    # ── playing ─────────────────────────────────────────────────────────────────────────────

    async def _play(self, scene: Scene, session: ReplaySession) -> None:
        try:
            for number, step in scene.steps():
                await self.until(step.t)
                await self._settle(scene, number)
                self._perform(scene, session, step)
            await self._settle(scene, None)
        except DialogueError as error:
            self._fail(error)
            session.inbox.end(TransportError(str(error)))
            return
        if scene is self._scenes[-1] and not self.finished.done():
            self.finished.set_result(None)

    def _perform(self, scene: Scene, session: ReplaySession, step: Step) -> None:
        match step:
            case Heard(topic=topic, payload=payload):
                marks = {"is_retained": step.retained, "is_repeat": step.repeated}
                session.inbox.put(Message(topic=topic, payload=payload, **marks))
            case Said() if step.id not in self._ids:
                self.outbox.hear(at(step.message, scene.opened.wall), is_past=step.past)
                assert step.id in self._ids, "what is said before has been said"
            case Said() | Full():
                pass
            case Ended(why=why):
                session.inbox.end(TransportError(why))
            case _:
                assert_never(step)

    async def _settle(self, scene: Scene, number: int | None) -> None:
        """Wait until the link has done what comes before line *number*."""
        await asyncio.sleep(SETTLE_S)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not scene.is_complete(number):
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            raise DialogueError(scene.why_incomplete()) from None

    def next_id(self) -> str:
        """Tell the id that the recording gives to what comes next."""
        self._progress.set()
        found = self.scene.next_id(self._ids)
        if found is None:
            self._fail(DialogueError("the link wants one more id than was recorded"))
            return "0"
        self._ids.add(found)
        return found

    @contextmanager
    def comparing(self) -> Generator[None]:
        """Let a deviation end the replay, and the session."""
        self._progress.set()
        try:
            yield
        except DialogueError as error:
            self._fail(error)
            raise TransportError(str(error)) from error

    def _fail(self, error: DialogueError) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)


def _door(transport: ReplayTransport) -> Door:
    """Answer what was recorded; what was not is forbidden, as then no answer was given."""

    def execute(request: PropertySet) -> Outcome:
        line = transport.scene.answer(request.request_id, type(request).__name__)
        return FORBIDDEN if line is None else line.outcome

    async def perform(call: ActionCall | PropertyToggle) -> Outcome:
        line = transport.scene.answer(call.request_id, type(call).__name__)
        if line is None:
            return FORBIDDEN
        await transport.until(line.t)
        return line.outcome

    def values(_: Sequence[str]) -> Values:
        with transport.comparing():
            return transport.scene.values().values

    return Door(
        execute=execute,
        perform=perform,
        values=values,
        on_change=lambda _: None,
        snapshot=lambda: None,
        info=lambda: None,
    )


async def replay(dialogue: Dialogue, codec: Codec) -> None:
    """Play a recording against a link with *codec*; raise `DialogueError` where it deviates."""
    transport = ReplayTransport(dialogue)
    memory = ProcessMemory()
    link = Link(
        codec.name,
        codec=codec,
        transport=transport,
        outbox=transport.outbox,
        clock=transport,
        door=_door(transport),
        next_attempt=NextAttempt(_NAME, _NAME, memory),
        uncleared=Uncleared(_NAME, memory, _NAME, transport.now),
        chance=Chance(jitter=lambda: 0.0, nonce=transport.nonce),
    )
    running: asyncio.Task[None] = asyncio.create_task(link.run(), name=_NAME)
    try:
        await asyncio.wait({running, transport.finished}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        running.cancel()
        await asyncio.wait([running])
    if not running.cancelled():
        running.result()
    transport.finished.result()
