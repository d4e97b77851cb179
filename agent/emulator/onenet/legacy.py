"""OneNET's first generation as a pure core: `$dp` up, `$creq` down, topics of the user's own."""

import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from agent.emulator.json_text import encode
from agent.emulator.onenet import gate, notes, streams
from agent.emulator.onenet.commands import check_size, read_answer
from agent.emulator.onenet.dp import DpError, read_frame
from agent.emulator.onenet.fleet import Fleet, Registration
from agent.emulator.onenet.garbage import LEGACY_GARBAGE
from agent.emulator.onenet.model import NO_MODEL, Model
from agent.emulator.onenet.pending import Match, Pending
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.onenet.twin import Secrets, Twin
from agent.emulator.onenet.view import describe_streams
from agent.emulator.packets import BAD_CLIENT_ID, Connect, Publish
from agent.emulator.platform import (
    Admitted,
    NotSupportedError,
    Receipt,
    Refused,
    Request,
    RequestError,
    Rules,
)
from agent.emulator.values import DeviceKey, Instant, Json, Publication
from agent.errors import ConfigError

NAME: Final = "onenet-legacy"
OFFLINE: Final = 10
"""`errno` of the HTTP API for a device that is offline."""
BAD_CREDENTIALS: Final = 4
MIN_KEEPALIVE_S: Final = 120
MAX_COMMAND: Final = 64 * 1024
DATA_POINTS: Final = "$dp"
REQUEST: Final = "$creq/"
RESPONSE: Final = "$crsp/"

_TOPIC: Final = re.compile(r"[A-Za-z0-9_/]+")
_SECRET: Final = re.compile(r"[\x21-\x7e]{1,128}")


def register(
    product: str, name: str, secret: str, model: Model = NO_MODEL, *, auth_info: str | None = None
) -> Registration:
    """Make a registration: *name* is the device id, *secret* an APIKey or the auth_info.

    *model* only tells what may be set. Raises ConfigError for a bad secret.
    """
    for text in (secret, secret if auth_info is None else auth_info):
        if not _SECRET.fullmatch(text):
            raise ConfigError("an APIKey or auth_info is 1 to 128 characters without a space")
    other = secret if auth_info is None else auth_info
    secrets = Secrets(device=other.encode(), product=secret.encode())
    return Registration(product=product, name=name, secrets=secrets, model=model)


