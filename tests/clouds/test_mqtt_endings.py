"""How an MQTT session ends: with a goodbye, cut, given up or cancelled."""

import asyncio
import contextlib

import pytest

from agent.clouds.mqtt import MqttTransport
from agent.clouds.mqtt_client import Client
from agent.clouds.tcp import Bounds
from agent.errors import TransportError
from agent.ports import Publish, Subscription
from tests.clouds.brokers import deaf, params, real_broker, scripted
from tests.clouds.refusal import refusal

pytestmark = pytest.mark.usefixtures("quiet_loop")


async def test_the_goodbye_is_said():
    async with scripted() as broker, asyncio.timeout(5):
        async with MqttTransport().connect(params(broker.port)):
            pass
        await broker.closed.wait()
        assert broker.packets[-1] == (0xE0, b"")


async def test_a_second_connection_with_the_identity_ends_the_first(tmp_path):
    async with (
        real_broker(tmp_path, "allow_anonymous true") as port,
        asyncio.timeout(10),
        MqttTransport().connect(params(port)) as first,
    ):
        async with MqttTransport().connect(params(port)):
            with pytest.raises(TransportError, match="closed by the platform"):
                await anext(first.messages())
        with pytest.raises(TransportError):
            await first.publish(Publish(topic="a", payload=b"", qos=0))


async def test_a_publish_on_a_link_that_is_cut_fails_at_once():
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = deaf
        async with MqttTransport().connect(params(broker.port)) as session:
            async with asyncio.TaskGroup() as tasks:
                waiting = tasks.create_task(fails(session))
                await broker.has(0x32)
                broker.cut()
            assert "closed by the platform or the network" in waiting.result()
            assert await fails(session) == waiting.result()


async def fails(session):
    with pytest.raises(TransportError) as caught:
        await session.publish(Publish(topic="a", payload=b"x"))
    return str(caught.value)


async def test_a_subscribe_on_a_link_that_is_cut_fails_at_once():
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = lambda _kind, _body: b""
        async with MqttTransport().connect(params(broker.port)) as session:

            async def subscribe():
                with pytest.raises(TransportError):
                    await session.subscribe(Subscription(topic="a"))

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(subscribe())
                await broker.has(0x82)
                broker.cut()


async def test_a_subscribe_that_is_answered_as_it_is_cancelled_is_cancelled():
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = lambda _kind, _body: b""
        async with MqttTransport().connect(params(broker.port)) as session:
            asking = asyncio.create_task(session.subscribe(Subscription(topic="a")))
            await broker.has(0x82)
            (answer,) = session._client._pending_subscribes.values()
            asking.cancel()
            if not answer.done():
                answer.set_result([0])
            await asyncio.wait([asking])
        assert asking.cancelled()


async def test_a_publish_that_is_not_acknowledged_is_given_up():
    transport = MqttTransport(Bounds(answer_s=0.1))
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = deaf
        async with transport.connect(params(broker.port)) as session:
            assert await fails(session) == "no acknowledgement in 0.1 s"


async def test_a_subscription_that_is_not_answered_is_given_up():
    transport = MqttTransport(Bounds(answer_s=0.1))
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = lambda _kind, _body: b""
        async with transport.connect(params(broker.port)) as session:
            with pytest.raises(TransportError, match=r"no SUBACK in 0\.1 s"):
                await session.subscribe(Subscription(topic="a"))


async def test_messages_that_are_never_acknowledged_end_the_session():
    transport = MqttTransport(Bounds(unacknowledged=3))
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = deaf
        async with transport.connect(params(broker.port)) as session:
            for _ in range(3):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await session.publish(Publish(topic="a", payload=b"x"))
            assert "never acknowledged" in await fails(session)


async def test_garbage_ends_the_session_in_words():
    async with (
        scripted() as broker,
        asyncio.timeout(5),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        broker.say(b"\x30\xff\xff\xff\xff\xff\xff")
        with pytest.raises(TransportError, match=r"not MQTT|closed"):
            await anext(session.messages())


async def test_a_connect_that_is_cancelled_leaves_no_connection_behind():
    async with scripted(connack=b"") as broker, asyncio.timeout(5):
        connecting = asyncio.create_task(refusal(broker.port))
        await broker.has(0x10)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        await broker.closed.wait()


async def test_a_connect_that_is_cancelled_in_its_thread_is_closed_when_it_comes():
    async with scripted() as broker, asyncio.timeout(5):
        connecting = asyncio.create_task(refusal(broker.port))
        await asyncio.wait([connecting], timeout=0)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        await broker.closed.wait()


async def test_a_connection_that_is_closed_before_the_loop_reads_from_it_leaves_nothing_behind():
    async with scripted() as broker, asyncio.timeout(5):
        client = Client(params(broker.port), Bounds())
        client._connect_blocking()  # as its thread does, and the loop has not turned since
        client.close()
        await broker.closed.wait()
