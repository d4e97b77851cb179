"""What a device may publish and subscribe to, and what reaches it without SUBSCRIBE."""

import json

import pytest

from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.packets import Publish
from agent.emulator.platform import Receipt
from tests.emulator import probe
from tests.emulator.aliyun import (
    DEVICE,
    OTHER,
    OWN,
    POST,
    PRODUCT,
    SET,
    THING,
    described,
    login,
    make_device,
    make_platform,
    say,
)
from tests.emulator.support import Core

GOOD = {"id": "1", "params": {"PowerSwitch": 1}}


@pytest.mark.parametrize(
    ("topic_filter", "may"),
    [
        (SET, True),
        (f"/sys/{OWN}/#", True),
        (f"{THING}/service/+", True),
        (f"/sys/{OWN}/rrpc/request/+", True),
        (f"/ext/rrpc/+/sys/{OWN}/thing/service/+", True),
        (f"/ext/rrpc/+/{OWN}/user/calls", True),
        (f"/ext/ntp/{OWN}/response", True),
        (f"/{OWN}/user/get", True),
        (f"/{OWN}/user/#", True),
        (f"/ota/device/upgrade/{OWN}", True),
        (f"/shadow/get/{OWN}", True),
        (f"/{PRODUCT}/+/user/get", False),
        (f"/sys/{PRODUCT}/socket-02/#", False),
        (f"/sys/{PRODUCT}/+/thing/service/property/set", False),
        ("#", False),
        ("/#", False),
        ("/ext/rrpc/+/#", False),
        (f"/{OWN}/get", False),
        (SET[1:], False),
    ],
)
def test_a_device_subscribes_to_its_own_topics_only(topic_filter, may):
    core = make_device()
    ((head, body),) = core.say(1, probe.subscribe((topic_filter, 1)))
    assert (head, body[2:]) == (0x90, b"\x01" if may else b"\x80")


@pytest.mark.parametrize(
    "topic",
    [
        f"/sys/{PRODUCT}/socket-02/thing/event/property/post",
        f"/sys/{OWN}/thing/service/property/set",
        f"{THING}/service/ResetEnergy",
        f"{THING}/event/property/post_reply",
        f"{THING}/unknown",
        f"/{OWN}/update",
        f"/{PRODUCT}/socket-02/user/update",
        POST[1:],
        f"/{OWN}/user/1/2/3/4/5",
        "/ext/rrpc/1/sys/x/y/thing/service/z",
        "x",
    ],
)
def test_a_message_to_a_topic_without_permission_is_dropped(topic):
    core = make_device()
    assert core.say(1, probe.publish(topic, json.dumps(GOOD).encode(), qos=1)) == []
    assert [note.event for note in core.notes] == ["session.opened", "uplink.dropped"]
    assert not core.closed
    assert described(core)["properties"] == {}


def test_the_platform_does_nothing_with_what_it_did_not_permit():
    platform = make_platform()
    message = Publish(topic="/x", payload=b"{}")
    assert platform.receive(DEVICE, message, Core(platform).at) == Receipt()


def test_a_topic_above_128_bytes_is_dropped():
    core = make_device()
    topic = f"/{OWN}/user/" + "x" * (129 - len(f"/{OWN}/user/"))
    say(core, topic, b"")
    assert core.notes[-1].facts["reason"] == "a topic above 128 bytes"


@pytest.mark.parametrize(
    ("extra", "rules", "arrives"),
    [
        ("_ss=1", AliyunRules(), True),
        ("_ss=0", AliyunRules(), False),
        ("", AliyunRules(), False),
        ("_ss=1", AliyunRules(honours_ss=False), False),
    ],
)
def test_system_topics_arrive_without_subscribe_only_with_ss(extra, rules, arrives):
    core = make_device(rules, extra=extra)
    assert len(say(core, POST, GOOD)) == arrives
    request = core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at)
    assert core.publish(request.publication) is arrives
    assert len(core.hear(1)) == arrives
    core.say(1, probe.subscribe((f"/sys/{OWN}/#", 0)))
    assert len(say(core, POST, GOOD)) == 1


def test_the_last_login_decides_about_ss():
    core = make_device()
    core.lose(1)
    core.connect(2, **login(extra=""))
    request = core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at)
    assert not core.publish(request.publication)