class LegacyPlatform:
    """Devices with their twins, and what they say to the platform and to each other."""

    def __init__(
        self, devices: Iterable[Registration], *, nonce: str, rules: OnenetRules | None = None
    ) -> None:
        """Know *devices*; *nonce* makes the command ids of this run unique."""
        self._rules = rules or OnenetRules()
        self._mqtt_rules = self._rules.legacy()
        self._fleet = Fleet(NAME, devices, nonce=nonce, newest_wins=self._rules.newest_wins)

    @property
    def rules(self) -> Rules:
        """Return what the MQTT core enforces."""
        return self._mqtt_rules

    @property
    def offline_code(self) -> int:
        """Return the code for a device that is offline."""
        return OFFLINE

    def devices(self) -> Sequence[DeviceKey]:
        """List the devices."""
        return self._fleet.devices

    def describe(self, device: DeviceKey) -> dict[str, Json]:
        """Tell what a device reported."""
        return describe_streams(self._fleet[device])

    def authenticate(self, connect: Connect, at: Instant) -> Admitted | Refused:
        """Judge a CONNECT by its three plain texts."""
        del at
        twin = self._fleet.find(connect.username, connect.client_id)
        return gate.counted(twin, _judge(twin, connect))

    def may_publish(self, device: DeviceKey, topic: str) -> bool:
        """Permit data points, answers to commands, and topics of the user's own."""
        del device
        is_answer = topic.startswith(RESPONSE) and "/" not in topic.removeprefix(RESPONSE)
        return topic == DATA_POINTS or is_answer or _TOPIC.fullmatch(topic) is not None

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Permit topics of the user's own, which know no wildcards."""
        del device
        return _TOPIC.fullmatch(topic_filter) is not None

    def receive(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Take one uplink; a broken frame of data points ends the session."""
        twin = self._fleet[device]
        if message.topic == DATA_POINTS:
            return _take_points(twin, message, at)
        if message.topic.startswith(RESPONSE):
            return _take_response(twin, message, at)
        routed = (_routed(peer, message) for peer in self._fleet.peers(device.product))
        return Receipt(publications=tuple(routed))

    def refuse(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Forget data points: PUBACK is all that this platform says of them."""
        if message.topic != DATA_POINTS:
            return self.receive(device, message, at)
        return Receipt()

    def control(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Send values as a command in JSON."""
        return self.command(device, encode(values), at)

    def command(self, device: DeviceKey, payload: bytes, at: Instant) -> Request:
        """Send a raw command, which needs no subscription; raise RequestError if too long."""
        check_size(payload, MAX_COMMAND)
        twin, command = self._fleet[device], self._fleet.next_uuid()
        due = at.now + self._rules.command_within_s
        twin.waiting.add(command, Pending(reply_on=RESPONSE + command, due=due))
        publication = Publication(
            topic=REQUEST + command,
            payload=payload,
            client_id=twin.session,
            needs_subscription=False,
        )
        return Request(request_id=command, publication=publication)

    def desire(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Refuse: there are no desired values."""
        del device, values, at
        raise NotSupportedError("a OneNET product of the first generation has no desired values")

    def invoke(
        self, device: DeviceKey, action: str, values: dict[str, Json], at: Instant
    ) -> Request:
        """Refuse: there are no services without a thing model."""
        del device, action, values, at
        raise NotSupportedError("a OneNET product of the first generation has no services")

    def message(self, device: DeviceKey, topic: str, payload: bytes) -> Publication:
        """Send a message as another client of the product would; raise RequestError."""
        if not _TOPIC.fullmatch(topic):
            raise RequestError(f"topic is letters, digits, '_' and '/', not {topic!r:.200}")
        client_id = self._fleet[device].session
        return Publication(topic=topic, payload=payload, client_id=client_id)

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Make downlinks that no codec may stumble over."""
        del device
        return tuple(Publication(topic=topic, payload=payload) for topic, payload in LEGACY_GARBAGE)


def _judge(twin: Twin | None, connect: Connect) -> Admitted | Refused:
    device = None if twin is None else twin.device
    if connect.username is None or connect.password is None:
        reason = "user name and password are both there"
        return Refused(code=None, reason=reason, device=device)
    if twin is None:
        names = f"{connect.client_id!r:.80} in product {connect.username!r:.80}"
        return Refused(code=BAD_CLIENT_ID, reason=f"no device {names}")
    known = (twin.secrets.device, twin.secrets.product)
    if not any(hmac.compare_digest(connect.password, each) for each in known):
        reason = "the password is neither an APIKey nor the auth_info"
        return Refused(code=BAD_CREDENTIALS, reason=reason, device=device)
    keepalive_s, warning = connect.keepalive_s, ""
    if keepalive_s < MIN_KEEPALIVE_S:
        warning = f"keepalive is at least {MIN_KEEPALIVE_S} s by the documents, not {keepalive_s} s"
    return Admitted(device=twin.device, client_id=twin.session, warning=warning)


def _take_points(twin: Twin, message: Publish, at: Instant) -> Receipt:
    try:
        points = read_frame(message.payload)
    except DpError as error:
        note = notes.ignored(twin, message.topic, str(error))
        return Receipt(note=note, cut="a broken $dp frame")
    streams.keep(twin, points, at)
    return Receipt()


def _take_response(twin: Twin, message: Publish, at: Instant) -> Receipt:
    command = message.topic.removeprefix(RESPONSE)
    match twin.waiting.settle(command, message.topic, at.now):
        case Match.EXPECTED:
            return Receipt(answers=(read_answer(twin, command, message.payload),))
        case Match.LATE:
            reason = "the answer came too late"
        case Match.UNKNOWN:
            reason = "unknown, or answered before"
        case _ as unknown:
            assert_never(unknown)
    return Receipt(note=notes.ignored(twin, message.topic, reason))


def _routed(peer: Twin, message: Publish) -> Publication:
    return Publication(
        topic=message.topic,
        payload=message.payload,
        qos=message.qos,
        client_id=peer.session,
        is_retained=message.is_retained,
    )
