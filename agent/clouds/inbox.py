"""What has arrived and was not yet read: bounded, and no task for each message."""

import asyncio
from collections import deque
from typing import Final, Self

from agent.errors import TransportError
from agent.ports import Message

DEFAULT_CAPACITY: Final = 256


def again(error: TransportError) -> TransportError:
    """Make an error of the same kind, for each who waits: a traceback belongs to one."""
    return type(error)(str(error))


class Inbox:
    """An iterator over the messages of one session; it ends with the session's error."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._messages: deque[Message] = deque()
        self._capacity = capacity
        self._ended: TransportError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.discarded = 0

    def put(self, message: Message) -> bool:
        """Add a message; one too many is discarded and counted, and the answer is False."""
        if len(self._messages) >= self._capacity:
            self.discarded += 1
            return False
        self._messages.append(message)
        self._wake()
        return True

    def end(self, error: TransportError) -> None:
        """Let the reader read what is there and then raise *error*; the first error counts."""
        self._ended = self._ended or error
        self._wake()

    @property
    def ended(self) -> TransportError | None:
        """Why no more messages come; None while they may."""
        return self._ended

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        while not self._messages:
            if self._ended is not None:
                raise again(self._ended)
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._messages.popleft()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
