"""Record what passes between a link and a platform: one line of JSON for each thing that happens.

What is written is not fit to be shown: `agent.clouds.redact` makes it so.
"""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

from agent.clouds.dialogue.lines import (
    Ended,
    Full,
    Header,
    Heard,
    Line,
    Opened,
    Sent,
    Subscribed,
)
from agent.clouds.dialogue.text import write_line
from agent.errors import AuthRejectedError, TransportError
from agent.ports import (
    ConnectParams,
    Message,
    Publish,
    Session,
    Subscription,
    Transport,
)

LEFT_HERE: Final = "the connection was closed on this side"
BLANK: Final = "***"
_LONG: Final = 16
_SHORTEST: Final = 6
_DIGITS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is recorded; what comes then is not."""

    lines: int = 20_000
    characters: int = 16 * 2**20


class Recorder:
    """Writes the lines of one link; `is_full` when no more are written."""

    def __init__(
        self, write: Callable[[str], object], now: Callable[[], float], bounds: Bounds | None = None
    ) -> None:
        """Write with *write*, a line at a time and without its end; *now* is monotonic."""
        bounds = bounds or Bounds()
        self.is_full = False
        self.wall: float | None = None
        self.nonce = ""
        self._write = write
        self._now = now
        self._lines_left, self._characters_left = bounds.lines, bounds.characters
        self._first_at: float | None = None
        self._opened_at = 0.0
        self._secrets: set[str] = set()
        self._is_open = False

    @property
    def t(self) -> float:
        """Seconds since the CONNECT."""
        return round(self._now() - self._opened_at, _DIGITS)

    def begin(self, header: Header) -> None:
        """Write the first line."""
        self.add(header)

    def connecting(self, params: ConnectParams) -> None:
        """Begin a session's time; the password will not be written, wherever it appears."""
        self._opened_at = self._now()
        self._first_at = self._opened_at if self._first_at is None else self._first_at
        pieces = [each for each in re.split(r"[;&=]", params.password) if len(each) >= _LONG]
        for secret in (params.password, *pieces):
            if len(secret) >= _SHORTEST:
                once = json.dumps(secret)[1:-1]
                self._secrets |= {secret, once, json.dumps(once)[1:-1]}

    def connected(self, params: ConnectParams, error: TransportError | None = None) -> None:
        """Write a CONNECT, and that it was refused if *error* says so."""
        assert self._first_at is not None, "it was connecting"
        self._is_open = error is None
        self.add(
            Opened(
                after_s=round(self._opened_at - self._first_at, _DIGITS),
                took_s=self.t,
                wall=self.wall,
                nonce=self.nonce,
                host=params.host,
                port=params.port,
                tls=params.tls is not None,
                client_id=params.client_id,
                username=params.username,
                keepalive_s=params.keepalive_s,
                clean=params.clean_session,
                refused="" if error is None else str(error),
                rejected=isinstance(error, AuthRejectedError),
            )
        )

    def ended(self, why: str) -> None:
        """Write a session's end, once."""
        if self._is_open:
            self._is_open = False
            self.add(Ended(t=self.t, why=why))

    def add(self, line: Header | Line) -> None:
        """Write a line, or that the recording is full."""
        if self.is_full:
            return
        text = write_line(line)
        for secret in self._secrets:
            text = text.replace(secret, BLANK)
        self._lines_left -= 1
        self._characters_left -= len(text)
        if self._lines_left < 1 or self._characters_left < 0:
            self.is_full = True
            text = write_line(Full(t=self.t))
        self._write(text)


class RecordedSession:
    """A session whose messages are recorded."""

    def __init__(self, session: Session, recorder: Recorder) -> None:
        self._session = session
        self._recorder = recorder

    async def subscribe(self, subscription: Subscription) -> None:
        """Subscribe, and record the grant or the refusal."""
        try:
            await self._session.subscribe(subscription)
        except AuthRejectedError as error:
            self._note(subscription, str(error))
            raise
        self._note(subscription, "")

    def _note(self, subscription: Subscription, refused: str) -> None:
        t, topic, qos = self._recorder.t, subscription.topic, subscription.qos
        self._recorder.add(Subscribed(t=t, topic=topic, qos=qos, refused=refused))

    async def publish(self, message: Publish) -> None:
        """Record, and send."""
        recorder = self._recorder
        recorder.add(
            Sent(t=recorder.t, topic=message.topic, qos=message.qos, payload=message.payload)
        )
        await self._session.publish(message)

    def messages(self) -> AsyncIterator[Message]:
        """Yield messages, each when it is recorded."""
        return _Messages(self._session.messages(), self._recorder)

    async def heard(self) -> None:
        """Wait for a sign of life."""
        await self._session.heard()


class _Messages:
    """An iterator that records: a generator would outlive a loop that is left early."""

    def __init__(self, messages: AsyncIterator[Message], recorder: Recorder) -> None:
        self._messages = messages
        self._recorder = recorder

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        recorder = self._recorder
        try:
            each = await anext(self._messages)
        except TransportError as error:
            recorder.ended(str(error))
            raise
        recorder.add(
            Heard(
                t=recorder.t,
                topic=each.topic,
                payload=each.payload,
                retained=each.is_retained,
                repeated=each.is_repeat,
            )
        )
        return each


class RecordedTransport:
    """A transport whose connections are recorded, one link's only."""

    def __init__(self, transport: Transport, recorder: Recorder) -> None:
        self._transport = transport
        self._recorder = recorder

    @asynccontextmanager
    async def connect(self, params: ConnectParams) -> AsyncGenerator[RecordedSession]:
        """Connect, and record how that went and how it ended."""
        recorder = self._recorder
        recorder.connecting(params)
        is_open = False
        try:
            async with self._transport.connect(params) as session:
                is_open = True
                recorder.connected(params)
                yield RecordedSession(session, recorder)
        except TransportError as error:
            if is_open:
                recorder.ended(str(error))
            else:
                recorder.connected(params, error)
            raise
        finally:
            recorder.ended(LEFT_HERE)
