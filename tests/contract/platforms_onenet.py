"""OneNET's three generations as platforms of the rules."""

import json
from collections.abc import Sequence

from agent.conformance.subject import Bounds, Platform
from agent.conformance.wire import json_document
from agent.ports import Message, Publish
from tests.contract.dialects import Speaker
from tests.contract.platforms import (
    AT,
    MISUNDERSTOOD,
    Core,
    asked,
    down,
    elsewhere,
    plain_commands,
    storing,
)


def onenet(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    requests = asked(
        console.control(device, speaker.switch(on=True), AT),
        console.control(device, speaker.countdown(60), AT),
        console.control(device, {"power_switch": False, "count_down": 0}, AT),
        console.get(device, ["power_switch", "voltage"], AT),
        console.invoke(device, "reset_energy", {}, AT),
    )
    bad = asked(
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
        unlisted=frozenset({"current_limit", "count_down_to", "timers", "child_lock"}),
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
        asked(*(core.console.command(core.device, each, AT) for each in words))
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
        unlisted=frozenset({"current_limit", "count_down_to", "timers", "child_lock"}),
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
        unlisted=frozenset({"current_limit", "count_down_to", "timers", "child_lock"}),
    )


def framed(payload: bytes) -> object:
    """Read a `$dp` frame, or the bare JSON of an answer."""
    if payload[:1] not in {b"\x01", b"\x03", b"\x04"}:
        return json_document(payload)
    if int.from_bytes(payload[1:3], "big") != len(payload) - 3:
        raise ValueError("the length of the frame is another")
    return json_document(payload[3:])
