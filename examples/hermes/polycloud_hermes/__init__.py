"""Hermes, an imagined cloud: a topic for each kind of message, with plain JSON in it."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr

from agent import messages as said
from agent.clouds.names import Dialect, Names, names_of, take_values
from agent.clouds.payload import MAX_PARAMS, Body, dump, load, number, table, text
from agent.clouds.plain import UNANSWERED, CustomTopics
from agent.model import Values
from agent.ports import Batch, ConnectParams, PlatformLimits, Publish, Subscription, Tls
from agent.settings.clouds import CloudSettings
from agent.settings.clouds.base import NO_SECRET
from agent.settings.section import FilePath
from agent.thing import Thing

Reports = Sequence[said.Report]
Wall = float | None
CODES = {kind: 400 + place for place, kind in enumerate(said.RefusalKind)}
MALFORMED = said.Refusal(kind=said.RefusalKind.MALFORMED, reason="values is no small object")


class HermesSettings(CloudSettings):
    """`[clouds.hermes]`; the loader puts the secret in, from its one source."""

    IDENTITY: ClassVar[tuple[str, ...]] = ("device_name",)
    device_name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$", description="a-z, 0-9 and '-'")]
    device_secret: SecretStr = NO_SECRET
    device_secret_file: FilePath | None = None


class HermesCodec:
    """The dialect of one device: pure, so that it can be tested without a network."""

    Settings = HermesSettings
    name = "hermes"
    limits = PlatformLimits(
        connect_interval_s=2, rejected_interval_s=60, messages_per_s=5, payload_bytes=65_536
    )

    def __init__(self, settings: HermesSettings, thing: Thing[Any]) -> None:
        self._settings, self._root = settings, f"hermes/{settings.device_name}"
        self._names = Names(names_of(thing), settings.rename, Dialect(cloud=self.name))
        self._kinds = {row.field.name: row.field.kind for row in thing.properties}
        self._custom = CustomTopics(
            settings.custom_topics, names=self._names, kinds=self._kinds, switch=thing.switch
        )

    def connect_params(self, wall_time: Wall, nonce: str) -> ConnectParams:
        """Log in with name and secret: Hermes has nothing signed."""
        given, full = self._settings, self._settings.verify == "full"
        tls = Tls(ca_file=given.ca_file, server_name=given.server_name, verifies_host=full)
        return ConnectParams(
            host=given.host or "mqtt.hermes.example",
            port=given.port or (8883 if given.tls else 1883),
            tls=tls if given.tls else None,
            client_id=given.device_name,
            username="device",
            password=given.device_secret.get_secret_value(),
        )

    def subscriptions(self) -> Sequence[Subscription]:
        """Hear all that comes down to this device, and the user's own topics."""
        return (Subscription(topic=f"{self._root}/down/+"), *self._custom.subscriptions())

    def encode(
        self, message: said.Uplink, message_id: str, wall_time: Wall = None
    ) -> Publish | None:
        """Tell values, an event or facts, each with the time at which it was so."""
        body: dict[str, object] = {"id": message_id}
        if isinstance(message, said.InfoReport):
            return self._up("info", body | {"facts": dict(message.facts)})
        if message.wall_time is not None:
            body["at"] = message.wall_time
        if isinstance(message, said.EventReport):
            values = self._written(message.values, f"{message.name}.")
            event = self._names.wire_id(message.name)
            return self._up("event", body | {"event": event, "values": values})
        values = self._written(message.values)
        return self._up("report", body | {"values": values}) if values else None

    def encode_together(self, messages: Reports, message_id: str, wall_time: Wall = None) -> Batch:
        """Tell the first alone: Hermes takes one in a message."""
        return Batch(publish=self.encode(messages[0], message_id, wall_time))

    def encode_past(self, messages: Reports, message_id: str, wall_time: Wall = None) -> Batch:
        """Tell the first by its own time; values of an unknown time would pass for those of now."""
        is_lost = isinstance(messages[0], said.PropertyReport) and messages[0].wall_time is None
        return Batch(publish=None if is_lost else self.encode(messages[0], message_id, wall_time))

    def encode_reply(self, request: said.Answerable, outcome: said.Outcome) -> Sequence[Publish]:
        """Answer with the request's id, unless nobody waits for that."""
        if request.context == UNANSWERED:
            return ()
        told: Body = {"ok": True, "values": self._written(outcome.values)}
        if outcome.refusal is not None:
            reason = outcome.refusal.reason[:200]
            told = {"ok": False, "code": CODES[outcome.refusal.kind], "reason": reason}
        return (self._up("reply", {"id": request.request_id, **told}, is_answered=False),)

    def _nothing(self, *_: Any, **__: Any) -> Sequence[Publish]:
        """Hermes stores no commands: there is nothing to ask for, or to clear."""
        return ()

    def _none(self, *_: Any, **__: Any) -> None:
        """Hermes adds nothing up, and tells no time."""

    on_connected = encode_cleared = encode_taken = _nothing
    encode_sum = ask_time = _none

    def decode(self, topic: str, payload: bytes) -> said.Downlink | None:
        """Understand a message; raise `CodecError` and nothing else."""
        above, _, kind = topic.rpartition("/")
        if above != f"{self._root}/down" or kind not in {"ack", "set", "call"}:
            return self._custom.read(topic, payload)
        body = load(payload)
        of = text(body, "id")
        if kind == "ack":
            code = int(number(body, "code") or 0)
            return said.Ack(message_id=of, is_accepted=body.get("ok") is True, code=code)
        raw = table(body, "values")
        values: Values | said.Refusal = MALFORMED
        if raw is not None and len(raw) <= MAX_PARAMS:
            values = take_values(raw, {key: self._names.name(key) for key in raw}, self._kinds)
        if isinstance(values, said.Refusal):
            return said.BadRequest(request_id=of, refusal=values)
        if kind == "set":
            return said.PropertySet(request_id=of, values=values)
        name = self._names.name(text(body, "action")) or ""
        return said.ActionCall(request_id=of, name=name, values=values)

    def _written(self, values: Values, above: str = "") -> dict[str, object]:
        """Put values under their names on the wire; a number that is none is left out."""
        known = {k: v for k, v in values.items() if not isinstance(v, float) or math.isfinite(v)}
        return {self._names.wire_id(above + name): value for name, value in known.items()}

    def _up(self, kind: str, body: Body, *, is_answered: bool = True) -> Publish:
        topic = f"{self._root}/up/{kind}"
        return Publish(topic=topic, payload=dump(body), is_answered=is_answered)
