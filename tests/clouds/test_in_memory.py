"""The transport in memory speaks real MQTT to an emulated cloud, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clouds.in_memory import MemorySession, MemoryTransport
from agent.clouds.silence import PATIENCE_S, PING_S
from agent.emulator import client
from agent.emulator.client import Login, ServerParser
from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.emulator.packets import PacketError, connack, puback, publish, suback
from agent.emulator.packets import Publish as Packet
from agent.errors import AuthRejectedError, TransportError
from agent.ports import ConnectParams, Publish, Subscription
from tests.clouds.support import make_codec, run_virtually

UP = "$thing/up/property/CS0SLTKSYA/dev1"
DOWN = "$thing/down/property/CS0SLTKSYA/dev1"
REPORT = b'{"method":"report","clientToken":"1","params":{"power_switch":1}}'


class World:
    """Tencent without sockets, and a way in."""

    def __init__(self) -> None:
        self.emulator = Emulator(EmulatorOptions(wall_clock=lambda: 1_800_000_000.0))
        self.cloud = self.emulator.clouds["tencent"]
        self.transport = MemoryTransport({"tencent.test": self.cloud.endpoint})
        self.stack = AsyncExitStack()

    def params(self, **changes: object) -> ConnectParams:
        codec = make_codec(host="tencent.test", **changes)
        return codec.connect_params(1_800_000_000.0, "abcde")

    async def connect(self, **changes: object) -> MemorySession:
        return await self.stack.enter_async_context(self.transport.connect(self.params(**changes)))


def virtually(scenario: Callable[[World], Awaitable[None]]) -> None:
    async def main() -> None:
        world = World()
        async with world.cloud.endpoint, world.stack:
            await scenario(world)

    run_virtually(main())


async def send_and_hear(session: MemorySession, message: Publish) -> None:
    await session.publish(message)
    await session.heard()


def test_a_report_is_acknowledged_and_answered():
    async def scenario(world: World) -> None:
        session = await world.connect()
        await session.subscribe(Subscription(topic=DOWN))
        await session.publish(Publish(topic=UP, payload=REPORT))
        message = await anext(session.messages())
        assert message.topic == DOWN
        assert b'"code":0' in message.payload
        (device,) = world.emulator.devices()
        assert device["properties"] == {"power_switch": 1}
        assert device["online"]

    virtually(scenario)


def test_a_wrong_secret_a_foreign_topic_and_an_unknown_host_are_refused():
    async def scenario(world: World) -> None:
        with pytest.raises(AuthRejectedError, match="refused with code 5"):
            await world.connect(device_secret="AAAAAAAAAAAAAAAAAAAAAA==")
        nowhere = make_codec(host="nowhere").connect_params(None, "x")
        with pytest.raises(TransportError, match="resolved"):
            await world.stack.enter_async_context(world.transport.connect(nowhere))
        session = await world.connect()
        with pytest.raises(AuthRejectedError, match="other/device"):
            await session.subscribe(Subscription(topic="other/device/x"))

    virtually(scenario)


def test_a_will_is_said_to_the_platform_which_closes_upon_it():
    async def scenario(world: World) -> None:
        will = Publish(topic=UP, payload=b"gone", is_retained=True)
        params = replace(world.params(), will=will)
        with pytest.raises(TransportError, match="closed"):
            await world.stack.enter_async_context(world.transport.connect(params))

    virtually(scenario)


def test_a_will_and_its_flags_are_where_mqtt_has_them():
    sent = client.connect(
        Login(client_id="c", username="u", password="p", will=("t", b"w", 1, True))
    )
    assert sent[9:10] == bytes([0xC2 | 0x04 | 0x08 | 0x20])
    assert sent[12:] == b"\0\x01c\0\x01t\0\x01w\0\x01u\0\x01p"


@pytest.mark.parametrize(("keepalive_s", "found_s"), [(30, 50), (60, 80)])
def test_a_silent_cloud_is_found_by_keepalive(keepalive_s, found_s):
    async def scenario(world: World) -> None:
        session = await world.connect(keepalive_s=keepalive_s)
        await asyncio.sleep(600)
        world.emulator.add_fault({"kind": "silence"})
        began = asyncio.get_running_loop().time()
        with pytest.raises(TransportError, match="not even to a ping"):
            await anext(session.messages())
        assert asyncio.get_running_loop().time() - began <= found_s
        with pytest.raises(TransportError, match="not even to a ping"):
            await session.publish(Publish(topic=UP, payload=REPORT, qos=0))

    virtually(scenario)


def test_a_report_that_nobody_acknowledges_ends_in_an_error():
    async def scenario(world: World) -> None:
        session = await world.connect()
        world.emulator.add_fault({"kind": "silence", "part": "acks"})
        with pytest.raises(TransportError, match="no acknowledgement in 30 s"):
            await session.publish(Publish(topic=UP, payload=REPORT))

    virtually(scenario)


@pytest.mark.parametrize("qos", [0, 1])
def test_a_report_that_meets_nothing_but_silence_ends_the_session(qos):
    async def scenario(world: World) -> None:
        session = await world.connect()
        await asyncio.sleep(30)
        world.emulator.add_fault({"kind": "silence"})
        began = asyncio.get_running_loop().time()
        with pytest.raises(TransportError, match="not even to a ping"):
            await send_and_hear(session, Publish(topic=UP, payload=REPORT, qos=qos))
        assert asyncio.get_running_loop().time() - began == PATIENCE_S + PING_S

    virtually(scenario)


def test_a_connect_that_nobody_answers_ends_in_an_error():
    async def scenario(world: World) -> None:
        world.emulator.add_fault({"kind": "silence"})
        with pytest.raises(TransportError, match="no CONNACK"):
            await world.connect()

    virtually(scenario)


@pytest.mark.parametrize("kind", ["kick", "drop"])
def test_a_cut_ends_what_waits_and_the_emulator_knows_it(kind):
    async def scenario(world: World) -> None:
        session = await world.connect()
        world.emulator.add_fault({"kind": kind, "count": 1})
        with pytest.raises(TransportError, match="closed by the platform"):
            await anext(session.messages())
        await asyncio.sleep(1)
        assert not world.emulator.devices()[0]["online"]

    virtually(scenario)


def test_a_connection_that_is_cut_before_it_could_say_anything_is_an_error():
    async def scenario(world: World) -> None:
        world.emulator.add_fault({"kind": "drop"})
        with pytest.raises(TransportError, match="closed by the platform"):
            await world.connect()

    virtually(scenario)


def test_bytes_that_are_not_mqtt_end_the_connection_and_not_the_emulator():
    async def scenario(world: World) -> None:
        session = await world.connect()
        assert world.emulator.add_fault({"kind": "garbage", "raw_hex": "ffffffffff"}) == 1
        with pytest.raises(TransportError, match="not MQTT"):
            await anext(session.messages())
        await asyncio.sleep(1)
        assert not world.emulator.devices()[0]["online"]
        await world.connect()
        assert world.emulator.devices()[0]["online"]

    virtually(scenario)


def test_a_server_is_understood_however_its_bytes_are_cut():
    said = [
        connack(0),
        suback(7, (1,)),
        puback(9),
        publish(Packet(topic="a/b", payload=b"x" * 300, qos=1, packet_id=3)),
        publish(Packet(topic="r", payload=b"", is_retained=True)),
        b"\xd0\x00",
    ]
    parser = ServerParser()
    heard = [each for byte in b"".join(said) for each in parser.feed(bytes((byte,)))]
    assert [(each.kind, each.packet_id) for each in heard] == [
        (client.CONNACK, 0),
        (client.SUBACK, 7),
        (client.PUBACK, 9),
        (client.PUBLISH, 3),
        (client.PUBLISH, 0),
        (client.PINGRESP, 0),
    ]
    assert [each.is_retained for each in heard] == [False, False, False, False, True, False]
    assert (heard[3].topic, len(heard[3].payload)) == ("a/b", 300)


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_any_bytes_of_a_server_give_packets_or_one_error(pieces):
    parser = ServerParser()
    try:
        for piece in pieces:
            list(parser.feed(piece))
    except PacketError:
        return
