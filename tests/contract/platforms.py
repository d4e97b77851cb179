"""What every emulated platform can be asked for: the pure core of its emulator answers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.conformance.subject import WALL_S, Answer
from agent.devices.socket.thing_table import SOCKET
from agent.emulator import packets
from agent.emulator.makers import make_consoles
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import Instant, Publication
from agent.ports import Message, Publish
from tests.contract.dialects import Speaker

AT = Instant(0.0, WALL_S)
MISUNDERSTOOD: dict[str, Any] = {"nonsense": 1}


class Core:
    """The pure core of one emulated cloud, with the device logged in."""

    def __init__(self, speaker: Speaker, **rules: Any) -> None:
        options = EmulatorOptions(clouds=(speaker.cloud,), **rules)
        self.console: Any = make_consoles(options, nonce="n")[speaker.cloud]
        (self.device,) = self.console.devices()
        self._now = 0.0
        params = speaker.factory(speaker.settings(), SOCKET).connect_params(WALL_S, "abcde")
        connect = packets.Connect(
            protocol_level=4,
            client_id=params.client_id,
            keepalive_s=params.keepalive_s,
            is_clean=params.clean_session,
            is_tls=params.tls is not None,
            username=params.username,
            password=params.password.encode(),
        )
        admitted = self.console.authenticate(connect, AT)
        assert not hasattr(admitted, "reason"), admitted

    def answer(self, publish: Publish) -> Sequence[Message]:
        self._now += 10
        packet = packets.Publish(topic=publish.topic, payload=publish.payload, qos=publish.qos)
        at = Instant(self._now, WALL_S + self._now)
        return heard(self.console.receive(self.device, packet, at).publications)


def heard(publications: Sequence[Publication]) -> tuple[Message, ...]:
    return tuple(Message(topic=each.topic, payload=each.payload) for each in publications)


def storing(speaker: Speaker, values: dict[str, Any]) -> Answer:
    """A platform that was told to want *values* while the device was away, anew each time."""

    def answer(publish: Publish) -> Sequence[Message]:
        core = Core(speaker)
        core.console.desire(core.device, values, AT)
        return core.answer(publish)

    return answer


def down(topic: str, **body: Any) -> Message:
    return Message(topic=topic, payload=json.dumps(body).encode())


def asked(*requests: Any) -> tuple[Message, ...]:
    return heard([each.publication for each in requests])


def elsewhere(messages: Sequence[Message], *pairs: tuple[str, str]) -> tuple[Message, ...]:
    """The same messages for other devices, whose names look alike."""
    return tuple(
        replace(each, topic=each.topic.replace(own, other))
        for each in messages
        for own, other in pairs
        if own in each.topic
    )


def plain_commands(topic: str | None) -> tuple[Message, ...]:
    if topic is None:
        return ()
    switched = b'{"PowerSwitch":1}' if topic.startswith("/") else b'{"power_switch":1}'
    words = (b"on", b"off", b" toggle\n", switched)
    return tuple(Message(topic=topic, payload=word) for word in words)
