"""Whatever a device sends on the topics it may use, the platforms go on."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator import probe
from tests.emulator.onenet import (
    DEVICE,
    LEGACY,
    OWN,
    STREAMS,
    datastream_device,
    legacy_device,
    thing_device,
    view,
)

pytestmark = pytest.mark.unmeasured

THING = [
    f"{OWN}thing/{channel}"
    for channel in (
        *("property/post", "property/set_reply", "property/get_reply", "property/desired/get"),
        *("property/desired/delete", "event/post", "service/x/invoke_reply", "pack/post"),
        *("history/post", "sub/login", "service//invoke_reply"),
    )
]
FIELDS = (
    *("id", "params", "code", "msg", "data", "value", "time", "version", "properties", "events"),
    *("identity", "voltage", "trip", "cause", "limit", "duration_s", "dp", "v", "t"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)
    ),
    max_leaves=12,
)
IDS = st.sampled_from(["1", "7", "", "12345678901234", "\ud800"]) | JSON


def still_there(core):
    json.dumps(view(core), allow_nan=False)
    return core.say(1, probe.PINGREQ)[-1] == probe.PINGRESP


@settings(max_examples=150)
@given(st.sampled_from(THING), st.binary(max_size=100))
def test_no_bytes_break_the_thing_model(topic, payload):
    core = thing_device()
    core.say(1, probe.publish(topic, payload))
    assert still_there(core)


@settings(max_examples=150)
@given(st.sampled_from(THING), IDS, JSON, JSON)
def test_no_json_breaks_the_thing_model(topic, number, params, value):
    core = thing_device()
    core.platform.desire(DEVICE, {"voltage": 1}, core.at)
    document = {"id": number, "params": params, "code": value, "data": value, "msg": value}
    core.say(1, probe.publish(topic, json.dumps(document).encode()))
    assert still_there(core)


@settings(max_examples=150)
@given(
    st.sampled_from(THING),
    st.dictionaries(st.sampled_from(["voltage", "trip", "x"]), JSON, max_size=3),
    st.booleans(),
)
def test_no_params_break_the_thing_model(topic, values, is_list):
    core = thing_device()
    params = {name: {"value": value, "time": 1} for name, value in values.items()}
    both = [{"properties": params, "events": params}]
    document = {"id": "1", "params": both if is_list else params}
    core.say(1, probe.publish(topic, json.dumps(document).encode()))
    assert still_there(core)


STREAM_TOPICS = [f"{OWN}{each}" for each in ("dp/post/json", "cmd/response/1", "image/update")]


@settings(max_examples=150)
@given(st.sampled_from(STREAM_TOPICS), st.binary(max_size=100))
def test_no_bytes_break_the_datastreams(topic, payload):
    core = datastream_device()
    core.say(1, probe.publish(topic, payload))
    assert still_there(core)


@settings(max_examples=150)
@given(IDS, JSON, JSON, JSON)
def test_no_json_breaks_the_datastreams(number, streams, value, time):
    core = datastream_device()
    for dp in (streams, {"x": [{"v": value, "t": time}]}):
        document = json.dumps({"id": number, "dp": dp}).encode()
        core.say(1, probe.publish(f"{OWN}dp/post/json", document))
    assert still_there(core)


@settings(max_examples=150)
@given(st.binary(max_size=100))
def test_no_answer_breaks_the_platforms(payload):
    for make, device, topic in (
        (datastream_device, STREAMS, f"{OWN}cmd/response/"),
        (legacy_device, LEGACY, "$crsp/"),
    ):
        core = make()
        number = core.platform.command(device, payload, core.at).request_id
        core.say(1, probe.publish(topic + number, payload))
        (answered,) = core.answers
        json.dumps(dict(answered.output))
        assert still_there(core)


@settings(max_examples=150)
@given(st.sampled_from([b"\x01", b"\x03", b"\x05", b"\x07", b"\x87", b""]), st.binary(max_size=80))
def test_no_frame_breaks_the_first_generation(head, payload):
    core = legacy_device()
    core.say(1, probe.publish("$dp", head + payload))
    json.dumps(view(core), allow_nan=False)
    if not core.closed:
        assert still_there(core)
