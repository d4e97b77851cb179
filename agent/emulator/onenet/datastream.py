"""OneNET with data streams as a pure core: points up, raw commands down."""

from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from agent.emulator.json_text import encode
from agent.emulator.onenet import gate, notes, streams
from agent.emulator.onenet.commands import check_size, read_answer
from agent.emulator.onenet.dp_json import IllegalDataError, read_points
from agent.emulator.onenet.fleet import Fleet, Registration
from agent.emulator.onenet.garbage import DATASTREAM_GARBAGE
from agent.emulator.onenet.model import NO_MODEL, Model
from agent.emulator.onenet.pending import Match, Pending
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.onenet.thing import register as register_thing
from agent.emulator.onenet.topics import DATASTREAM, own
from agent.emulator.onenet.twin import Twin
from agent.emulator.onenet.view import describe_streams
from agent.emulator.packets import Connect, Publish
from agent.emulator.platform import (
    Admitted,
    NotSupportedError,
    Receipt,
    Refused,
    Request,
    Rules,
)
from agent.emulator.values import DeviceKey, Instant, Json, Publication

NAME: Final = "onenet-datastream"
OFFLINE: Final = 10500
"""`code` of the cloud API for a device that has not subscribed."""
MAX_COMMAND: Final = 1024

ILLEGAL_DATA: Final = (98, "illegal data")
TOO_LARGE: Final = (99, "maximum payload size exceeded")
SERVER_ERROR: Final = (500, "internal error")
"""The platform's own trouble, which its documents list no code for."""

TIMED_OUT: Final = (112, "cmd response timeout")
NOT_FOUND: Final = (113, "cmd id not found")


def register(
    product: str,
    name: str,
    secret: str,
    model: Model = NO_MODEL,
    *,
    product_secret: str | None = None,
) -> Registration:
    """Make a registration as for a thing model; *model* only tells what may be set."""
    return register_thing(product, name, secret, model, product_secret=product_secret)


