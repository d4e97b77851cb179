"""One suite of protocol probes for our endpoint and for a real Mosquitto."""

import asyncio
import shutil
import socket
import subprocess
from contextlib import asynccontextmanager

import pytest

from agent.emulator.broker import Broker
from agent.emulator.faults import Faults
from agent.emulator.journal import Journal
from agent.emulator.plain import PlainPlatform
from agent.emulator.server import Endpoint
from agent.emulator.values import Instant
from tests.emulator import probe
from tests.emulator.probe import Probe

TOPICS = [
    "$thing/up/property/CS0SLTKSYA/dev1",
    "$thing/down/property/CS0SLTKSYA/dev1",
    "$ota/report/CS0SLTKSYA/dev1",
    "$sys/CS0SLTKSYA/dev1/thing/property/post",
    "/sys/pk/dn/thing/event/property/post",
    "/ext/ntp/pk/dn/request",
    "$creq/0f8fad5b-d9cb-469f-a165-70867728950e",
    "$dp",
    "$rrpc/rxd/CS0SLTKSYA/dev1/1",
    "CS0SLTKSYA/dev1/data",
    "/",
    "数据/电压",
]


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory):
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        pytest.skip("needs the Debian package mosquitto")
    port = free_port()
    config = tmp_path_factory.mktemp("mosquitto") / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n")
    with subprocess.Popen(
        [program, "-v", "-c", str(config)], stderr=subprocess.PIPE, text=True
    ) as process:
        assert any("running" in line for line in process.stderr)
        yield port
        process.terminate()
        process.communicate()


@asynccontextmanager
async def our_endpoint():
    loop = asyncio.get_running_loop()
    endpoint = Endpoint(
        Broker(PlainPlatform(), faults=Faults(), journal=Journal()),
        clock=lambda: Instant(loop.time(), 0.0),
        on_answer=lambda _answer: None,
        on_change=lambda: None,
    )
    async with endpoint, endpoint.listen(0) as port:
        yield port


@pytest.fixture(params=["ours", "mosquitto"])
async def port(request):
    if request.param == "mosquitto":
        yield request.getfixturevalue("mosquitto")
        return
    async with our_endpoint() as number:
        yield number


@pytest.mark.parametrize("topic", TOPICS)
async def test_every_topic_of_the_clouds_passes(port, topic):
    one, two = await Probe.connected(port, "one"), await Probe.connected(port, "two")
    assert await two.subscribe((topic, 1)) == b"\x01"
    assert await one.ask(probe.publish(topic, b"x", qos=1, packet_id=5)) == (0x40, b"\x00\x05")
    found = await two.message()
    assert (found.topic, found.payload, found.qos) == (topic, b"x", 1)
    await one.close()
    await two.close()


async def test_a_wildcard_at_the_first_level_does_not_take_dollar_topics(port):
    one = await Probe.connected(port)
    assert await one.subscribe(("#", 0)) == b"\x00"
    assert await one.subscribe(("+/a", 0)) == b"\x00"
    one.send(probe.publish("$thing/a", b"no"))
    assert await one.hears_nothing()
    one.send(probe.publish("x/a", b"yes"))
    assert (await one.message()).payload == b"yes"
    await one.close()


@pytest.mark.parametrize(
    ("published", "subscribed", "delivered"), [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1)]
)
async def test_a_message_arrives_at_the_lower_qos(port, published, subscribed, delivered):
    one = await Probe.connected(port)
    assert await one.subscribe(("q", subscribed)) == bytes((subscribed,))
    one.send(probe.publish("q", b"x", qos=published))
    heard = [await one.packet() for _ in range(1 + (published == 1))]
    (packet,) = [each for each in heard if each[0] >> 4 == 3]
    assert probe.read_message(*packet).qos == delivered
    await one.close()


async def test_a_second_session_takes_over_and_the_old_one_is_closed_without_a_packet(port):
    old = await Probe.connected(port, "same")
    new = await Probe.connected(port, "same")
    assert await old.is_closed()
    assert await new.subscribe(("t", 0)) == b"\x00"
    new.send(probe.publish("t", b"x"))
    assert (await new.message()).payload == b"x"
    await old.close()
    await new.close()


async def test_a_take_over_keeps_a_persistent_session(port):
    old = await Probe.connected(port, "kept", clean=False)
    await old.subscribe(("k", 1))
    new = await Probe.open(port)
    assert await new.ask(probe.connect("kept", clean=False)) == (0x20, b"\x01\x00")
    assert await old.is_closed()
    new.send(probe.publish("k", b"x"))
    assert (await new.message()).payload == b"x"
    await end_session(port, "kept", old, new)


