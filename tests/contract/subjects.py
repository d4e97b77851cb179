"""The codecs as subjects of the rules; what their platforms say comes from the emulator's cores."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from agent.conformance.subject import WALL_S, Answer, Bounds, Platform, Subject
from agent.conformance.wire import json_document, matches
from agent.devices.socket.thing_table import SOCKET
from agent.emulator import packets
from agent.emulator.aliyun.rules import AliyunRules, Quirks
from agent.emulator.makers import make_consoles
from agent.emulator.options import EmulatorOptions
from agent.emulator.platform import Console
from agent.emulator.values import DeviceKey, Instant, Publication
from agent.ports import Message, Publish
from tests.contract.dialects import SPEAKERS, Speaker

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


def asked(core: Core, *requests: Any) -> tuple[Message, ...]:
    return heard([each.publication for each in requests])


def elsewhere(messages: Sequence[Message], *pairs: tuple[str, str]) -> tuple[Message, ...]:
    """The same messages for other devices, whose names look alike."""
    return tuple(
        replace(each, topic=each.topic.replace(own, other))
        for each in messages
        for own, other in pairs
        if own in each.topic
    )


def tencent(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    own = "CS0SLTKSYA/dev1"
    requests = asked(
        core,
        *(
            console.control(device, values, AT)
            for values in (speaker.switch(on=True), speaker.countdown(60))
        ),
        console.control(device, {**speaker.switch(on=False), **speaker.countdown(0)}, AT),
        console.invoke(device, "reset_energy", {}, AT),
    )
    notices = (
        down(f"$thing/down/service/{own}", method="unbind_device", timestamp=1),
        down(f"$ota/update/{own}", type="update_firmware", version="2", url="x"),
    )
    bad = asked(
        core,
        console.control(device, MISUNDERSTOOD, AT),
        console.control(device, {"current_limit": 5}, AT),
        console.control(device, {"power_switch": [1]}, AT),
        console.invoke(device, "count_down", {}, AT),
        console.invoke(device, "reset_energy", {"a": [1]}, AT),
    )

    def refuse(publish: Publish) -> Sequence[Message]:
        body = json.loads(publish.payload)
        topic = publish.topic.replace("/up/", "/down/")
        told = {"method": f"{body['method']}_reply", "clientToken": body["clientToken"]}
        return (down(topic, code=403, status="no such property", **told),)

    return Platform(
        may_publish=lambda topic: console.may_publish(device, topic),
        may_subscribe=lambda each: console.may_subscribe(device, each),
        accept=Core(speaker).answer,
        refuse=refuse,
        stored=storing(speaker, speaker.switch(on=True)),
        misstored=storing(speaker, MISUNDERSTOOD),
        requests=(*requests, *notices),
        unanswered=plain_commands(speaker.own_topic),
        misunderstood=bad,
        foreign=elsewhere(
            (*requests, *plain_commands(speaker.own_topic)),
            ("dev1", "dev2"),
            ("dev1", "dev10"),
            ("CS0SLTKSYA", "CS0SLTKSYB"),
        ),
        bounds=Bounds(keepalive_s=(30, 900), topic_bytes=255, topic_slashes=10),
        unlisted=frozenset({"current_limit", "count_down_to"}),
        tells_time=True,
    )


def plain_commands(topic: str | None) -> tuple[Message, ...]:
    if topic is None:
        return ()
    switched = b'{"PowerSwitch":1}' if topic.startswith("/") else b'{"power_switch":1}'
    words = (b"on", b"off", b" toggle\n", switched)
    return tuple(Message(topic=topic, payload=word) for word in words)


def aliyun(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    own = "k19g7hBjoOD/testdevice1"
    thing = f"/sys/{own}/thing/service"
    call = f"/sys/{own}/rrpc/request/77"
    extended = f"/ext/rrpc/77{thing}"
    is_extended = speaker.name == "aliyun"
    forms = (
        down(call, id="5", version="1.0", method="thing.service.property.set", params={"PowerSwitch": 0}),
        down(call, id="5", version="1.0", method="thing.service.ResetEnergy", params={}),
        down(call, id=6, version="1.0", method="thing.service.property.get", params=["PowerSwitch"]),
        *(
            (
                down(f"{extended}/ResetEnergy", id="5", method="thing.service.ResetEnergy", params={}),
            )
            if is_extended
            else ()
        ),
    )
    requests = asked(
        core,
        console.control(device, speaker.switch(on=True), AT),
        console.control(device, speaker.countdown(60), AT),
        console.control(device, {"OverCurrentThreshold": 5.5, "PowerSwitch": 0}, AT),
        console.fetch(device, ["PowerSwitch", "CountDown", "CurrentVoltage"]),
        console.invoke(device, "ResetEnergy", {}, AT),
        *(console.notify(device, name) for name in ("disable", "enable", "delete")),
    )
    bad = asked(
        core,
        console.control(device, MISUNDERSTOOD, AT),
        console.control(device, {"power_switch": 1}, AT),
        console.control(device, {"CountDown": 60}, AT),
        console.control(device, {"CountDown": {"IsRunning": 1, "TimeLeft": 0}}, AT),
        console.invoke(device, "Nonsense", {}, AT),
        console.invoke(device, "ResetEnergy", {"a": [1]}, AT),
    )
    implicit = speaker.name == "aliyun"
    system = (
        f"{thing}/+",
        f"{thing}/property/+",
        f"/sys/{own}/thing/event/+/post_reply",
        f"/sys/{own}/thing/property/desired/+",
        f"/sys/{own}/thing/deviceinfo/update_reply",
        *(f"/sys/{own}/thing/{each}" for each in ("disable", "enable", "delete")),
        f"/sys/{own}/rrpc/request/+",
        f"/ext/rrpc/+{thing}/+",
        f"/ext/ntp/{own}/response",
    )
    return Platform(
        may_publish=lambda topic: console.may_publish(device, topic),
        may_subscribe=lambda each: console.may_subscribe(device, each),
        accept=Core(speaker).answer,
        refuse=Core(speaker, aliyun=AliyunRules(quirks=Quirks(refuses_with=460))).answer,
        stored=storing(speaker, speaker.switch(on=True)),
        misstored=storing(speaker, {"CountDown": 60}),
        requests=(*requests, *forms),
        unanswered=plain_commands(speaker.own_topic),
        misunderstood=bad,
        foreign=elsewhere(
            (*requests, *forms, *plain_commands(speaker.own_topic)),
            ("testdevice1", "testdevice2"),
            ("testdevice1", "testdevice10"),
            ("k19g7hBjoOD", "k19g7hBjoOE"),
        ),
        brings=lambda topic: implicit and any(matches(each, topic) for each in system),
        bounds=Bounds(keepalive_s=(30, 1200), topic_bytes=128),
        unlisted=frozenset({"count_down_to"}),
        tells_time=True,
        secrets=(json.loads(speaker.settings().mqtt_params.get_secret_value())["passwd"],)
        if speaker.is_pasted
        else (),
    )


def onenet(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    requests = asked(
        core,
        console.control(device, speaker.switch(on=True), AT),
        console.control(device, speaker.countdown(60), AT),
        console.control(device, {"power_switch": False, "count_down": 0}, AT),
        console.get(device, ["power_switch", "voltage"], AT),
        console.invoke(device, "reset_energy", {}, AT),
    )
    bad = asked(
        core,
        console.control(device, MISUNDERSTOOD, AT),
        console.control(device, {"current_limit": 5}, AT),
        console.control(device, {"power_switch": {"value": True}}, AT),
        console.invoke(device, "count_down_to", {}, AT),
        console.invoke(device, "reset_energy", {"a": [1]}, AT),
    )

    def refuse(publish: Publish) -> Sequence[Message]:
        body = json.loads(publish.payload)
        return (down(f"{publish.topic}/reply", id=body["id"], code=2409, msg="unknown identifier"),)

    return Platform(
        may_publish=lambda topic: console.may_publish(device, topic),
        may_subscribe=lambda each: console.may_subscribe(device, each),
        accept=Core(speaker).answer,
        refuse=refuse,
        stored=storing(speaker, speaker.switch(on=True)),
        misstored=storing(speaker, {"power_switch": [1]}),
        requests=requests,
        misunderstood=bad,
        foreign=elsewhere(
            requests, ("dev1", "dev2"), ("dev1", "dev10"), ("9MaNe52pNO", "9MaNe52pNP")
        ),
        bounds=Bounds(keepalive_s=(10, 1800), filters=10),
        unlisted=frozenset({"current_limit", "count_down_to"}),
    )


def free_commands(core: Core) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    good = (
        b"on",
        b" off\n",
        b"toggle",
        b'{"power_switch":1}',
        b'{"count_down":"60","power_switch":true}',
        b'{"reset_energy":{}}',
    )
    bad = (b"", b"open", b"{", b"[1]", b'{"nonsense":1}', b'{"current_limit":5}', b'{"a":{}}')
    made = [
        asked(core, *(core.console.command(core.device, each, AT) for each in words))
        for words in (good, bad)
    ]
    return made[0], made[1]


def datastream(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    requests, bad = free_commands(core)

    def refuse(publish: Publish) -> Sequence[Message]:
        body = json.loads(publish.payload)
        return (down(f"{publish.topic}/rejected", id=body["id"], err_code=98, err_msg="illegal"),)

    return Platform(
        may_publish=lambda topic: console.may_publish(device, topic),
        may_subscribe=lambda each: console.may_subscribe(device, each),
        accept=Core(speaker).answer,
        refuse=refuse,
        requests=requests,
        misunderstood=bad,
        foreign=elsewhere(
            requests, ("mqtts-test-device", "mqtts-test-device2"), ("238322", "238323")
        ),
        bounds=Bounds(keepalive_s=(10, 1800), filters=15, reply_bytes=1024),
        unlisted=frozenset({"current_limit", "count_down_to"}),
    )


def legacy(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    requests, bad = free_commands(core)
    return Platform(
        may_publish=lambda topic: console.may_publish(device, topic),
        may_subscribe=lambda each: console.may_subscribe(device, each),
        accept=Core(speaker).answer,
        requests=requests,
        misunderstood=bad,
        unanswered=plain_commands(speaker.own_topic),
        foreign=(
            *elsewhere(plain_commands(speaker.own_topic), ("Turnip", "Radish")),
            Message(topic="$crsp/77", payload=b"on"),
        ),
        brings=lambda topic: topic.startswith("$creq/"),
        read=framed,
        bounds=Bounds(keepalive_s=(120, 1800), reply_bytes=1024),
        unlisted=frozenset({"current_limit", "count_down_to"}),
    )


def framed(payload: bytes) -> object:
    """Read a `$dp` frame, or the bare JSON of an answer."""
    if payload[:1] not in {b"\x03", b"\x04"}:
        return json_document(payload)
    if int.from_bytes(payload[1:3], "big") != len(payload) - 3:
        raise ValueError("the length of the frame is another")
    return json_document(payload[3:])


PLATFORMS: dict[str, Callable[[Speaker], Platform]] = {
    "tencent": tencent,
    "aliyun": aliyun,
    "onenet": onenet,
    "onenet-datastream": datastream,
    "onenet-legacy": legacy,
}


@cache
def subject(name: str) -> Subject:
    speaker = SPEAKERS[name]
    return Subject(
        title=name,
        factory=speaker.factory,
        settings=speaker.settings(),
        thing=SOCKET,
        platform=PLATFORMS[speaker.cloud](speaker),
    )
