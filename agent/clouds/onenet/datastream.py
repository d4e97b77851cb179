"""A product of datastreams: neutral messages ↔ data points, and commands with a free body."""

import re
from collections.abc import Sequence
from typing import Any, Final

from agent.clouds.limits import ONENET_DATASTREAM
from agent.clouds.names import Names, fields_of, names_of
from agent.clouds.onenet.commands import Commands, answers
from agent.clouds.onenet.login import Login
from agent.clouds.onenet.names import DIALECT, as_points
from agent.clouds.packing import Form, Wired, by_identifier, has_time, never, pack, pack_past
from agent.clouds.payload import Body, dump, load
from agent.errors import CodecError, SettingError
from agent.messages import (
    Ack,
    Answerable,
    Downlink,
    InfoReport,
    Outcome,
    PropertySet,
    RefusalKind,
    Report,
    Uplink,
)
from agent.ports import Batch, ConnectParams, PlatformLimits, Publish, Subscription
from agent.settings.clouds import OnenetSettings
from agent.thing import Thing

ILLEGAL_DATA: Final = 98

_POST: Final = "dp/post/json"
_MAX_REASON: Final = 256
_STREAM: Final = re.compile(r"\$?[A-Za-z0-9_.]+")
_MAX_STREAM: Final = 30


class DatastreamCodec:
    """The codec of one device of a datastream product."""

    Settings = OnenetSettings

    def __init__(self, settings: OnenetSettings, thing: Thing[Any]) -> None:
        self._login = Login(settings)
        self._names = Names(names_of(thing), settings.rename, DIALECT.of(thing))
        self._fields = fields_of(thing)
        _check_streams(self._names, thing)
        self._is_single_in_past = settings.history == "single"
        self._is_single = settings.batch == "none"
        self._commands = Commands(names=self._names, thing=thing)
        self._prefix = f"$sys/{settings.product_id}/{settings.device_name}/"

    @property
    def name(self) -> str:
        """The cloud's name."""
        return "onenet"

    @property
    def limits(self) -> PlatformLimits:
        """The platform's published limits."""
        return ONENET_DATASTREAM

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Sign anew; the platform has no use for *nonce*."""
        del nonce
        return self._login.params(wall_time)

    def subscriptions(self) -> Sequence[Subscription]:
        """List the filters; the platform grants no more than QoS 0 to anybody."""
        tails = (f"{_POST}/+", "cmd/request/+", "cmd/response/+/+")
        return tuple(Subscription(topic=self._prefix + tail, qos=0) for tail in tails)

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Ask nothing: the platform stores no commands."""
        del message_id
        return ()

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Post a report's values, or an event as an object; None for the facts."""
        del wall_time
        if isinstance(message, InfoReport):
            return None
        wired = self._wire(message)
        return None if wired is None else self._write([wired], message_id)

    def _wire(self, message: Report) -> Wired | None:
        points = as_points(message, self._names, self._fields)
        stamp = {} if message.wall_time is None else {"t": int(message.wall_time)}
        body = {key: {"v": each, **stamp} for key, each in points.items()}
        return Wired(body=body) if body else None

    def _write(self, wired: Sequence[Wired], message_id: str) -> Publish:
        """Post the points of each stream, in order; two within one second have one stamp."""
        body = {"id": int(message_id), "dp": by_identifier(wired)}
        return Publish(topic=self._prefix + _POST, payload=dump(body))

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Post several points of each stream: each has a time of its own, old or new."""
        del wall_time
        return pack_past(messages, self._form(message_id, is_single=self._is_single_in_past))

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Post several points of each stream."""
        del wall_time
        return pack(messages, self._form(message_id, is_single=self._is_single))

    def _form(self, message_id: str, *, is_single: bool) -> Form:
        return Form(
            takes=never if is_single else has_time,
            wire=self._wire,
            write=lambda wired: self._write(wired, message_id),
            alone=lambda each: self.encode(each, message_id),
            bounds=ONENET_DATASTREAM,
        )

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Have nothing that the platform sums."""
        del kwh, wall_time, message_id
        return None

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer a command, once."""
        return answers(request, outcome)

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Send nothing: the platform stores no commands."""
        del stored
        return ()

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Send nothing: the platform stores no commands."""
        del live
        return ()

    def ask_time(self) -> Publish | None:
        """Ask for nothing: the platform tells no time."""
        return None

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`.

        That the platform took the answer to a command, or did not, changes nothing.
        """
        if not topic.startswith(self._prefix):
            return None
        tail = topic.removeprefix(self._prefix)
        if tail == f"{_POST}/accepted":
            return Ack(message_id=_id(load(payload)), is_accepted=True)
        if tail == f"{_POST}/rejected":
            return _rejected(load(payload))
        if tail.startswith("cmd/request/"):
            command_id = tail.removeprefix("cmd/request/")
            return self._commands.read(command_id, payload, f"{self._prefix}cmd/response/")
        return None


def _rejected(body: Body) -> Ack:
    code, reason = body.get("err_code"), body.get("err_msg")
    if isinstance(code, bool) or not isinstance(code, int):
        raise CodecError("a post was rejected without a code")
    return Ack(
        message_id=_id(body),
        is_accepted=False,
        code=code,
        reason=reason[:_MAX_REASON] if isinstance(reason, str) else "",
        kind=RefusalKind.MALFORMED if code == ILLEGAL_DATA else None,
    )


def _id(body: Body) -> str:
    """Read the id of a post; -1 stands for one that the platform could not even read."""
    message_id = body.get("id")
    if isinstance(message_id, bool) or not isinstance(message_id, int) or message_id < 0:
        raise CodecError("the platform answered a post without telling which")
    return str(message_id)


def _check_streams(names: Names, thing: Thing[Any]) -> None:
    own = [row.field.name for row in thing.properties] + [event.name for event in thing.events]
    for name in own:
        stream = names.wire_id(name)
        if len(stream) > _MAX_STREAM or _STREAM.fullmatch(stream) is None:
            raise SettingError(
                "clouds.onenet.rename",
                found=f"{stream!r:.80} as the datastream of {name}",
                allowed=f"1 to {_MAX_STREAM} letters, digits, '_' or '.', with or without a '$'"
                " in front",
            )