class DatastreamPlatform:
    """Devices with their twins, and the dialogues of data points and commands."""

    def __init__(
        self, devices: Iterable[Registration], *, nonce: str, rules: OnenetRules | None = None
    ) -> None:
        """Know *devices*; *nonce* makes the command ids of this run unique."""
        self._rules = rules or OnenetRules()
        self._mqtt_rules = self._rules.datastream()
        self._fleet = Fleet(NAME, devices, nonce=nonce, newest_wins=self._rules.newest_wins)

    @property
    def rules(self) -> Rules:
        """Return what the MQTT core enforces."""
        return self._mqtt_rules

    @property
    def offline_code(self) -> int:
        """Return the code for a device that is offline or has not subscribed."""
        return OFFLINE

    def devices(self) -> Sequence[DeviceKey]:
        """List the devices."""
        return self._fleet.devices

    def describe(self, device: DeviceKey) -> dict[str, Json]:
        """Tell what a device reported."""
        return describe_streams(self._fleet[device])

    def authenticate(self, connect: Connect, at: Instant) -> Admitted | Refused:
        """Judge a CONNECT."""
        return gate.admit(self._fleet, self._rules, connect, at)

    def may_publish(self, device: DeviceKey, topic: str) -> bool:
        """Permit a device its own uplinks."""
        return DATASTREAM.uplink(device, topic) is not None

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Permit a device its own downlinks."""
        return DATASTREAM.may_subscribe(device, topic_filter)

    def receive(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Take one uplink; too many in 5 s end the session and keep the device out."""
        twin = self._fleet[device]
        reason = self._excess(twin, message, at)
        if reason is not None:
            twin.banned_until = at.now + self._rules.ban_s
            return Receipt(cut=reason)
        channel = message.topic.removeprefix(own(device))
        if channel == "dp/post/json":
            return _take_points(twin, message, at)
        if channel.startswith("cmd/response/"):
            return _take_response(twin, message, channel.rpartition("/")[2], at)
        return Receipt(note=notes.ignored(twin, message.topic, "this dialogue is not emulated"))

    def refuse(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Refuse data points; anything else is taken."""
        twin = self._fleet[device]
        if message.topic.removeprefix(own(device)) != "dp/post/json":
            return self.receive(device, message, at)
        try:
            number, _ = read_points(message.payload, at)
        except IllegalDataError:
            return self.receive(device, message, at)
        return _rejected(twin, message.topic, SERVER_ERROR, "refused on purpose", {"id": number})

    def control(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Send values as a command in JSON."""
        return self.command(device, encode(values), at)

    def command(self, device: DeviceKey, payload: bytes, at: Instant) -> Request:
        """Send a raw command; raise RequestError for one that is too long."""
        check_size(payload, MAX_COMMAND)
        twin, command, prefix = self._fleet[device], self._fleet.next_uuid(), own(device)
        reply_on, due = f"{prefix}cmd/response/{command}", at.now + self._rules.command_within_s
        twin.waiting.add(command, Pending(reply_on=reply_on, due=due))
        topic = f"{prefix}cmd/request/{command}"
        publication = Publication(topic=topic, payload=payload, client_id=twin.session)
        return Request(request_id=command, publication=publication)

    def desire(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Refuse: data streams have no desired values."""
        del device, values, at
        raise NotSupportedError("a OneNET product with data streams has no desired values")

    def invoke(
        self, device: DeviceKey, action: str, values: dict[str, Json], at: Instant
    ) -> Request:
        """Refuse: there are no services without a thing model."""
        del device, action, values, at
        raise NotSupportedError("a OneNET product with data streams has no services")

    def message(self, device: DeviceKey, topic: str, payload: bytes) -> Publication:
        """Refuse: there are no topics but the platform's."""
        del device, topic, payload
        raise NotSupportedError("a OneNET product with data streams has no topics of the user's")

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Make downlinks that no codec may stumble over."""
        return tuple(
            Publication(topic=own(device) + channel, payload=payload)
            for channel, payload in DATASTREAM_GARBAGE
        )

    def _excess(self, twin: Twin, message: Publish, at: Instant) -> str | None:
        rules = self._rules
        limit = rules.qos1_publishes_per_5s if message.qos else rules.publishes_per_5s
        window = twin.qos1_uplinks if message.qos else twin.uplinks
        if not window.is_exceeded(limit, at.now):
            return None
        return (
            f"more than {limit} messages at QoS {message.qos} in 5 s: banned for {rules.ban_s:g} s"
        )


def _take_points(twin: Twin, message: Publish, at: Instant) -> Receipt:
    try:
        number, points = read_points(message.payload, at)
    except IllegalDataError as error:
        return _rejected(twin, message.topic, ILLEGAL_DATA, str(error), {"id": error.id})
    streams.keep(twin, points, at)
    return Receipt(publications=(_reply(twin, f"{message.topic}/accepted", {"id": number}),))


def _take_response(twin: Twin, message: Publish, command: str, at: Instant) -> Receipt:
    topic, payload = message.topic, message.payload
    if len(payload) > MAX_COMMAND:
        return _rejected(twin, topic, TOO_LARGE, f"{len(payload)} bytes")
    match twin.waiting.settle(command, topic, at.now):
        case Match.UNKNOWN:
            return _rejected(twin, topic, NOT_FOUND, "unknown, or answered before")
        case Match.LATE:
            return _rejected(twin, topic, TIMED_OUT, "the answer came too late")
        case Match.EXPECTED:
            accepted = Publication(topic=f"{topic}/accepted", payload=b"", client_id=twin.session)
            answered = read_answer(twin, command, payload)
            return Receipt(publications=(accepted,), answers=(answered,))
        case _ as unknown:
            assert_never(unknown)


def _rejected(
    twin: Twin,
    topic: str,
    error: tuple[int, str],
    reason: str,
    head: dict[str, Json] | None = None,
) -> Receipt:
    code, text = error
    body = (head or {}) | {"err_code": code, "err_msg": text}
    return Receipt(
        publications=(_reply(twin, f"{topic}/rejected", body),),
        note=notes.refused(twin, topic, code, reason),
    )


def _reply(twin: Twin, topic: str, body: dict[str, Json]) -> Publication:
    return Publication(topic=topic, payload=encode(body), client_id=twin.session)