async def end_session(port, client_id, *probes):
    for each in probes:
        await each.close()
    clean = await Probe.open(port)
    assert await clean.ask(probe.connect(client_id, clean=True)) == (0x20, b"\x00\x00")
    await clean.close()


async def test_a_persistent_session_keeps_qos_1_and_not_qos_0(port):
    away = await Probe.connected(port, "away", clean=False)
    await away.subscribe(("p", 1))
    assert await away.hears_nothing()
    away.send(probe.DISCONNECT)
    assert await away.is_closed()
    other = await Probe.connected(port, "other")
    other.send(probe.publish("p", b"lost"))
    assert await other.ask(probe.publish("p", b"kept", qos=1)) == (0x40, b"\x00\x01")
    back = await Probe.open(port)
    assert await back.ask(probe.connect("away", clean=False)) == (0x20, b"\x01\x00")
    found = await back.message()
    assert (found.payload, found.qos, found.dup) == (b"kept", 1, False)
    back.send(probe.puback(found.packet_id))
    assert await back.hears_nothing()
    await end_session(port, "away", away, other, back)


async def test_an_unacknowledged_message_comes_again_with_dup_and_its_id(port):
    first = await Probe.connected(port, "again", clean=False)
    await first.subscribe(("r", 1))
    first.send(probe.publish("r", b"x", qos=1))
    heard = [await first.packet(), await first.packet()]
    (packet,) = [each for each in heard if each[0] >> 4 == 3]
    before = probe.read_message(*packet)
    await first.close()
    second = await Probe.open(port)
    assert await second.ask(probe.connect("again", clean=False)) == (0x20, b"\x01\x00")
    after = await second.message()
    assert (after.payload, after.dup, after.packet_id) == (b"x", True, before.packet_id)
    await end_session(port, "again", second)


async def test_an_empty_client_id_needs_a_clean_session(port):
    one = await Probe.open(port)
    assert await one.ask(probe.connect("", clean=False)) == (0x20, b"\x00\x02")
    assert await one.is_closed()
    await one.close()
    two = await Probe.connected(port, "")
    assert await two.hears_nothing()
    await two.close()


async def test_mqtt_3_1_is_spoken(port):
    one = await Probe.connected(port, "old", name="MQIsdp", level=3)
    assert await one.subscribe(("o", 1)) == b"\x01"
    await one.close()


async def test_an_unknown_version_is_refused_with_code_1(port):
    one = await Probe.open(port)
    assert await one.ask(probe.connect(level=9)) == (0x20, b"\x00\x01")
    assert await one.is_closed()
    await one.close()


async def test_bytes_may_arrive_one_by_one(port):
    one = await Probe.open(port)
    dialogue = (probe.connect(), probe.subscribe(("b", 0)), probe.publish("b", b"x"))
    await one.send_byte_by_byte(b"".join(dialogue))
    heard = [(await one.packet())[0] for _ in range(3)]
    assert heard == [0x20, 0x90, 0x30]
    await one.close()


async def test_an_unsubscribed_topic_is_silent(port):
    one = await Probe.connected(port)
    await one.subscribe(("u", 0))
    assert await one.ask(probe.unsubscribe("u", packet_id=4)) == (0xB0, b"\x00\x04")
    one.send(probe.publish("u", b"x"))
    assert await one.hears_nothing()
    await one.close()


BREACHES = {
    "a second CONNECT": probe.connect(),
    "a topic with a wildcard": probe.publish("a/+", b""),
    "QoS 3": probe.publish("a", qos=3),
    "a malformed filter": probe.subscribe(("a/#/b", 0)),
    "SUBSCRIBE without a filter": probe.frame(0x82, b"\x00\x01"),
    "an endless remaining length": b"\x30\xff\xff\xff\xff\xff",
    "a topic that is not UTF-8": probe.publish(b"\xff\xfe"),
}


@pytest.mark.parametrize("breach", BREACHES)
async def test_a_breach_of_the_protocol_closes_the_connection(port, breach):
    one = await Probe.connected(port)
    one.send(BREACHES[breach])
    assert await one.is_closed()
    await one.close()


async def test_the_first_packet_must_be_connect(port):
    one = await Probe.open(port)
    one.send(probe.PINGREQ)
    assert await one.is_closed()
    await one.close()
