"""A product of the old multi-protocol platform: `$dp` frames up, `$creq` commands down."""

from collections.abc import Sequence
from typing import Any, Final

from agent.clouds.limits import ONENET_LEGACY
from agent.clouds.names import Names, fields_of, names_of
from agent.clouds.onenet import dp
from agent.clouds.onenet.commands import Commands, answers
from agent.clouds.onenet.login import Login
from agent.clouds.onenet.names import DIALECT, as_points
from agent.clouds.packing import Form, Wired, by_identifier, has_time, never, pack, pack_past
from agent.clouds.payload import Body
from agent.messages import (
    Answerable,
    Downlink,
    InfoReport,
    Outcome,
    PropertyReport,
    PropertySet,
    Report,
    Uplink,
)
from agent.ports import Batch, ConnectParams, PlatformLimits, Publish, Subscription
from agent.settings.clouds import OnenetSettings
from agent.thing import Thing

FRESH_S: Final = 10.0
"""What is not older goes without a stamp: the platform's own clock is as good."""

_REQUEST: Final = "$creq/"
_RESPONSE: Final = "$crsp/"


class LegacyCodec:
    """The codec of one device of an old product."""

    Settings = OnenetSettings

    def __init__(self, settings: OnenetSettings, thing: Thing[Any]) -> None:
        self._login = Login(settings)
        self._zone = dp.ZONES.get(settings.stamps)
        self._is_single_in_past = settings.history == "single"
        self._is_single = settings.batch == "none"
        self._names = Names(names_of(thing), settings.rename, DIALECT.of(thing))
        self._fields = fields_of(thing)
        self._commands = Commands(names=self._names, thing=thing)
        self._custom = self._commands.custom(settings.custom_topics)

    @property
    def name(self) -> str:
        """The cloud's name."""
        return "onenet"

    @property
    def limits(self) -> PlatformLimits:
        """The platform's limits."""
        return ONENET_LEGACY

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Give the key itself: this platform knows no signature."""
        del nonce
        return self._login.params(wall_time)

    def subscriptions(self) -> Sequence[Subscription]:
        """List the topics of the user's own; commands come without a subscription."""
        return self._custom.subscriptions()

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Ask nothing: commands that waited come by themselves."""
        del message_id
        return ()

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Post a report's values, or an event as an object; None for the facts.

        Nothing on the wire says which message it was: the platform's PUBACK is all there is.
        """
        del message_id
        if isinstance(message, InfoReport):
            return None
        points = as_points(message, self._names, self._fields)
        if not points:
            return None
        payload = self._frame(points, message.wall_time, wall_time)
        return Publish(topic=dp.TOPIC, payload=payload, is_answered=False)

    def _frame(self, points: Body, measured: float | None, now: float | None) -> bytes:
        is_fresh = measured is not None and now is not None and abs(now - measured) <= FRESH_S
        if measured is None or is_fresh or self._zone is None:
            return dp.frame(dp.VALUES, points)
        at = dp.stamp(measured, self._zone)
        return dp.frame(dp.STAMPED, {key: {at: each} for key, each in points.items()})

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Post several points of each stream; without stamps there is only now."""
        if self._zone is None and isinstance(messages[0], PropertyReport):
            return Batch(publish=None)
        form = self._form(message_id, wall_time, is_single=self._is_single_in_past)
        return pack_past(messages, form)

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Post several points of each stream."""
        return pack(messages, self._form(message_id, wall_time, is_single=self._is_single))

    def _form(self, message_id: str, wall_time: float | None, *, is_single: bool) -> Form:
        return Form(
            takes=never if is_single or self._zone is None else has_time,
            wire=self._wire,
            write=self._write,
            alone=lambda each: self.encode(each, message_id, wall_time),
            bounds=ONENET_LEGACY,
        )

    def _wire(self, message: Report) -> Wired | None:
        assert self._zone is not None, "what is not stamped goes alone"
        assert message.wall_time is not None, "what is not stamped goes alone"
        points = as_points(message, self._names, self._fields)
        at = dp.stamp(message.wall_time, self._zone)
        body = {key: {"at": at, "value": each} for key, each in points.items()}
        return Wired(body=body) if body else None

    def _write(self, wired: Sequence[Wired]) -> Publish:
        body = dp.points(by_identifier(wired))
        return Publish(topic=dp.TOPIC, payload=dp.frame(dp.POINTS, body), is_answered=False)

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Have nothing that the platform sums."""
        del kwh, wall_time, message_id
        return None

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer a command; what came on a topic of the user's own wants no answer."""
        return answers(request, outcome)

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Send nothing: an answer clears."""
        del stored
        return ()

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Send nothing: an answer clears."""
        del live
        return ()

    def ask_time(self) -> Publish | None:
        """Ask for nothing: the platform tells no time."""
        return None

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        if topic.startswith(_REQUEST):
            return self._commands.read(topic.removeprefix(_REQUEST), payload, _RESPONSE)
        return self._custom.read(topic, payload)
