"""The CONNECT that really leaves, byte by byte: OneNET cuts off whoever sends another."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from agent.clouds.homeassistant.codec import HomeassistantCodec
from agent.clouds.mqtt import MqttTransport
from agent.devices.socket.thing_table import SOCKET
from tests.clouds import aliyun_device, onenet_support
from tests.clouds.brokers import scripted
from tests.contract.platforms_home import section

pytestmark = pytest.mark.usefixtures("quiet_loop")

LEVEL_4 = b"\x00\x04MQTT\x04"
USER_PASSWORD_CLEAN = b"\xc2"
"""And no will, no retain."""

DEVICES = {
    "aliyun": (lambda: aliyun_device.make_codec(tls=False), 60, aliyun_device.DN),
    "thing": (lambda: onenet_support.thing(tls=False), 60, "dev1"),
    "datastream": (lambda: onenet_support.datastream(tls=False), 120, "dev1"),
    "legacy": (lambda: onenet_support.legacy(custom_topics=("TurnipRobot",)), 120, "9377500"),
}


@pytest.mark.parametrize("name", DEVICES)
async def test_it_has_user_name_and_password_a_clean_session_and_nothing_else(name):
    make, keepalive_s, device = DEVICES[name]
    codec = make()
    async with scripted() as broker, asyncio.timeout(10):
        params = replace(codec.connect_params(1e9, "n"), host="127.0.0.1", port=broker.port)
        async with MqttTransport().connect(params) as session:
            for subscription in codec.subscriptions():
                await session.subscribe(subscription)
    (kind, connect), *later = broker.packets
    assert kind == 0x10
    assert connect.startswith(LEVEL_4 + USER_PASSWORD_CLEAN + keepalive_s.to_bytes(2, "big"))
    texts = [params.client_id, params.username, params.password]
    assert device in params.client_id + params.username
    rest = b"".join(len(text).to_bytes(2, "big") + text.encode() for text in texts)
    assert connect[10:] == rest
    filters = [body for kind, body in later if kind == 0x82]
    assert len(filters) == len(codec.subscriptions())
    for body, subscription in zip(filters, codec.subscriptions(), strict=True):
        assert body[4:] == subscription.topic.encode() + bytes([subscription.qos])


async def test_a_will_is_in_the_connect_and_no_goodbye_takes_it_back():
    codec = HomeassistantCodec(section(tls=False, username="u", password=SecretStr("p")), SOCKET)
    async with scripted() as broker, asyncio.timeout(10):
        params = replace(codec.connect_params(None, "n"), host="127.0.0.1", port=broker.port)
        async with MqttTransport().connect(params) as session:
            assert params.birth is not None
            await session.publish(params.birth)
        await broker.closed.wait()
    (_, connect), *later = broker.packets
    topic, payload = b"polycloud/socket-1/availability", b"offline"
    assert connect[7:8] == bytes([0xC2 | 0x20 | 0x08 | 0x04])
    assert topic + len(payload).to_bytes(2, "big") + payload in connect
    assert [kind for kind, _ in later] == [0x33]
    goodbye = replace(params, will=None, username="", password="")
    async with scripted() as broker, asyncio.timeout(10):
        async with MqttTransport().connect(replace(goodbye, port=broker.port)):
            pass
        await broker.closed.wait()
    assert broker.packets[0][1][7:8] == b"\x02"
    assert broker.packets[-1][0] == 0xE0


def test_a_thing_subscribes_to_one_filter_and_an_old_device_to_no_command():
    (only,) = onenet_support.thing().subscriptions()
    assert (only.topic, only.qos) == ("$sys/9MaNe52pNO/dev1/thing/#", 0)
    old = onenet_support.legacy(custom_topics=("TurnipRobot",)).subscriptions()
    assert [each.topic for each in old] == ["TurnipRobot"]