def test_a_subscription_can_take_ten_seconds():
    core = make_device(AliyunRules(subscribe_takes_s=10), extra="")
    core.say(1, probe.subscribe((f"{POST}_reply", 1)))
    assert say(core, POST, GOOD) == []
    core.wait(11)
    assert len(say(core, POST, GOOD)) == 1


def test_a_set_comes_at_the_senders_qos_whatever_was_granted():
    core = make_device(extra="")
    core.say(1, probe.subscribe((SET, 0)))
    core.publish(core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at).publication)
    ((head, body),) = core.hear(1)
    assert probe.read_message(head, body).qos == 1


def test_a_message_of_the_users_own_comes_back_to_the_devices_own_subscription():
    core = make_device()
    topic = f"/{OWN}/user/update"
    assert say(core, topic, b"\x00") == [], "_ss is about system topics only"
    core.say(1, probe.subscribe((f"/{OWN}/user/#", 1)))
    core.connect(2, **login(name="socket-02"))
    (message,) = say(core, topic, b"\x00", qos=1)
    assert (message.topic, message.payload, message.qos) == (topic, b"\x00", 1)
    assert core.hear(2) == []


def test_what_the_emulator_has_no_answer_for_is_taken_in_silence():
    core = make_device()
    for topic in (f"/ota/device/inform/{OWN}", f"/shadow/update/{OWN}", f"{THING}/topo/get"):
        assert core.say(1, probe.publish(topic, b"{}", qos=1)) == [(0x40, b"\x00\x01")]
    assert [note.event for note in core.notes] == ["session.opened"]


def test_wills_and_retained_messages_are_ignored_and_qos_2_closes():
    core = Core(make_platform())
    assert core.connect(1, **login(will=("/x", b""))) == [(0x20, b"\x00\x00")]
    assert len(say(core, POST, GOOD, flags=1)) == 1
    core.say(1, probe.publish(POST, b"{}", qos=2))
    assert core.closed == {1}


def test_thirty_messages_of_qos_0_and_ten_of_qos_1_pass_in_a_second():
    core = make_device()
    assert sum(len(say(core, POST, GOOD)) for _ in range(40)) == 30
    assert sum(len(say(core, POST, GOOD, qos=1)) for _ in range(20)) == 10
    assert not core.closed


def test_a_payload_above_256_kilobytes_is_dropped():
    core = make_device()
    assert say(core, POST, b" " * (256 * 1024 + 1)) == []
    assert not core.closed
    (reply,) = say(core, POST, b" " * (256 * 1024))
    assert json.loads(reply.payload)["code"] == 6207


def test_no_more_than_eight_filters_and_a_hundred_subscriptions_are_granted():
    core = make_device()
    filters = [(f"/{OWN}/user/{number}", 0) for number in range(101)]
    ((_, body),) = core.say(1, probe.subscribe(*filters[:9]))
    assert set(body[2:]) == {0x80}
    codes = [core.say(1, probe.subscribe(each))[0][1][2] for each in filters]
    assert codes == [0] * 100 + [0x80]


def test_a_hundred_commands_wait_for_their_puback():
    core = make_device()
    for _ in range(101):
        core.publish(core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at).publication)
    assert len(core.hear(1)) == 100


def test_commands_of_a_persistent_session_wait_up_to_seven_days():
    core = make_device(clean=False, timestamp="1")
    core.lose(1)
    request = core.platform.control(DEVICE, {"PowerSwitch": 1}, core.at)
    assert not core.publish(request.publication)
    core.wait(6 * 86_400)
    packets = core.connect(2, **login(clean=False, timestamp="2"))
    assert packets[0] == (0x20, b"\x01\x00")
    assert probe.read_message(*packets[1]).topic == SET
    core.lose(2)
    core.publish(core.platform.control(DEVICE, {"PowerSwitch": 0}, core.at).publication)
    core.wait(8 * 86_400)
    assert core.connect(3, **login(clean=False)) == [(0x20, b"\x00\x00")]


def test_the_platform_lists_the_devices_it_knows():
    assert make_platform().devices() == (DEVICE, OTHER)
