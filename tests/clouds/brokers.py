"""Brokers on loopback: a real Mosquitto, and one that does what it is told."""

import asyncio
import contextlib
import shutil
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from agent.ports import ConnectParams, Tls

CONNACK_OK = b"\x20\x02\x00\x00"


def params(port: int, **changes: Any) -> ConnectParams:
    fields: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "tls": None,
        "client_id": "CS0SLTKSYAdev1",
        "username": "user",
        "password": "secret",
        "keepalive_s": 60,
    }
    return ConnectParams(**(fields | changes))


def trusting(authority: trustme.CA, folder: Path, **changes: Any) -> Tls:
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return Tls(ca_file=str(path), **changes)


class ScriptedBroker:
    """Answers each packet by a function of its first byte; remembers what came."""

    def __init__(self, connack: bytes = CONNACK_OK) -> None:
        self.connack = connack
        self.packets: list[tuple[int, bytes]] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.closed = asyncio.Event()
        self._heard = asyncio.Condition()
        self.answer: Callable[[int, bytes], bytes] = polite
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind, body = await _packet(reader)
                self.packets.append((kind, body))
                async with self._heard:
                    self._heard.notify_all()
                reply = self.connack if kind == 0x10 else self.answer(kind, body)
                writer.write(reply)
        writer.close()
        self.closed.set()

    async def has(self, kind: int) -> None:
        """Wait until a packet of that kind has come."""
        async with self._heard:
            await self._heard.wait_for(lambda: any(each[0] == kind for each in self.packets))

    def say(self, data: bytes) -> None:
        self.writers[-1].write(data)

    def cut(self) -> None:
        self.writers[-1].transport.abort()


def polite(kind: int, body: bytes) -> bytes:
    """Grant every subscription, acknowledge every publish, answer every ping."""
    if kind == 0x82:
        return b"\x90\x03" + body[:2] + b"\x01"
    if kind & 0xF6 == 0x32:
        size = int.from_bytes(body[:2], "big")
        return b"\x40\x02" + body[2 + size : 4 + size]
    return b"\xd0\x00" if kind == 0xC0 else b""


def deaf(kind: int, body: bytes) -> bytes:
    """Grant subscriptions and acknowledge nothing."""
    return polite(kind, body) if kind == 0x82 else b""


def publish(topic: bytes, payload: bytes) -> bytes:
    """Build a PUBLISH of QoS 0."""
    body = len(topic).to_bytes(2, "big") + topic + payload
    length, size = len(body), b""
    while length > 127:
        size += bytes([length % 128 | 128])
        length //= 128
    return b"\x30" + size + bytes([length]) + body


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return kind, await reader.readexactly(length)


@contextlib.asynccontextmanager
async def scripted(
    connack: bytes = CONNACK_OK, tls: trustme.LeafCert | None = None
) -> AsyncGenerator[ScriptedBroker]:
    broker = ScriptedBroker(connack)
    context = None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.configure_cert(context)
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0, ssl=context)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        server.close()
        for writer in broker.writers:
            writer.transport.abort()


def mosquitto() -> str:
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if found is None:
        pytest.skip("needs the Debian package mosquitto")
    return found


@contextlib.asynccontextmanager
async def real_broker(
    folder: Path, *lines: str, tls: trustme.LeafCert | None = None, port: int | None = None
) -> AsyncGenerator[int]:
    """Run a Mosquitto of our own; give its port."""
    program = mosquitto()
    port = port or _free_port()
    config = [f"listener {port} 127.0.0.1", "set_tcp_nodelay true", "user root"]
    config += ["log_dest stderr"]
    if tls is not None:
        tls.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
        config += [f"certfile {folder / 'server.pem'}", f"keyfile {folder / 'server.pem'}"]
    (folder / "mosquitto.conf").write_text("\n".join([*config, *lines]) + "\n")
    process = await asyncio.create_subprocess_exec(
        program,
        "-c",
        str(folder / "mosquitto.conf"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(10):
            while b" running" not in (line := await process.stderr.readline()):
                assert line, "mosquitto ended"
        yield port
    finally:
        process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
