"""A device of Aliyun: its codec, its topics, and what it says and hears."""

import json

from pydantic import SecretStr

from agent.clouds.aliyun.codec import AliyunCodec
from agent.devices.socket.thing_table import SOCKET
from agent.messages import BadRequest, Outcome
from agent.settings.clouds import AliyunSettings

PK, DN = "a1TestPK001", "socket-01"
SECRET = "0123456789abcdef0123456789abcdef"
THING = f"/sys/{PK}/{DN}/thing"
SET = f"{THING}/service/property/set"
GET = f"{THING}/service/property/get"
POST = f"{THING}/event/property/post"
DESIRED = f"{THING}/property/desired"
CALL = f"/sys/{PK}/{DN}/rrpc/request/77"
EXTENDED = f"/ext/rrpc/77{THING}/service"


def settings(**changes):
    fields = {"product_key": PK, "device_name": DN, "device_secret": SecretStr(SECRET)}
    return AliyunSettings(**(fields | changes))


def make_codec(thing=SOCKET, **changes):
    return AliyunCodec(settings(**changes), thing)


def pasted_settings(params, **changes):
    return AliyunSettings(mqtt_params=SecretStr(json.dumps(params)), **changes)


CODEC = make_codec()


def decode(topic, codec=CODEC, **body):
    return codec.decode(topic, json.dumps(body).encode())


def request(topic, method, params, codec=CODEC, request_id="123"):
    body = {"method": method, "id": request_id, "params": params, "version": "1.0"}
    return decode(topic, codec, **body)


def wanted(codec=CODEC, **params):
    return request(SET, "thing.service.property.set", params, codec)


def read(publish):
    return json.loads(publish.payload)


AT = 1_524_448_722.0


def encoded(message, **changes):
    publish = make_codec(**changes).encode(message, "1")
    assert publish is not None
    return publish, read(publish)


def refusal_of(downlink):
    assert isinstance(downlink, BadRequest), downlink
    (reply,) = CODEC.encode_reply(downlink, Outcome(refusal=downlink.refusal))
    assert read(reply)["code"] == 460
    return downlink.refusal.kind, downlink.refusal.reason
