"""The codecs as subjects of the rules; what their platforms say comes from the emulator's cores."""

import json
from collections.abc import Callable, Sequence
from functools import cache

from agent.conformance.subject import Bounds, Platform, Subject
from agent.conformance.wire import matches
from agent.devices.socket.thing_table import SOCKET
from agent.emulator.aliyun.rules import AliyunRules, Quirks
from agent.ports import Message, Publish
from tests.contract.dialects import SPEAKERS, Speaker
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
from tests.contract.platforms_home import HOME
from tests.contract.platforms_onenet import datastream, legacy, onenet


def tencent(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    own = "CS0SLTKSYA/dev1"
    requests = asked(
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
        unlisted=frozenset({"current_limit", "count_down_to", "timers", "child_lock"}),
        has_past=False,
        tells_time=True,
    )


def aliyun(speaker: Speaker) -> Platform:
    core = Core(speaker)
    console, device = core.console, core.device
    own = "k19g7hBjoOD/testdevice1"
    thing = f"/sys/{own}/thing/service"
    call = f"/sys/{own}/rrpc/request/77"
    extended = f"/ext/rrpc/77{thing}"
    is_extended = speaker.name == "aliyun"
    forms = (
        down(
            call,
            id="5",
            version="1.0",
            method="thing.service.property.set",
            params={"PowerSwitch": 0},
        ),
        down(call, id="5", version="1.0", method="thing.service.ResetEnergy", params={}),
        down(
            call, id=6, version="1.0", method="thing.service.property.get", params=["PowerSwitch"]
        ),
        *(
            (
                down(
                    f"{extended}/ResetEnergy", id="5", method="thing.service.ResetEnergy", params={}
                ),
            )
            if is_extended
            else ()
        ),
    )
    requests = asked(
        console.control(device, speaker.switch(on=True), AT),
        console.control(device, speaker.countdown(60), AT),
        console.control(device, {"OverCurrentThreshold": 5.5, "PowerSwitch": 0}, AT),
        console.fetch(device, ["PowerSwitch", "CountDown", "CurrentVoltage"]),
        console.invoke(device, "ResetEnergy", {}, AT),
        *(console.notify(device, name) for name in ("disable", "enable", "delete")),
    )
    bad = asked(
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
        unlisted=frozenset({"count_down_to", "child_lock"}),
        tells_time=True,
        secrets=(json.loads(speaker.settings().mqtt_params.get_secret_value())["passwd"],)
        if speaker.is_pasted
        else (),
    )


PLATFORMS: dict[str, Callable[[Speaker], Platform]] = {
    "tencent": tencent,
    "aliyun": aliyun,
    "onenet": onenet,
    "onenet-datastream": datastream,
    "onenet-legacy": legacy,
}


SUBJECTS = (*SPEAKERS, HOME.title)


@cache
def subject(name: str) -> Subject:
    if name == HOME.title:
        return HOME
    speaker = SPEAKERS[name]
    return Subject(
        title=name,
        factory=speaker.factory,
        settings=speaker.settings(),
        thing=SOCKET,
        platform=PLATFORMS[speaker.cloud](speaker),
    )
