"""One message on its way to the platform: sent until answered, and taken apart where refused."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

import structlog

from agent.clouds.pacing import Pacer
from agent.messages import Ack, PropertyReport, RefusalKind, Uplink
from agent.outbox import Ending
from agent.ports import Codec, Publish, Session

log: Final = structlog.get_logger()

REPLY_S: Final = 10.0
SENDINGS: Final = 4
"""Once, and at most three times again under the same id and stamp."""

BLAMES_A_VALUE: Final = frozenset(
    [
        RefusalKind.UNKNOWN_NAME,
        RefusalKind.READ_ONLY,
        RefusalKind.WRONG_TYPE,
        RefusalKind.OUT_OF_RANGE,
    ]
)

Encode = Callable[[Uplink, str], Publish | None]
"""Puts one message into wire form under an id."""


class Sending:
    """What is sent to one cloud, across all sessions of a link.

    *refused* are the subscriptions that this session does without.
    """

    def __init__(
        self,
        *,
        name: str,
        codec: Codec,
        pacer: Pacer,
        new_id: Callable[[], str],
        refused: Collection[str],
    ) -> None:
        self._name = name
        self._codec = codec
        self._pacer = pacer
        self._new_id = new_id
        self._refused = refused
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._left_out: frozenset[str] = frozenset()
        self._told: set[str] = set()

    def take(self, ack: Ack) -> bool:
        """Hand a reply to the message that waits for it; False where none does."""
        waiting = self._waiting.get(ack.message_id)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(ack)
        return True

    def begin(self) -> None:
        """Begin a session: what the platform's model lacked may have been added to it."""
        self._left_out = frozenset()

    def without_left_out(self, message: Uplink) -> Uplink:
        """Take out of a report what the platform's model does not have."""
        if not self._left_out or not isinstance(message, PropertyReport):
            return message
        kept = {key: value for key, value in message.values.items() if key not in self._left_out}
        return replace(message, values=kept)

    async def send(
        self, session: Session, message: Uplink, message_id: str, encode: Encode
    ) -> Ending:
        """Send one message until it is answered; split a report of which a value is refused."""
        sent = self.without_left_out(message)
        ending = await self._deliver(session, sent, message_id, encode)
        if ending is Ending.REFUSED:
            self._spare_all_of(sent)
        return ending

    async def send_batch(self, session: Session, publish: Publish, message_id: str) -> Ack | None:
        """Send one message that carries several; None: never answered, or too large to be sent."""
        if self._is_too_large(publish):
            return None
        ack = await self._until_answered(session, publish, message_id)
        if ack is None:
            self.tell("report.unconfirmed", topic=publish.topic)
        return ack

    def tell(self, event: str, **details: str | int) -> None:
        """Warn about the first of its kind; tell the others at debug."""
        kind = f"{event} {details.get('name', details.get('code', ''))}"
        tell = log.debug if kind in self._told else log.warning
        self._told.add(kind)
        tell(event, cloud=self._name, **details)

    # ── inside ──────────────────────────────────────────────────────────────────────────────

    def _spare_all_of(self, message: Uplink) -> None:
        """Blame no name where every one of a report was refused: it lies not in the names.

        Some platforms do not say what their codes mean; one that is in trouble would silence us.
        """
        if not isinstance(message, PropertyReport):
            return
        parts = {
            name: replace(message, values={name: message.values[name]}) for name in message.values
        }
        sent = {name for name, part in parts.items() if self._codec.encode(part, "0") is not None}
        if self._left_out >= sent:
            self._left_out -= sent

    async def _deliver(
        self, session: Session, message: Uplink, message_id: str, encode: Encode
    ) -> Ending:
        publish = encode(message, message_id)
        if publish is None:
            return Ending.LOCAL
        if self._is_too_large(publish):
            return Ending.REFUSED
        ack = await self._until_answered(session, publish, message_id)
        if ack is None:
            self.tell("report.unconfirmed", topic=publish.topic)
            return Ending.UNCONFIRMED
        if ack.is_accepted:
            for name in ack.ignored:
                self._blame([name], replace(ack, kind=RefusalKind.UNKNOWN_NAME))
            return Ending.DELIVERED
        self.tell("report.refused", code=ack.code, reason=ack.reason)
        if ack.kind in BLAMES_A_VALUE and isinstance(message, PropertyReport):
            await self._split(session, message, ack, encode)
        return Ending.REFUSED

    def _is_too_large(self, publish: Publish) -> bool:
        if len(publish.payload) <= self._codec.limits.payload_bytes:
            return False
        self.tell("report.too_large", bytes=len(publish.payload))
        return True

    async def _until_answered(
        self, session: Session, publish: Publish, message_id: str
    ) -> Ack | None:
        if publish.replied_on in self._refused:
            publish = replace(publish, is_answered=False)
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = waiting
        try:
            for _ in range(SENDINGS):
                await self._pacer.turn(len(publish.payload))
                ack = await _answer(session, publish, waiting)
                if ack is not None:
                    return ack
            await session.heard()
            return waiting.result() if waiting.done() else None
        finally:
            del self._waiting[message_id]

    async def _split(
        self, session: Session, report: PropertyReport, ack: Ack, encode: Encode
    ) -> None:
        """Send the halves of a refused report, down to the value that is to blame."""
        names = [name for name in report.values if name not in self._left_out]
        if len(names) <= 1:
            self._blame(names, ack)
            return
        middle = len(names) // 2
        for half in (names[:middle], names[middle:]):
            part = replace(report, values={name: report.values[name] for name in half})
            await self._deliver(session, part, self._new_id(), encode)

    def _blame(self, names: list[str], ack: Ack) -> None:
        """Leave out what the platform's model does not have; another value may fit again."""
        is_unknown = ack.kind is RefusalKind.UNKNOWN_NAME
        if is_unknown:
            self._left_out |= frozenset(names)
        for name in names:
            self.tell(
                "report.left_out" if is_unknown else "report.value_refused",
                name=name,
                code=ack.code,
                reason=ack.reason,
                see=f"polycloud model diff {self._codec.name} FILE, with FILE the console's export",
            )


async def _answer(session: Session, publish: Publish, waiting: asyncio.Future[Ack]) -> Ack | None:
    """Send once; None where neither acknowledgement nor reply came in time."""
    try:
        async with asyncio.timeout(REPLY_S):
            await session.publish(publish)
            if not publish.is_answered:
                return Ack(message_id="", is_accepted=True)
            return await asyncio.shield(waiting)
    except TimeoutError:
        return None
