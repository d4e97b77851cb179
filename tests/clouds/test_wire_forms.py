"""What every dialect must hold to in numbers and names."""

import json

import pytest
from pydantic import SecretStr

from agent.clouds.names import rounded
from agent.clouds.onenet.codec import make
from agent.errors import ConfigError
from agent.messages import Outcome, PropertyReport
from agent.thing import Action, Field, Kind, Property, Thing
from tests.clouds import aliyun_device, onenet_support, support

LEVEL = Field(name="level", kind=Kind.FLOAT, title="L", title_zh="L", maximum=9, step=0.1)
DONE = Field(name="done", kind=Kind.BOOL, title="D", title_zh="D")
METER = Thing(
    kind="meter",
    properties=(Property(field=LEVEL, read=lambda *_: 1, is_writable=True),),
    actions=(Action(name="read", title="R", title_zh="R", outputs=(LEVEL, DONE)),),
)
READ = f"{aliyun_device.THING}/service/read"
LEGACY = {
    "generation": "legacy",
    "product_id": "1",
    "device_name": "2",
    "device_key": SecretStr("k"),
    "tls": False,
}
CODECS = {
    "aliyun": lambda: aliyun_device.make_codec(METER),
    "thing": lambda: make(onenet_support.settings(), METER),
    "datastream": lambda: make(onenet_support.settings(generation="datastream"), METER),
    "legacy": lambda: make(onenet_support.settings(**LEGACY), METER),
}
MAKERS = {
    "tencent": support.make_codec,
    "aliyun": aliyun_device.make_codec,
    "onenet": onenet_support.thing,
    "onenet-datastream": onenet_support.datastream,
    "onenet-legacy": onenet_support.legacy,
}


def test_zero_is_never_below_zero():
    for value in (-0.0, -0.04, -1e-9):
        assert str(rounded(value, LEVEL)) == "0.0"
    assert str(rounded(-1e-9, None)) == "0.0"
    assert rounded(-0.06, LEVEL) == -0.1


@pytest.mark.parametrize("name", CODECS)
def test_no_report_holds_a_zero_below_zero(name):
    codec = CODECS[name]()
    publish = codec.encode(PropertyReport(values={"level": -0.01}, wall_time=None), "1")
    assert b"-0" not in publish.payload
    assert b"0.0" in publish.payload


def test_an_output_is_a_float_with_a_point_where_aliyun_has_a_float():
    codec = CODECS["aliyun"]()
    call = codec.decode(READ, b'{"id":"1","method":"thing.service.read","params":{}}')
    (publish,) = codec.encode_reply(call, Outcome(values={"level": 3, "done": True}))
    assert b'"data":{"level":3.0,"done":1}' in publish.payload
    (publish,) = codec.encode_reply(call, Outcome(values={"level": 0.1 + 0.2}))
    assert b'"data":{"level":0.3}' in publish.payload


@pytest.mark.parametrize(
    ("name", "topic", "body"),
    [
        ("thing", onenet_support.PREFIX + "thing/service/read/invoke", b'{"id":"1","params":{}}'),
        ("datastream", onenet_support.PREFIX + "cmd/request/c1", b'{"read":{}}'),
        ("legacy", "$creq/c1", b'{"read":{}}'),
    ],
)
def test_an_output_that_json_cannot_say_is_left_out(name, topic, body):
    codec = CODECS[name]()
    call = codec.decode(topic, body)
    values = {"level": float("nan"), "odd": float("inf"), "done": True}
    (publish,) = codec.encode_reply(call, Outcome(values=values))
    assert json.loads(publish.payload)["data"] == {"done": True}


@pytest.mark.parametrize("name", MAKERS)
def test_two_parameters_of_an_event_cannot_share_an_identifier(name):
    both = {"hardware_fault.error_code": "what", "hardware_fault.name": "what"}
    with pytest.raises(ConfigError, match=r"error_code and \S+name would both be 'what'"):
        MAKERS[name](rename=both)


@pytest.mark.parametrize("name", MAKERS)
def test_parameters_of_two_events_may_share_one_and_so_may_a_property(name):
    MAKERS[name](rename={"voltage": "U", "low_voltage.voltage": "U", "hardware_fault.name": "U"})
