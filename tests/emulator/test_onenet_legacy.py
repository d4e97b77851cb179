"""OneNET's first generation: plain passwords, `$dp`, commands, topics of the user's own."""

import json

import pytest

from agent.emulator.onenet import legacy
from agent.emulator.platform import NotSupportedError, RequestError
from agent.errors import ConfigError
from tests.emulator import probe
from tests.emulator.onenet import (
    API_KEY,
    AUTH_INFO,
    CONNACK,
    DEVICE_ID,
    LEGACY,
    LEGACY_PRODUCT,
    legacy_device,
    legacy_login,
    make_legacy,
    messages,
    say,
    view,
)
from tests.emulator.support import Core

GRANTED = [(0x90, b"\x00\x01\x01")]


def connect(**fields):
    core = Core(make_legacy())
    return core, core.connect(1, **legacy_login(**fields))


@pytest.mark.parametrize("password", [API_KEY, AUTH_INFO])
@pytest.mark.parametrize("keepalive", [120, 65535])
def test_an_apikey_or_the_auth_info_lets_a_device_in(password, keepalive):
    core, heard = connect(password=password, keepalive=keepalive)
    assert heard == [CONNACK]
    assert [note.event for note in core.notes] == ["session.opened"]


@pytest.mark.parametrize("keepalive", [0, 60, 119])
def test_a_short_keepalive_is_only_warned_of(keepalive):
    core, heard = connect(keepalive=keepalive)
    assert heard == [CONNACK]
    assert core.notes[-1].event == "session.warned"
    assert "at least 120 s" in str(core.notes[-1].facts["reason"])


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        (1, {"level": 3, "name": "MQIsdp"}),
        (1, {"level": 5}),
        (2, {"device_id": "1"}),
        (2, {"device_id": "9003"}),
        (2, {"product": "654321"}),
        (4, {"password": "wrong"}),
        (4, {"password": ""}),
        (4, {"password": b"\xff"}),
    ],
)
def test_every_bad_login_has_its_code(code, fields):
    core, heard = connect(**fields)
    assert heard == [(0x20, bytes((0, code)))]
    assert core.closed == {1}


@pytest.mark.parametrize("missing", ["username", "password"])
def test_a_flag_that_is_missing_closes_without_a_word(missing):
    core = Core(make_legacy())
    assert core.connect(1, **(legacy_login() | {missing: None})) == []
    assert core.closed == {1}


def test_refusals_and_connects_are_counted():
    core, _ = connect(password="x")
    core.connect(2, **legacy_login())
    assert (view(core)["connects"], view(core)["refusals"]) == (1, 1)


def test_points_of_a_frame_are_taken_without_a_reply():
    core = legacy_device()
    data = bytes.fromhex("03001c7b22737769746368223a312c22766f6c74616765223a3232312e357d")
    assert say(core, "$dp", data) == []
    assert core.say(1, probe.publish("$dp", data, qos=1)) == [(0x40, b"\x00\x01")]
    assert view(core)["properties"] == {"switch": 1, "voltage": 221.5}
    assert view(core)["points"] == 4
    assert view(core)["events"] == []


@pytest.mark.parametrize("data", [b"", b"\x00", b"{}", b'\x03\x00\x08{"x":1}'])
def test_a_broken_frame_ends_the_session(data):
    core = legacy_device()
    assert say(core, "$dp", data) == []
    assert core.closed == {1}
    assert view(core)["points"] == 0


def test_a_broken_frame_ends_the_session_of_a_silent_cloud_too():
    core = legacy_device()
    core.fault(kind="silence")
    say(core, "$dp", b"\x00")
    assert core.closed == {1}


def command(core, payload=b"on"):
    request = core.platform.command(LEGACY, payload, core.at)
    assert core.publish(request.publication)
    (packet,) = core.hear(1)
    heard = probe.read_message(*packet)
    assert (heard.topic, heard.payload, heard.qos) == (f"$creq/{request.request_id}", payload, 0)
    return request.request_id


@pytest.mark.parametrize("payload", [b"", b"ok", b'{"code":0,"msg":"done"}', b"\xff"])
@pytest.mark.parametrize("qos", [0, 1])
def test_a_command_comes_without_a_subscription_and_any_answer_will_do(payload, qos):
    core = legacy_device()
    number = command(core)
    acks = [(0x40, b"\x00\x01")] if qos else []
    assert core.say(1, probe.publish(f"$crsp/{number}", payload, qos=qos)) == acks
    (answered,) = core.answers
    assert (answered.request_id, answered.code) == (number, 0)
    say(core, f"$crsp/{number}", payload)
    assert len(core.answers) == 1
    assert core.notes[-1].event == "uplink.ignored"


def test_an_answer_in_json_has_a_message():
    core = legacy_device()
    say(core, f"$crsp/{command(core)}", b'{"code":7,"msg":"done"}')
    assert (core.answers[0].code, core.answers[0].message) == (7, "done")


def test_a_late_answer_is_noted():
    core = legacy_device()
    number = command(core)
    core.wait(31)
    say(core, f"$crsp/{number}", b"ok")
    assert core.answers == []
    assert "late" in str(core.notes[-1].facts["reason"])


def test_a_control_is_a_command_in_json():
    core = legacy_device()
    request = core.platform.control(LEGACY, {"power_switch": True}, core.at)
    assert json.loads(request.publication.payload) == {"power_switch": True}
    assert core.publish(request.publication)
    core.say(1, probe.DISCONNECT)
    assert not core.publish(request.publication)
    assert core.platform.offline_code == 10


