"""A broker that is not there or does not want us: each refusal says what to do."""

import asyncio
import socket

import pytest

from agent.clouds.mqtt import MqttTransport
from agent.clouds.tcp import Bounds
from agent.errors import AuthRejectedError, TransportError
from agent.ports import Publish, Subscription
from tests.clouds.brokers import params, real_broker, scripted
from tests.clouds.refusal import refusal

pytestmark = pytest.mark.usefixtures("quiet_loop")


async def test_a_real_broker_refuses_with_a_code_and_words_that_help(tmp_path):
    async with real_broker(tmp_path, "allow_anonymous false") as port:
        error = await refusal(port)
    assert isinstance(error, AuthRejectedError)
    assert str(error).startswith("refused with code 5: not authorised")
    assert "secret" in str(error)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, "client id not accepted"),
        (3, "product id, device name and secret"),
        (4, "clock"),
        (5, "not authorised"),
    ],
)
async def test_each_refusal_names_its_code_and_what_to_do(code, words):
    async with scripted(connack=bytes([0x20, 2, 0, code])) as broker:
        error = await refusal(broker.port)
    assert isinstance(error, AuthRejectedError)
    assert f"refused with code {code}: " in str(error)
    assert words in str(error)


@pytest.mark.parametrize("connack", [b"\x20\x02\x00\x01", b"\xf0\x00"])
async def test_what_is_no_broker_of_ours_is_told_at_once(connack):
    async with scripted(connack=connack) as broker:
        error = await refusal(broker.port)
    assert not isinstance(error, AuthRejectedError)
    assert "instead of a CONNACK" in str(error)


async def test_a_port_where_nothing_listens_is_told():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        error = await refusal(probe.getsockname()[1])
    assert "nothing listens there" in str(error)


async def test_a_host_that_does_not_exist_is_told():
    error = await refusal(1883, host="no-such-host.invalid")
    assert str(error).startswith("no-such-host.invalid:1883: the host name cannot be resolved")


async def test_a_host_name_that_is_none_is_told():
    error = await refusal(1883, host="a" * 70 + ".example")
    assert "a:1883:" in str(error).replace(".example", "a")


async def test_a_broker_that_says_nothing_is_given_up():
    transport = MqttTransport(Bounds(connack_s=0.2))
    async with scripted(connack=b"") as broker:
        with pytest.raises(TransportError, match=r"no CONNACK in 0\.2 s"):
            async with transport.connect(params(broker.port)):
                pytest.fail("connected")
        async with asyncio.timeout(5):
            await broker.closed.wait()


async def test_a_refused_subscription_is_the_platforms_last_word():
    async with scripted() as broker, MqttTransport().connect(params(broker.port)) as session:
        broker.answer = lambda _kind, body: b"\x90\x03" + body[:2] + b"\x80"
        with pytest.raises(AuthRejectedError, match="refused the subscription to a/b"):
            await session.subscribe(Subscription(topic="a/b"))


async def test_a_broker_that_keeps_nothing_is_named_where_a_last_word_is_to_be_kept(tmp_path):
    will = Publish(topic="a", payload=b"offline", is_retained=True)
    async with real_broker(tmp_path, "allow_anonymous true\nretain_available false") as port:
        with pytest.raises(TransportError, match="retain_available"):
            async with MqttTransport().connect(params(port, will=will)):
                pytest.fail("connected")
