"""Live requests that were answered, until the platform's stored copy of each is cleared."""

import asyncio
from dataclasses import replace

from agent.clouds.pacing import Pacer
from agent.clouds.uncleared import MOST_NAMES, Uncleared
from agent.messages import PropertySet
from agent.ports import Codec, Session


class Taken:
    """The names of one session's live requests, cleared together, as the platform's pace lets us.

    Where a desired value is set while the device is online, the platform sends it and keeps it
    too: it would come again after the next connect, when nobody wants it any more. What
    a session leaves uncleared is known again then.
    """

    def __init__(self, codec: Codec, uncleared: Uncleared) -> None:
        self._codec = codec
        self._uncleared = uncleared
        self._waiting: PropertySet | None = None
        self._has_work = asyncio.Event()

    def add(self, request: PropertySet) -> None:
        """Have what the platform stored of *request* cleared."""
        if not self._codec.encode_taken(request):
            return
        self._uncleared.carried_out_live(request)
        values = dict(request.values)
        if self._waiting is not None:
            values = {**self._waiting.values, **values}
        self._waiting = replace(request, values=dict(list(values.items())[-MOST_NAMES:]))
        self._has_work.set()

    def _size(self) -> int:
        """Tell how large the clearing is, as far as it is known: more may join it."""
        waiting = self._waiting
        known = () if waiting is None else self._codec.encode_taken(waiting)
        return sum(len(each.payload) for each in known)

    async def run(self, session: Session, pacer: Pacer) -> None:
        """Clear whatever comes, until the session ends."""
        while True:
            await self._has_work.wait()
            await pacer.turn(self._size())
            self._has_work.clear()
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                for publish in self._codec.encode_taken(waiting):
                    await session.publish(publish)
                again = () if self._waiting is None else self._waiting.values
                self._uncleared.cleared_live(waiting.values.keys() - set(again))