@pytest.mark.parametrize(
    "topic", ["$crsp", "$crsp/a/b", "$creq/1", "$dp/1", "$sys/x", "a-b", "a b", "ü"]
)
def test_any_other_topic_ends_the_session(topic):
    core = legacy_device()
    say(core, topic, b"x")
    assert core.closed == {1}


@pytest.mark.parametrize(
    "topic_filter", ["$creq/+", "$creq/#", "$dp", "#", "+", "a/+", "a/#", "a-b"]
)
def test_wildcards_and_the_platforms_topics_cannot_be_subscribed(topic_filter):
    core = legacy_device()
    assert core.say(1, probe.subscribe((topic_filter, 1))) == [(0x90, b"\x00\x01\x80")]
    assert core.closed == set()


def two_devices(**fields):
    core = legacy_device()
    assert core.connect(2, **legacy_login("9002", **fields)) == [CONNACK]
    assert core.connect(3, **legacy_login("9003", "654321")) == [CONNACK]
    for number in (2, 3):
        assert core.say(number, probe.subscribe(("lamp/set", 1))) == GRANTED
    return core


def test_clients_of_one_product_talk_and_those_of_another_hear_nothing():
    core = two_devices()
    say(core, "lamp/set", b"on")
    assert messages(core.hear(2)) == [("lamp/set", b"on")]
    assert core.hear(3) == []


@pytest.mark.parametrize("qos", [0, 1])
def test_a_message_comes_at_the_qos_that_it_was_sent_with(qos):
    core = two_devices()
    core.say(2, probe.subscribe(("lamp/set", 0)))
    core.say(1, probe.publish("lamp/set", b"on", qos=qos))
    (packet,) = core.hear(2)
    assert probe.read_message(*packet).qos == qos


def test_the_platforms_side_can_send_a_message_too():
    core = legacy_device()
    core.say(1, probe.subscribe(("lamp/set", 1)))
    assert core.publish(core.platform.message(LEGACY, "lamp/set", b"off"))
    assert messages(core.hear(1)) == [("lamp/set", b"off")]
    with pytest.raises(RequestError, match="letters"):
        core.platform.message(LEGACY, "$creq/1", b"off")


def test_a_retained_message_comes_to_those_of_the_product_who_subscribe_later():
    core = two_devices()
    core.say(1, probe.publish("lamp/mode", b"eco", flags=1))
    for number, expected in ((1, b"eco"), (2, b"eco"), (3, None)):
        suback, *retained = core.say(number, probe.subscribe(("lamp/mode", 1)))
        assert suback == GRANTED[0]
        assert [probe.read_message(*packet).payload for packet in retained] == (
            [expected] if expected else []
        )
    core.say(1, probe.publish("lamp/mode", b"", flags=1))
    core.say(1, probe.unsubscribe("lamp/mode"))
    assert core.say(1, probe.subscribe(("lamp/mode", 1))) == GRANTED


def test_a_session_that_is_kept_gets_the_last_ten_messages():
    core = two_devices(clean=False)
    core.say(2, probe.DISCONNECT)
    for number in range(12):
        core.say(1, probe.publish("lamp/set", b"%d" % number, qos=1, packet_id=number + 1))
    connack, *kept = core.connect(4, **legacy_login("9002", clean=False))
    assert connack == (0x20, b"\x01\x00")
    heard = [probe.read_message(*packet).payload for packet in kept]
    assert heard == [b"%d" % number for number in range(2, 12)]


def test_a_newer_login_kicks_the_older_one():
    core = legacy_device()
    core.connect(2, **legacy_login())
    assert core.closed == {1}


def test_qos_2_is_not_emulated():
    core = legacy_device()
    core.say(1, probe.publish("lamp/set", b"on", qos=2))
    assert core.closed == {1}


def test_a_command_has_at_most_64_kb():
    core = legacy_device()
    with pytest.raises(RequestError, match="65536 bytes, not 65537"):
        core.platform.command(LEGACY, bytes(65_537), core.at)


def test_what_the_first_generation_has_not_is_refused():
    core = legacy_device()
    for refused in (
        lambda: core.platform.desire(LEGACY, {}, core.at),
        lambda: core.platform.invoke(LEGACY, "x", {}, core.at),
    ):
        with pytest.raises(NotSupportedError):
            refused()


@pytest.mark.parametrize("secret", ["", "a b", "x" * 129, "ü", "a\n"])
def test_a_bad_secret_is_refused_without_being_shown(secret):
    for fields in ({"secret": secret}, {"secret": API_KEY, "auth_info": secret}):
        with pytest.raises(ConfigError) as caught:
            legacy.register(LEGACY_PRODUCT, DEVICE_ID, **fields)
        assert not secret or secret not in str(caught.value)


def test_no_repr_and_no_refusal_holds_a_secret():
    registration = legacy.register(LEGACY_PRODUCT, DEVICE_ID, API_KEY, auth_info=AUTH_INFO)
    core, _ = connect(password="gUeSs")
    for text in (repr(registration), repr(vars(core.platform)), repr(core.notes)):
        assert API_KEY not in text
        assert AUTH_INFO not in text
        assert "gUeSs" not in text


def test_garbage_comes_as_commands():
    core = legacy_device()
    core.fault(kind="garbage")
    assert len(messages(core.hear(1))) > 10


def test_every_device_is_listed():
    assert make_legacy().devices()[0] == LEGACY
