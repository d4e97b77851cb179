"""Data streams: points up, raw commands down."""

import json

import pytest

from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.platform import NotSupportedError, RequestError
from tests.emulator import probe
from tests.emulator.onenet import (
    OWN,
    STREAMS,
    datastream_device,
    log_codes,
    messages,
    say,
    view,
)
from tests.emulator.support import WALL

POST = f"{OWN}dp/post/json"
ILLEGAL = {"err_code": 98, "err_msg": "illegal data"}


def points(**streams):
    return {"id": 123, "dp": {name: [{"v": value}] for name, value in streams.items()}}


def answer(core, document):
    """Post, and return the last word of the topic with the JSON that came."""
    ((topic, payload),) = say(core, POST, document)
    assert topic.startswith(f"{POST}/")
    return topic.removeprefix(f"{POST}/"), json.loads(payload)


def test_points_are_taken_and_accepted_with_their_id():
    core = datastream_device()
    document = {
        "id": 123,
        "dp": {
            "voltage": [{"v": 221.5, "t": 1_552_289_676}, {"v": 222, "t": 1_552_289_677}],
            "status": [{"v": {"color": "blue"}}],
            "$name.x_1": [{"v": "text"}],
        },
    }
    assert answer(core, document) == ("accepted", {"id": 123})
    seen = view(core)
    assert seen["properties"] == {"voltage": 222, "status": {"color": "blue"}, "$name.x_1": "text"}
    assert seen["stream_times"] == {"voltage": 1_552_289_677}
    assert (seen["points"], seen["events"], seen["reported_at"]) == (4, [], WALL)
    answer(core, points(voltage=1))
    assert view(core)["stream_times"] == {}


@pytest.mark.parametrize("number", [0, 1, 2**31 - 1])
def test_an_id_is_a_number_from_0_on(number):
    core = datastream_device()
    assert answer(core, points(x=1) | {"id": number}) == ("accepted", {"id": number})


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"id":1,"dp":{"x":[{"v":NaN}]}}',
        {"dp": {"x": [{"v": 1}]}},
        points(x=1) | {"id": "123"},
        points(x=1) | {"id": -1},
        points(x=1) | {"id": 2**31},
        points(x=1) | {"id": True},
        points(x=1) | {"id": 1.0},
    ],
)
def test_what_has_no_good_id_is_rejected_with_minus_1(document):
    core = datastream_device()
    assert answer(core, document) == ("rejected", {"id": -1} | ILLEGAL)
    assert view(core)["points"] == 0


def deep(levels):
    value = 1
    for _ in range(levels):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    "streams",
    [
        None,
        [],
        {},
        {"x": []},
        {"x": {"v": 1}},
        {"x": 1},
        {"x": [1]},
        {"x": [{}]},
        {"x": [{"v": None}]},
        {"x": [{"v": True}]},
        {"x": [{"v": [1]}]},
        {"x": [{"v": deep(6)}]},
        {"x": [{"v": {"a": [[[[[1]]]]]}}]},
        {"x": [{"v": 1, "t": "now"}]},
        {"x": [{"v": 1, "t": 1.5}]},
        {"x": [{"v": 1, "t": -1}]},
        {"x": [{"v": 1, "t": int(WALL * 1000)}]},
        {"": [{"v": 1}]},
        {"a b": [{"v": 1}]},
        {"ü": [{"v": 1}]},
        {"a-b": [{"v": 1}]},
        {"$": [{"v": 1}]},
        {"x" * 31: [{"v": 1}]},
        {"x\n": [{"v": 1}]},
    ],
)
def test_one_illegal_point_rejects_all(streams):
    core = datastream_device()
    given = streams | {"good": [{"v": 1}]} if streams else streams
    assert answer(core, {"id": 7, "dp": given}) == ("rejected", {"id": 7} | ILLEGAL)
    assert view(core)["points"] == 0
    assert log_codes(core) == [98]


def test_a_stream_has_30_characters_and_an_object_5_levels():
    core = datastream_device()
    assert answer(core, points(**{"x" * 30: deep(5), "y": deep(0)}))[0] == "accepted"


def command(core, payload=b'{"power_switch":true}'):
    request = core.platform.command(STREAMS, payload, core.at)
    assert core.publish(request.publication)
    assert messages(core.hear(1)) == [(f"{OWN}cmd/request/{request.request_id}", payload)]
    return request.request_id


def respond(core, number, payload=b"ok"):
    return say(core, f"{OWN}cmd/response/{number}", payload)


