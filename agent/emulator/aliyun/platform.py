"""Aliyun IoT Platform as a pure core: who may come in, and what every uplink leads to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.emulator import topics
from agent.emulator.aliyun import requests
from agent.emulator.aliyun.admission import admit
from agent.emulator.aliyun.auth import read_secret
from agent.emulator.aliyun.conversation import POSTS, converse, to_user
from agent.emulator.aliyun.dialogue import SYSTEM_ERROR
from agent.emulator.aliyun.garbage import garbage
from agent.emulator.aliyun.login import read_login, read_username
from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.aliyun.topics import topics_of
from agent.emulator.aliyun.tsl import Tsl
from agent.emulator.aliyun.twin import Standing, Twin
from agent.emulator.aliyun.view import describe
from agent.emulator.packets import Connect, Publish
from agent.emulator.platform import Admitted, Receipt, Refused, Request, RequestError, Rules
from agent.emulator.records import Moments
from agent.emulator.values import DeviceKey, Instant, Json, Publication

NAME: Final = "aliyun"
OFFLINE: Final = 9201
"""The cloud API's code for a device that is offline."""

NOTICES: Final = {
    "disable": Standing.DISABLED,
    "enable": Standing.ENABLED,
    "delete": Standing.DELETED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One device that the platform knows."""

    product: str
    name: str
    key: bytes = field(repr=False)
    tsl: Tsl


def register(product: str, name: str, secret: str, tsl: Tsl) -> Registration:
    """Make a registration from a device's three values; raise ConfigError for a bad secret."""
    return Registration(product=product, name=name, key=read_secret(secret), tsl=tsl)


class AliyunPlatform:
    """Devices with their twins, and the dialogues of Alink."""

    def __init__(
        self, devices: Iterable[Registration], *, nonce: str, rules: AliyunRules | None = None
    ) -> None:
        """Know *devices*; *nonce* makes the ids of this run differ from those of another."""
        self._rules = rules or AliyunRules()
        self._mqtt_rules = self._rules.mqtt()
        self._numbers = requests.Numbers(nonce)
        self._twins: dict[DeviceKey, Twin] = {}
        for each in devices:
            key = DeviceKey(cloud=NAME, product=each.product, name=each.name)
            self._twins[key] = Twin(
                device=key,
                key=each.key,
                tsl=each.tsl,
                topics=topics_of(key),
                moments=Moments(newest_wins=self._rules.newest_wins),
            )

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
        return tuple(self._twins)

    def describe(self, device: DeviceKey) -> dict[str, Json]:
        """Tell what a device reported."""
        return describe(self._twins[device])

    def authenticate(self, connect: Connect, at: Instant) -> Admitted | Refused:
        """Judge a CONNECT by its form, its identity, keepalive, pace and signature."""
        codes = self._rules.codes
        login = read_login(connect.client_id)
        if login is None:
            reason = "the ClientID is not {clientId}|key=value,…| with 1 to 64 characters first"
            return Refused(code=codes.client_id, reason=reason)
        username = read_username(connect.username)
        if username is None:
            return Refused(code=codes.username, reason="the user name is not {dn}&{pk}")
        key = DeviceKey(cloud=NAME, product=username.product, name=username.name)
        twin = self._twins.get(key)
        if twin is None:
            reason = f"no device is {username.name:.40} of product {username.product:.40}"
            return Refused(code=codes.unknown, reason=reason)
        return admit(twin, login, connect, self._rules, at)

    def may_publish(self, device: DeviceKey, topic: str) -> bool:
        """Permit a device its own topics."""
        return self._twins[device].topics.route(topic) is not None

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Permit a device its own topics."""
        return self._twins[device].topics.may_subscribe(topic_filter)

    def receive(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Take one uplink, judge it and reply."""
        twin = self._twins[device]
        route = twin.topics.route(message.topic)
        if route is None:
            return Receipt()
        return converse(twin, route, message, at, self._rules)

    def refuse(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Refuse a post as the quirk of a platform in trouble does; anything else is taken."""
        twin = self._twins[device]
        route = twin.topics.route(message.topic)
        if route is None or route.channel not in POSTS:
            return self.receive(device, message, at)
        quirks = replace(self._rules.quirks, refuses_with=SYSTEM_ERROR)
        return converse(twin, route, message, at, replace(self._rules, quirks=quirks))

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Make downlinks that no codec may stumble over."""
        return garbage(device)

    # ── what the app and the cloud API do ───────────────────────────────────────────────────

    def control(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Set properties; nothing is kept for a device that is offline."""
        del at
        return self._ask(device, _SET, dict(values))

    def desire(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Keep desired values until the device clears them, and set them if it is online."""
        del at
        self._twins[device].want(values)
        return self._ask(device, _SET, dict(values), is_kept=True)

    def fetch(self, device: DeviceKey, names: Sequence[str]) -> Request:
        """Ask a device for the values of properties, in the old way."""
        return self._ask(device, "thing/service/property/get", list(names))

    def notify(self, device: DeviceKey, name: str) -> Request:
        """Disable, enable or delete a device and tell it; raise RequestError.

        Whoever is not enabled is refused its requests, and cannot log in again. The platform also
        closes the connection, as the fault `kick` does.
        """
        standing = NOTICES.get(name)
        if standing is None:
            raise RequestError(f"a notice is one of {', '.join(NOTICES)}, not {name!r:.40}")
        self._twins[device].standing = standing
        return self._ask(device, f"thing/{name}", {})

    def invoke(
        self, device: DeviceKey, action: str, values: dict[str, Json], at: Instant
    ) -> Request:
        """Call a service, as its TSL says synchronously or not; raise RequestError.

        The built-in services are `set` and `get`, with the names of properties as keys; the names
        of the notices send these.
        """
        twin = self._twins[device]
        if action == "set":
            return self.control(device, values, at)
        if action == "get":
            return self.fetch(device, list(values or twin.tsl.properties))
        if action in NOTICES and action not in twin.tsl.services:
            return self.notify(device, action)
        if "/" in action or not topics.is_topic(action):
            raise RequestError(f"a service has a name without '/', '+' and '#', not {action!r:.60}")
        row = twin.tsl.services.get(action)
        if row is not None and row.is_synchronous:
            ids = (self._numbers.take(), self._numbers.take())
            return requests.call(twin, ids, action, values, self._deadline(at))
        return self._ask(device, f"thing/service/{action}", dict(values))

    def command(
        self, device: DeviceKey, payload: bytes, at: Instant, *, topic: str | None = None
    ) -> Request:
        """Call a device with bytes that it answers with bytes; raise RequestError.

        With a *topic* of the user's own the call comes on that, if the client's `ext` allows it.
        """
        twin = self._twins[device]
        if topic is not None:
            self._check_user_topic(twin, topic)
            if twin.login is None or not twin.login.takes_extended_rrpc:
                raise RequestError("calls on own topics need bit 0 of ext in the ClientID")
        deadline = self._deadline(at)
        return requests.raw_call(twin, self._numbers.take(), payload, deadline, user_topic=topic)

    def message(self, device: DeviceKey, topic: str, payload: bytes) -> Publication:
        """Send a message on a topic of the user's own; raise RequestError."""
        twin = self._twins[device]
        self._check_user_topic(twin, topic)
        return to_user(twin, topic, payload, qos=0)

    def _ask(self, device: DeviceKey, path: str, params: Json, *, is_kept: bool = False) -> Request:
        twin, number = self._twins[device], self._numbers.take()
        return requests.request(twin, number, path, params, is_kept=is_kept)

    def _deadline(self, at: Instant) -> float:
        return at.now + self._rules.sync_answer_within_s

    def _check_user_topic(self, twin: Twin, topic: str) -> None:
        if not twin.topics.is_custom(topic) or not topics.is_topic(topic):
            own = twin.topics.user
            raise RequestError(f"topic is {own}… with at most 7 slashes, not {topic!r:.200}")


_SET: Final = "thing/service/property/set"
