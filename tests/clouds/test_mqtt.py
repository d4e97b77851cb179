import asyncio
import contextlib
import datetime as dt
import socket
import ssl

import pytest
import trustme

from agent.clouds.mqtt import Bounds, MqttTransport
from agent.clouds.tls import context_for, load_trust
from agent.errors import AuthRejectedError, TransportError
from agent.ports import Message, Publish, Subscription, Tls
from tests.clouds.brokers import (
    deaf,
    params,
    publish,
    real_broker,
    scripted,
    trusting,
)

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(autouse=True)
async def quiet_loop():
    """No connection may leave an exception behind that nobody looks at."""
    complaints = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    yield
    assert complaints == []


async def refusal(port, **changes):
    with pytest.raises(TransportError) as caught:
        async with asyncio.timeout(10), MqttTransport().connect(params(port, **changes)):
            pytest.fail("connected")
    return caught.value


# ── a real broker ───────────────────────────────────────────────────────────────────────────


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


async def test_a_real_broker_refuses_with_a_code_and_words_that_help(tmp_path):
    async with real_broker(tmp_path, "allow_anonymous false") as port:
        error = await refusal(port)
    assert isinstance(error, AuthRejectedError)
    assert str(error).startswith("refused with code 5: not authorised")
    assert "secret" in str(error)


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


async def test_tls_to_a_real_broker_is_verified(tmp_path, authority):
    leaf = authority.issue_cert("127.0.0.1")
    async with real_broker(tmp_path, "allow_anonymous true", tls=leaf) as port:
        tls = trusting(authority, tmp_path)
        async with asyncio.timeout(10), MqttTransport().connect(params(port, tls=tls)) as session:
            await session.subscribe(Subscription(topic="a"))
            await session.publish(Publish(topic="a", payload=b"x" * 10_000, qos=1))
            assert len((await anext(session.messages())).payload) == 10_000
        error = await refusal(port, tls=Tls(anchors=("tencent-root.pem",)))
    assert "not trusted here" in str(error)


async def test_the_goodbye_is_said():
    async with scripted() as broker, asyncio.timeout(5):
        async with MqttTransport().connect(params(broker.port)):
            pass
        await broker.closed.wait()
        assert broker.packets[-1] == (0xE0, b"")


# ── refusals ────────────────────────────────────────────────────────────────────────────────


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


# ── TLS ─────────────────────────────────────────────────────────────────────────────────────


async def tls_refusal(leaf, tls):
    async with scripted(tls=leaf) as broker:
        return str(await refusal(broker.port, tls=tls))


async def test_a_wrong_authority_is_named(tmp_path, authority):
    leaf = trustme.CA().issue_cert("127.0.0.1")
    error = await tls_refusal(leaf, trusting(authority, tmp_path))
    assert "not trusted here" in error
    assert "ca_file" in error


async def test_an_expired_certificate_is_named(tmp_path, authority):
    leaf = authority.issue_cert("127.0.0.1", not_before=NOW - 2 * DAY, not_after=NOW - DAY)
    error = await tls_refusal(leaf, trusting(authority, tmp_path))
    assert "has expired" in error
    assert "clock" in error


async def test_a_certificate_of_the_future_is_named(tmp_path, authority):
    leaf = authority.issue_cert("127.0.0.1", not_before=NOW + DAY, not_after=NOW + 2 * DAY)
    error = await tls_refusal(leaf, trusting(authority, tmp_path))
    assert "not yet valid" in error
    assert "clock" in error


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_wrong_host_name_is_named(tmp_path, authority, host):
    leaf = authority.issue_cert("broker.example")
    async with scripted(tls=leaf) as broker:
        tls = trusting(authority, tmp_path)
        error = str(await refusal(broker.port, host=host, tls=tls))
    assert "server_name" in error


async def test_a_server_name_replaces_the_host_in_the_check(tmp_path, authority):
    leaf = authority.issue_cert("broker.example")
    tls = trusting(authority, tmp_path, server_name="broker.example")
    async with (
        scripted(tls=leaf) as broker,
        asyncio.timeout(10),
        MqttTransport().connect(params(broker.port, tls=tls)),
    ):
        pass


async def test_without_the_name_check_only_a_private_root_is_trusted(tmp_path, authority):
    leaf = authority.issue_cert("broker.example")
    tls = trusting(authority, tmp_path, verifies_host=False)
    async with (
        scripted(tls=leaf) as broker,
        asyncio.timeout(10),
        MqttTransport().connect(params(broker.port, tls=tls)),
    ):
        pass
    context = context_for(tls)
    load_trust(context, tls)
    assert context.cert_store_stats()["x509_ca"] == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert "ca_file" in await tls_refusal(leaf, Tls(verifies_host=False))


async def test_a_plain_port_is_told_from_a_tls_port(tmp_path, authority):
    async with real_broker(tmp_path, "allow_anonymous true") as port:
        error = str(await refusal(port, tls=trusting(authority, tmp_path)))
    assert "check that" in error
    assert "tls" in error.lower()


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), ("x", "PEM")])
async def test_a_ca_file_that_is_none_is_named(tmp_path, content, words):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    error = str(await refusal(1, tls=Tls(ca_file=str(path))))
    assert words in error
    assert str(path) in error


def test_old_tls_is_not_spoken_and_the_shipped_root_loads():
    tls = Tls(anchors=("tencent-root.pem",))
    context = context_for(tls)
    load_trust(context, tls)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    names = [dict(part[0] for part in cert["subject"]) for cert in context.get_ca_certs()]
    assert any(name.get("organizationalUnitName") == "Tencent Iothub" for name in names)


# ── a link that dies ────────────────────────────────────────────────────────────────────────


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


async def test_a_publish_that_is_not_acknowledged_is_given_up():
    transport = MqttTransport(Bounds(answer_s=0.1))
    async with scripted() as broker, asyncio.timeout(5):
        broker.answer = deaf
        async with transport.connect(params(broker.port)) as session:
            assert await fails(session) == "no acknowledgement in 0.1 s"


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