def test_a_command_is_answered_once():
    core = datastream_device()
    number = command(core)
    topic = f"{OWN}cmd/response/{number}"
    assert respond(core, number, b'{"code":200,"msg":"success"}') == [(f"{topic}/accepted", b"")]
    (answered,) = core.answers
    assert (answered.request_id, answered.code, answered.message) == (number, 200, "success")
    assert answered.output == {"payload": '{"code":200,"msg":"success"}'}
    ((rejected, payload),) = respond(core, number)
    assert rejected == f"{topic}/rejected"
    assert json.loads(payload) == {"err_code": 113, "err_msg": "cmd id not found"}
    assert len(core.answers) == 1


@pytest.mark.parametrize(
    ("payload", "code", "message", "output"),
    [
        (b"", 0, "", {"payload": ""}),
        (b"on", 0, "", {"payload": "on"}),
        (b"[]", 0, "", {"payload": "[]"}),
        (b'{"code":"x","msg":1}', 0, "", {"payload": '{"code":"x","msg":1}'}),
        (b'{"code":5,"message":"m"}', 5, "m", {"payload": '{"code":5,"message":"m"}'}),
        (b"\xff\x00", 0, "", {"payload": "\\xff\x00", "payload_hex": "ff00"}),
    ],
)
def test_an_answer_may_be_anything(payload, code, message, output):
    core = datastream_device()
    respond(core, command(core), payload)
    (answered,) = core.answers
    assert (answered.code, answered.message, answered.output) == (code, message, output)


def test_an_answer_of_more_than_1_kb_is_rejected():
    core = datastream_device()
    number = command(core)
    ((_, payload),) = respond(core, number, b"x" * 1025)
    assert json.loads(payload) == {"err_code": 99, "err_msg": "maximum payload size exceeded"}
    assert respond(core, number, b"x" * 1024)[0][0].endswith("/accepted")


def test_a_late_answer_is_rejected():
    core = datastream_device(OnenetRules(command_within_s=10))
    number = command(core)
    core.wait(11)
    ((_, payload),) = respond(core, number)
    assert json.loads(payload) == {"err_code": 112, "err_msg": "cmd response timeout"}
    assert log_codes(core) == [112]


def test_an_answer_to_nothing_is_rejected():
    ((_, payload),) = respond(datastream_device(), "1-2-3")
    assert json.loads(payload)["err_code"] == 113


def test_a_device_that_has_not_subscribed_does_not_get_a_command():
    core = datastream_device()
    core.say(1, probe.unsubscribe(f"{OWN}#"))
    request = core.platform.control(STREAMS, {"power_switch": True}, core.at)
    assert not core.publish(request.publication)
    assert core.platform.offline_code == 10500


def test_a_control_is_a_command_in_json():
    core = datastream_device()
    request = core.platform.control(STREAMS, {"power_switch": True, "count_down": 5}, core.at)
    assert not request.is_kept
    assert json.loads(request.publication.payload) == {"power_switch": True, "count_down": 5}


def test_command_ids_are_uuids_and_differ():
    core = datastream_device()
    numbers = {core.platform.command(STREAMS, b"", core.at).request_id for _ in range(10)}
    assert len(numbers) == 10
    assert {tuple(map(len, number.split("-"))) for number in numbers} == {(8, 4, 4, 4, 12)}


def test_a_command_has_at_most_1_kb():
    core = datastream_device()
    with pytest.raises(RequestError, match="at most 1024 bytes, not 1025"):
        core.platform.command(STREAMS, b"x" * 1025, core.at)


def test_what_data_streams_have_not_is_refused():
    platform, at = datastream_device().platform, datastream_device().at
    for refused in (
        lambda: platform.desire(STREAMS, {}, at),
        lambda: platform.invoke(STREAMS, "x", {}, at),
        lambda: platform.message(STREAMS, "a", b""),
    ):
        with pytest.raises(NotSupportedError):
            refused()


def test_a_page_is_told_what_may_be_set_where_there_is_a_model():
    seen = view(datastream_device())
    assert seen["settable"]["power_switch"] == {"type": "bool", "on": True, "off": False}
    assert seen["desired"] == {}


def test_garbage_comes_on_the_devices_own_topics():
    core = datastream_device()
    core.fault(kind="garbage")
    heard = messages(core.hear(1))
    assert len(heard) > 10
    assert all(topic.startswith(OWN) for topic, _ in heard)
