"""A transport in memory whose platform is a function, and which fails on purpose."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from agent.clouds.inbox import Inbox
from agent.errors import AuthRejectedError, TransportError
from agent.ports import ConnectParams, Message, Publish, Subscription

Answer = Callable[[Publish], Sequence[Message]]
"""What a platform says to one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How one connection misbehaves.

    `refusal`: it is not opened. `refused_topic`: this subscription is not granted.
    `cut_after`: it ends with that publish, which the platform still got when `cut_is_heard`.
    `lasts_s`: it ends after that time. `is_silent`: the platform hears and says nothing.
    `delay_s`: each publish takes that long. `repeats`: each message arrives twice.
    """

    refusal: TransportError | None = None
    refused_topic: str | None = None
    cut_after: int | None = None
    cut_is_heard: bool = True
    lasts_s: float | None = None
    is_silent: bool = False
    delay_s: float = 0.0
    repeats: bool = False


FAIR: Final = Trouble()


class FlakySession:
    """One connection in memory."""

    def __init__(self, transport: "FlakyTransport", trouble: Trouble) -> None:
        self._transport = transport
        self._trouble = trouble
        self._published = 0
        self.inbox = Inbox()

    async def subscribe(self, subscription: Subscription) -> None:
        """Grant a filter, unless the trouble is with this one."""
        self._raise_if_ended()
        if subscription.topic == self._trouble.refused_topic:
            raise AuthRejectedError(f"the platform refused {subscription.topic}")
        self._transport.subscribed.append(subscription)

    async def publish(self, message: Publish) -> None:
        """Bring a message to the platform and its answers into the inbox, or fail to."""
        self._raise_if_ended()
        if self._trouble.delay_s:
            await asyncio.sleep(self._trouble.delay_s)
            self._raise_if_ended()
        self._published += 1
        is_cut = self._published == self._trouble.cut_after
        if is_cut and not self._trouble.cut_is_heard:
            self.end()
        self._raise_if_ended()
        self._transport.sent.append(message)
        answers = self._transport.answer(message)
        if is_cut:
            self.end()
        self._raise_if_ended()
        if not self._trouble.is_silent:
            for answer in answers:
                self.say(answer)

    def messages(self) -> AsyncIterator[Message]:
        """Yield messages until the connection ends; raise `TransportError` then."""
        return self.inbox

    async def heard(self) -> None:
        """Return: what was sent has been heard, or the session has ended."""
        self._raise_if_ended()

    def say(self, message: Message) -> None:
        """Have the platform say something; twice, if that is the trouble."""
        for _ in range(2 if self._trouble.repeats else 1):
            self.inbox.put(message)

    def end(self) -> None:
        """Cut the connection."""
        self.inbox.end(TransportError("the connection was cut"))

    def _raise_if_ended(self) -> None:
        if self.inbox.ended is not None:
            raise TransportError(str(self.inbox.ended))


class FlakyTransport:
    """Opens connections in memory: one trouble each in the order given, then fair weather.

    `connects`, `subscribed` and `sent` tell what the platform has seen.
    """

    def __init__(self, answer: Answer, troubles: Iterable[Trouble] = ()) -> None:
        self.answer = answer
        self.connects: list[ConnectParams] = []
        self.subscribed: list[Subscription] = []
        self.sent: list[Publish] = []
        self.session: FlakySession | None = None
        self._troubles = iter(troubles)

    @asynccontextmanager
    async def connect(self, params: ConnectParams) -> AsyncGenerator[FlakySession]:
        """Connect, or fail as the next trouble says."""
        self.connects.append(params)
        trouble = next(self._troubles, FAIR)
        if trouble.refusal is not None:
            raise type(trouble.refusal)(str(trouble.refusal))
        session = self.session = FlakySession(self, trouble)
        timer = None
        if trouble.lasts_s is not None:
            timer = asyncio.get_running_loop().call_later(trouble.lasts_s, session.end)
        try:
            yield session
        finally:
            if timer is not None:
                timer.cancel()
            session.end()
            self.session = None
