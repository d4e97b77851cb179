"""OneNET with a thing model (OneJSON) as a pure core: what every uplink leads to."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from agent.emulator.json_text import JsonError, decode, encode
from agent.emulator.onenet import batches, desired, events, gate, notes, properties
from agent.emulator.onenet.answers import take_answer
from agent.emulator.onenet.dialogue import (
    BAD_FORMAT,
    SERVER_ERROR,
    SUCCESS,
    VALUE_MISSING,
    Context,
    UplinkError,
    check_id,
    demand_object,
)
from agent.emulator.onenet.fleet import Fleet, Registration
from agent.emulator.onenet.garbage import THING_GARBAGE
from agent.emulator.onenet.model import Model
from agent.emulator.onenet.pending import Pending
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.onenet.token import read_secret
from agent.emulator.onenet.topics import THING, own
from agent.emulator.onenet.twin import Secrets, Twin
from agent.emulator.onenet.view import describe
from agent.emulator.packets import Connect, Publish
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

NAME: Final = "onenet"
OFFLINE: Final = 10500
"""`code` of the cloud API for a device that has not subscribed."""

Dialogue = Callable[[Context, Json], Json]

_SERVICE: Final = re.compile(r"\$?[A-Za-z0-9_]{1,64}")


def register(
    product: str, name: str, secret: str, model: Model, *, product_secret: str | None = None
) -> Registration:
    """Make a registration; without *product_secret* the one key opens product and device.

    Raises ConfigError for a bad key.
    """
    key = read_secret(secret)
    product_key = key if product_secret is None else read_secret(product_secret)
    secrets = Secrets(device=key, product=product_key)
    return Registration(product=product, name=name, secrets=secrets, model=model)


class ThingPlatform:
    """Devices with their twins, and the dialogues of the thing model."""

    def __init__(
        self, devices: Iterable[Registration], *, nonce: str, rules: OnenetRules | None = None
    ) -> None:
        """Know *devices*; *nonce* makes the request ids of this run unique."""
        self._rules = rules or OnenetRules()
        self._mqtt_rules = self._rules.thing()
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
        return describe(self._fleet[device])

    def authenticate(self, connect: Connect, at: Instant) -> Admitted | Refused:
        """Judge a CONNECT."""
        return gate.admit(self._fleet, self._rules, connect, at)

    def may_publish(self, device: DeviceKey, topic: str) -> bool:
        """Permit a device its own uplinks."""
        return THING.uplink(device, topic) is not None

    def may_subscribe(self, device: DeviceKey, topic_filter: str) -> bool:
        """Permit a device its own downlinks."""
        return THING.may_subscribe(device, topic_filter)

    def receive(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Take one uplink: a post is judged and replied to, a reply finds its request."""
        twin, topic = self._fleet[device], message.topic
        channel = topic.removeprefix(own(device))
        dialogue = _DIALOGUES.get(channel)
        if dialogue is not None:
            context = Context(twin, self._rules.codes, at)
            return _converse(context, dialogue, message)
        if channel.endswith("_reply") and not channel.startswith(("ota/", "thing/sub/")):
            return take_answer(twin, topic, message.payload, at)
        return Receipt(note=notes.ignored(twin, topic, "this dialogue is not emulated"))

    def refuse(self, device: DeviceKey, message: Publish, at: Instant) -> Receipt:
        """Refuse a post; anything else is taken."""
        channel = message.topic.removeprefix(own(device))
        if channel not in _POSTS:
            return self.receive(device, message, at)
        return _converse(Context(self._fleet[device], self._rules.codes, at), _refuse, message)

    def control(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Ask a device to set *values*; raise RequestError above the platform's pace."""
        twin, limit = self._fleet[device], self._rules.sets_per_s
        if twin.sets.is_exceeded(limit, at.now):
            raise RequestError(f"at most {limit} set a second; the device does not see this one")
        return self._ask(twin, "thing/property/set", values, at)

    def get(self, device: DeviceKey, identifiers: Sequence[str], at: Instant) -> Request:
        """Ask a device for values of now."""
        return self._ask(self._fleet[device], "thing/property/get", list(identifiers), at)

    def desire(self, device: DeviceKey, values: dict[str, Json], at: Instant) -> Request:
        """Keep *values* with a new version, and have a device that is online set them."""
        twin = self._fleet[device]
        desired.desire(twin, values)
        return self._ask(twin, "thing/property/set", values, at, is_kept=True)

    def invoke(
        self, device: DeviceKey, action: str, values: dict[str, Json], at: Instant
    ) -> Request:
        """Invoke a service; an asynchronous one has all the time in the world."""
        if not _SERVICE.fullmatch(action):
            raise RequestError(f"a service is letters, digits and '_', not {action!r:.80}")
        return self._ask(self._fleet[device], f"thing/service/{action}/invoke", values, at)

    def command(self, device: DeviceKey, payload: bytes, at: Instant) -> Request:
        """Refuse: requests of a product with a thing model are those of the model."""
        del device, payload, at
        raise NotSupportedError("a OneNET product with a thing model has no raw commands")

    def message(self, device: DeviceKey, topic: str, payload: bytes) -> Publication:
        """Refuse: there are no topics but the platform's."""
        del device, topic, payload
        raise NotSupportedError("a OneNET product with a thing model has no topics of the user's")

    def garbage(self, device: DeviceKey) -> Sequence[Publication]:
        """Make downlinks that no codec may stumble over."""
        return tuple(
            Publication(topic=own(device) + channel, payload=payload)
            for channel, payload in THING_GARBAGE
        )

    def _ask(
        self, twin: Twin, channel: str, params: Json, at: Instant, *, is_kept: bool = False
    ) -> Request:
        request_id, topic = self._fleet.next_number(), own(twin.device) + channel
        due = math.inf if self._is_async(twin, channel) else at.now + self._rules.reply_within_s
        twin.waiting.add(request_id, Pending(reply_on=f"{topic}_reply", due=due))
        body = encode({"id": request_id, "version": "1.0", "params": params})
        publication = Publication(topic=topic, payload=body, client_id=twin.session)
        return Request(request_id=request_id, publication=publication, is_kept=is_kept)

    def _is_async(self, twin: Twin, channel: str) -> bool:
        service = channel.removeprefix("thing/service/").removesuffix("/invoke")
        row = twin.model.services.get(service)
        return row is not None and row.is_async


def _converse(context: Context, dialogue: Dialogue, message: Publish) -> Receipt:
    """Judge a request of a device, and reply with its own id as far as that can be read."""
    twin, note = context.twin, None
    reply: dict[str, Json] = {"id": "", "code": SUCCESS, "msg": "success"}
    try:
        data = _take(context, dialogue, message.payload, reply)
    except UplinkError as error:
        reply |= {"code": error.code, "msg": str(error)}
        note = notes.refused(twin, message.topic, error.code, str(error))
    else:
        if data is not None:
            reply["data"] = data
    topic = f"{message.topic}/reply"
    publication = Publication(topic=topic, payload=encode(reply), client_id=twin.session)
    return Receipt(publications=(publication,), note=note)


def _take(context: Context, dialogue: Dialogue, payload: bytes, reply: dict[str, Json]) -> Json:
    try:
        document = decode(payload)
    except JsonError as error:
        raise UplinkError(BAD_FORMAT, str(error)) from error
    message: Mapping[str, Json] = demand_object(document, "the payload")
    given = message.get("id")
    reply["id"] = given[:64] if isinstance(given, str) else ""
    check_id(message)
    if "params" not in message:
        raise UplinkError(VALUE_MISSING, "there are no 'params'")
    return dialogue(context, message["params"])


def _refuse(context: Context, params: Json) -> Json:
    del context, params
    raise UplinkError(SERVER_ERROR, "refused on purpose")


_POSTS: Final = frozenset(
    ["thing/property/post", "thing/event/post", "thing/pack/post", "thing/history/post"]
)

_DIALOGUES: Final[Mapping[str, Dialogue]] = {
    "thing/property/post": properties.post,
    "thing/property/desired/get": desired.get,
    "thing/property/desired/delete": desired.delete,
    "thing/event/post": events.post,
    "thing/pack/post": batches.pack,
    "thing/history/post": batches.history,
}
