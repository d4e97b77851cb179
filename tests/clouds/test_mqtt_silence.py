"""A broker that says nothing, over real sockets: the session ends, and nobody waits for it."""

import asyncio
import contextlib
import socket

import pytest

from agent.clouds.mqtt import MqttTransport
from agent.clouds.tcp import PROBE_AFTER_S, Bounds
from agent.errors import TransportError
from agent.ports import Publish
from tests.clouds.brokers import deaf, params, polite, scripted

pytestmark = pytest.mark.usefixtures("quiet_loop")

SOON = Bounds(patience_s=0.05, ping_s=0.05)
BIG = b"x" * 60_000


def asked(**changes):
    return Publish(**({"topic": "a", "payload": b"x", "qos": 0} | changes))


async def test_a_message_that_is_never_answered_ends_a_session_whose_platform_is_silent():
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = lambda _kind, _body: b""
        async with MqttTransport(SOON).connect(params(broker.port)) as session:
            await session.publish(asked())
            with pytest.raises(TransportError, match="not even to a ping"):
                await anext(session.messages())
            with pytest.raises(TransportError, match="not even to a ping"):
                await session.heard()
        assert [kind for kind, _ in broker.packets][:3] == [0x10, 0x30, 0xC0]


async def test_a_publish_that_waits_for_its_acknowledgement_ends_with_the_session():
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = deaf
        async with MqttTransport(SOON).connect(params(broker.port)) as session:
            with pytest.raises(TransportError, match="not even to a ping"):
                await session.publish(asked(qos=1))


async def test_a_platform_that_answers_pings_keeps_its_session():
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = lambda kind, body: polite(kind, body) if kind == 0xC0 else b""
        async with MqttTransport(SOON).connect(params(broker.port)) as session:
            for _ in range(3):
                await session.publish(asked())
                await session.heard()
            assert [kind for kind, _ in broker.packets].count(0xC0) == 3


async def test_a_peer_that_reads_nothing_holds_no_publish_longer_than_the_silence():
    async with (
        asyncio.timeout(10),
        one_client() as (port, _),
        MqttTransport(SOON).connect(params(port)) as session,
    ):
        assert "not even to a ping" in await end_of_filling(session)


async def test_a_peer_that_reads_nothing_and_goes_holds_no_publish_either():
    async with (
        asyncio.timeout(10),
        one_client() as (port, leave),
        MqttTransport().connect(params(port)) as session,
    ):
        filling = asyncio.create_task(end_of_filling(session))
        while not session._client._client.want_write():
            await asyncio.wait([filling], timeout=0.01)
        leave()
        assert "closed by the platform or the network" in await filling


async def end_of_filling(session):
    """Send until the buffers of both sides are full, which takes a few megabytes."""
    with pytest.raises(TransportError) as caught:
        await send_for_ever(session)
    return str(caught.value)


async def send_for_ever(session):
    while True:
        await session.publish(asked(payload=BIG, is_answered=False))


@contextlib.asynccontextmanager
async def one_client():
    """Let one client in, and read nothing more; give the port and a way to go."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as nobody:
        listener.setblocking(False)  # noqa: FBT003 - the library's own form
        peers = [nobody]

        def leave():
            peers[-1].close()

        async def accept():
            peer, _ = await loop.sock_accept(listener)
            peers.append(peer)
            await loop.sock_recv(peer, 1000)
            await loop.sock_sendall(peer, b"\x20\x02\x00\x00")

        accepting = asyncio.create_task(accept())
        yield listener.getsockname()[1], leave
        await accepting
        leave()


async def test_the_kernel_watches_the_connection_too():
    async with (
        scripted() as broker,
        asyncio.timeout(5),
        MqttTransport().connect(params(broker.port)) as session,
    ):
        opened = session._client._client.socket()
        tcp = socket.IPPROTO_TCP
        assert opened.getsockopt(tcp, socket.TCP_USER_TIMEOUT) == Bounds().unheard_ms
        assert opened.getsockopt(tcp, socket.TCP_KEEPIDLE) == PROBE_AFTER_S
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
