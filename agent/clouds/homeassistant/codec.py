"""Home Assistant's dialect: neutral messages ↔ topics, a discovery message and short texts."""

import re
from collections.abc import Sequence
from typing import Any, Final, assert_never

from agent.clouds.homeassistant.commands import read_press, read_set
from agent.clouds.homeassistant.discovery import device_of, payload_of
from agent.clouds.homeassistant.entities import Writer
from agent.clouds.homeassistant.login import ONLINE, login
from agent.clouds.homeassistant.names import DIALECT, Told
from agent.clouds.homeassistant.topics import object_id_of, topics_of
from agent.clouds.limits import HOMEASSISTANT
from agent.clouds.names import Names, names_of
from agent.clouds.payload import Body, dump
from agent.clouds.plain import CustomTopics
from agent.errors import SettingError
from agent.messages import (
    Answerable,
    Downlink,
    EventReport,
    InfoReport,
    Newcomer,
    Outcome,
    PropertyReport,
    PropertySet,
    Report,
    Uplink,
)
from agent.ports import Batch, ConnectParams, PlatformLimits, Publish, Subscription
from agent.settings.clouds import HomeassistantSettings
from agent.thing import Thing

HOME_ASSISTANT: Final = Newcomer(name="Home Assistant")
_LEVEL: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class HomeassistantCodec:
    """The codec of one device at one broker."""

    Settings = HomeassistantSettings

    def __init__(self, settings: HomeassistantSettings, thing: Thing[Any]) -> None:
        self._settings = settings
        self._thing = thing
        self._topics = topics_of(settings)
        self._names = Names(names_of(thing), settings.rename, DIALECT)
        _check_levels(self._names, thing)
        self._kinds = {row.field.name: row.field.kind for row in thing.properties}
        self._told = Told(self._names, thing)
        self._writer = Writer(
            names=self._names,
            topics=self._topics,
            label=object_id_of(settings),
            language=settings.language,
            writable=_writable(settings, thing),
            actions=_actions(settings, thing),
        )
        self._custom = CustomTopics(
            settings.custom_topics, names=self._names, kinds=self._kinds, switch=thing.switch
        )

    @property
    def name(self) -> str:
        """The cloud's name."""
        return "homeassistant"

    @property
    def limits(self) -> PlatformLimits:
        """What a broker of one's own takes."""
        return HOMEASSISTANT

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Give user and password as they are: nothing is signed."""
        del wall_time, nonce
        return login(self._settings)

    def subscriptions(self) -> Sequence[Subscription]:
        """List the filters: Home Assistant's birth, commands, and topics of the user's own.

        A press at QoS 0: it has no id, so that nothing may be delivered twice.
        """
        status = Subscription(topic=self._topics.status)
        if self._settings.commands == "none":
            return (status,)
        sets = Subscription(topic=self._topics.set("+"))
        presses = Subscription(topic=self._topics.press("+"), qos=0)
        return (status, sets, presses, *self._custom.subscriptions())

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Ask nothing: a broker stores no commands."""
        del message_id
        return ()

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Describe the device by the facts, or tell values or an event as they are now."""
        del message_id, wall_time
        match message:
            case InfoReport():
                return self._publish(self._topics.config, self._described(message), is_kept=True)
            case EventReport():
                topic = self._topics.event(self._names.wire_id(message.name))
                return self._publish(topic, self._told.event(message))
            case PropertyReport():
                body = self._told.state(message)
                return self._publish(self._topics.state, body) if body else None
            case _:
                assert_never(message)

    def _described(self, info: InfoReport) -> Body:
        settings = self._settings
        name = settings.name or settings.device_name
        return payload_of(
            device=device_of(name, object_id_of(settings), self._thing, info),
            thing=self._thing,
            topics=self._topics,
            writer=self._writer,
            info=info,
        )

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Tell an event late; values of the past have no form: they would be shown as of now."""
        first = messages[0]
        is_event = isinstance(first, EventReport)
        return Batch(publish=self.encode(first, message_id, wall_time) if is_event else None)

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Tell the first alone: each report is shown as it comes."""
        return Batch(publish=self.encode(messages[0], message_id, wall_time))

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Have nothing that is summed: Home Assistant takes the total's rise."""
        del kwh, wall_time, message_id
        return None

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Tell what still stands where a setting was refused; there is no other answer."""
        if not isinstance(request, PropertySet) or outcome.refusal is None or not outcome.values:
            return ()
        still = self._told.state(PropertyReport(values=outcome.values, wall_time=None))
        return (self._publish(self._topics.state, still),) if still else ()

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Send nothing: a broker stores no commands."""
        del stored
        return ()

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Send nothing: a broker stores no commands."""
        del live
        return ()

    def ask_time(self) -> Publish | None:
        """Ask for nothing: a broker tells no time."""
        return None

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        if topic == self._topics.status:
            return HOME_ASSISTANT if payload.strip() == ONLINE else None
        asked = self._topics.asked(topic)
        if asked is None:
            return self._custom.read(topic, payload)
        wire_id, verb = asked
        if verb == "press":
            return read_press(wire_id, payload, self._names)
        return read_set(wire_id, payload, self._names, self._kinds)

    def _publish(self, topic: str, body: Body, *, is_kept: bool = False) -> Publish:
        return Publish(topic=topic, payload=dump(body), is_answered=False, is_retained=is_kept)


def _writable(settings: HomeassistantSettings, thing: Thing[Any]) -> frozenset[str]:
    """List what this section has the right to set: what it has not is only shown."""
    known = frozenset(row.field.name for row in thing.properties if row.is_writable)
    match settings.commands:
        case "all":
            return known
        case "off_only":
            return known & {thing.switch}
        case "none":
            return frozenset()
        case _:
            assert_never(settings.commands)


def _actions(settings: HomeassistantSettings, thing: Thing[Any]) -> frozenset[str]:
    """List the actions that a button can ask for: those that need nothing beside the press."""
    if settings.commands != "all":
        return frozenset()
    named = {action.name for action in thing.actions if not action.inputs}
    return frozenset(named if settings.reset_energy else named - {"reset_energy"})


def _check_levels(names: Names, thing: Thing[Any]) -> None:
    rows = [row.field.name for row in thing.properties]
    rows += [event.name for event in thing.events] + [action.name for action in thing.actions]
    for name in rows:
        if not _LEVEL.fullmatch(names.wire_id(name)):
            raise SettingError(
                "clouds.homeassistant.rename",
                found=f"{names.wire_id(name)!r:.80} as the identifier of {name}",
                allowed="1 to 64 letters, digits, '_' or '-'",
            )
