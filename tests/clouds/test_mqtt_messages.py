"""Messages over a living MQTT session: both ways, at once, of any size and number."""

import asyncio
import contextlib
import socket

import pytest

from agent.clouds.mqtt import MqttTransport
from agent.errors import TransportError
from agent.ports import Message, Publish, Subscription
from tests.clouds.brokers import params, publish, real_broker, scripted

pytestmark = pytest.mark.usefixtures("quiet_loop")


async def test_messages_go_both_ways_through_a_real_broker(tmp_path):
    async with (
        real_broker(tmp_path, "allow_anonymous true") as port,
        asyncio.timeout(10),
        MqttTransport().connect(params(port)) as session,
    ):
        await session.subscribe(Subscription(topic="$thing/down/property/P/d"))
        for qos in (0, 1):
            message = Publish(topic="$thing/down/property/P/d", payload=b"{}", qos=qos)
            await session.publish(message)
            received = await anext(session.messages())
            assert received == Message(topic="$thing/down/property/P/d", payload=b"{}")


async def test_what_is_too_large_or_no_text_is_dropped_and_the_rest_arrives():
    async with (
        scripted() as broker,
        asyncio.timeout(5),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        broker.say(publish(b"big", b"x" * 65_537))
        broker.say(publish(b"\xff\xfe", b"x"))
        broker.say(publish(b"good", b"x"))
        assert await anext(session.messages()) == Message(topic="good", payload=b"x")


async def test_a_message_of_any_size_ends_the_session_before_it_is_held():
    async with (
        scripted() as broker,
        asyncio.timeout(5),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        broker.say(b"\x30\xff\xff\xff\x7f\x00\x03big" + b"x" * 100_000)
        with pytest.raises(TransportError, match="a message of 268435455 bytes"):
            await anext(session.messages())


async def count(messages):
    counted = 0
    with contextlib.suppress(TransportError):
        async for _ in messages:
            counted += 1
    return counted


async def test_more_messages_than_can_be_read_are_discarded_and_not_hoarded():
    async with (
        scripted() as broker,
        asyncio.timeout(5),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        for _ in range(300):
            broker.say(publish(b"a", b"x"))
        await session.publish(Publish(topic="all were read before this returns", payload=b""))
        broker.cut()
        assert await count(session.messages()) == 256


async def test_small_packets_leave_at_once():
    """Nagle's algorithm and delayed acknowledgements would make 40 ms of every pair."""
    async with (
        scripted() as broker,
        asyncio.timeout(5),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        client = session._client._client
        sock = client.socket()
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        for _ in range(2):
            await session.publish(Publish(topic="a", payload=b"x", qos=0))
        assert not client.want_write()


async def test_a_socket_that_takes_no_more_is_written_to_later():
    async with (
        scripted() as broker,
        asyncio.timeout(20),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        for _ in range(40):
            await session.publish(Publish(topic="a", payload=b"x" * 1_000_000, qos=0))
        await session.publish(Publish(topic="a", payload=b"end", qos=1))
        assert len(broker.packets) == 42


async def test_what_was_kept_or_sent_before_is_marked_as_such():
    async with (
        scripted() as broker,
        asyncio.timeout(5),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        plain = publish(b"t", b"x")
        broker.say(bytes([plain[0] | 1]) + plain[1:])
        broker.say(b"\x3a\x06\x00\x01t\x00\x07x")
        broker.say(plain)
        messages = [await anext(session.messages()) for _ in range(3)]
    assert [each.is_retained for each in messages] == [True, False, False]
    assert [each.is_repeat for each in messages] == [False, True, False]
