"""What answers where a broker should, over real sockets: each kind is told by its name."""

import asyncio
import contextlib
import ssl

import pytest
import trustme

from agent.errors import AuthRejectedError
from agent.ports import Tls
from tests.clouds.brokers import real_broker, scripted, trusting
from tests.clouds.refusal import refusal

pytestmark = pytest.mark.usefixtures("quiet_loop")

PORTAL = b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\n\r\n"
SIGN_IN = "sign-in page"
STRANGERS = {
    "a web server, or the sign-in page of a guest network": (PORTAL, True, ("web server", SIGN_IN)),
    "a web server that keeps the connection": (PORTAL, False, ("web server", SIGN_IN)),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x16", True, ("TLS is spoken there", "tls = true")),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", True, ("instead of a CONNACK", "host, port and tls")),
    "nothing, and the end": (b"", True, ("instead of a CONNACK", "host, port and tls")),
    "a CONNACK of another protocol": (b"\x20\x02\x00\x01", True, ("instead of a CONNACK",)),
}


@contextlib.asynccontextmanager
async def stranger(answer, *, closes, context=None):
    """Say *answer* to whoever says something."""
    writers = []

    async def serve(reader, writer):
        writers.append(writer)
        with contextlib.suppress(OSError):
            await reader.read(1000)
            writer.write(answer)
            if closes:
                writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


@pytest.mark.parametrize("kind", STRANGERS)
async def test_a_stranger_on_the_plain_port_is_named(kind):
    answer, closes, words = STRANGERS[kind]
    async with stranger(answer, closes=closes) as port:
        error = await refusal(port)
    assert not isinstance(error, AuthRejectedError)
    assert [word for word in words if word not in str(error)] == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PORTAL, ("does not speak TLS", SIGN_IN)),
        (b"\x20\x02\x00\x00" * 5, ("does not speak TLS", "TLS port")),
        (b"", ("during the TLS handshake", "TLS port")),
    ],
)
async def test_what_does_not_speak_tls_is_named(answer, words):
    async with stranger(answer, closes=True) as port:
        error = await refusal(port, tls=Tls(anchors=("tencent-root.pem",)))
    assert not isinstance(error, AuthRejectedError)
    assert [word for word in words if word not in str(error)] == []
    assert f"127.0.0.1:{port}: " in str(error)


async def test_a_web_server_behind_tls_is_no_broker_either(tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with stranger(PORTAL, closes=True, context=context) as port:
        error = await refusal(port, tls=trusting(authority, tmp_path))
    assert "instead of a CONNACK" in str(error)


async def test_a_tls_port_that_is_spoken_to_without_tls_is_named(tmp_path):
    leaf = trustme.CA().issue_cert("127.0.0.1")
    async with real_broker(tmp_path, "allow_anonymous true", tls=leaf) as port:
        error = await refusal(port)
    assert "tls" in str(error).lower()


async def test_a_platform_that_takes_the_connection_and_drops_it_is_told_each_time():
    async with scripted(connack=b"") as broker, asyncio.timeout(5):
        connecting = asyncio.create_task(refusal(broker.port))
        await broker.has(0x10)
        broker.cut()
        assert "instead of a CONNACK" in str(await connecting)
