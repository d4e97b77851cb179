"""A bare MQTT client for probes: says any bytes, hears every packet; shares no code with us."""

import asyncio
import ssl
from dataclasses import dataclass

HOST = "127.0.0.1"
LIMIT_S = 5.0


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def frame(head: int, body: bytes) -> bytes:
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes((digit | (0x80 if rest else 0),))
        if not rest:
            return bytes((head,)) + length + body


def connect(  # noqa: PLR0913 - one parameter a field of the packet
    client_id: str = "probe",
    *,
    clean: bool = True,
    keepalive: int = 60,
    username: str | None = None,
    password: str | bytes | None = None,
    name: str = "MQTT",
    level: int = 4,
    will: tuple[str, bytes] | None = None,
) -> bytes:
    flags = 2 * clean + 4 * (will is not None)
    flags |= 0x80 * (username is not None) | 0x40 * (password is not None)
    body = text(name) + bytes((level, flags)) + keepalive.to_bytes(2, "big") + text(client_id)
    if will is not None:
        body += text(will[0]) + text(will[1])
    for field in (username, password):
        if field is not None:
            body += text(field)
    return frame(0x10, body)


def publish(
    topic: str | bytes, payload: bytes = b"", qos: int = 0, packet_id: int = 1, flags: int = 0
) -> bytes:
    number = packet_id.to_bytes(2, "big") if qos else b""
    return frame(0x30 | qos << 1 | flags, text(topic) + number + payload)


def subscribe(*filters: tuple[str, int], packet_id: int = 1) -> bytes:
    body = b"".join(text(topic) + bytes((qos,)) for topic, qos in filters)
    return frame(0x82, packet_id.to_bytes(2, "big") + body)


def unsubscribe(*filters: str, packet_id: int = 1) -> bytes:
    return frame(0xA2, packet_id.to_bytes(2, "big") + b"".join(map(text, filters)))


def puback(packet_id: int) -> bytes:
    return frame(0x40, packet_id.to_bytes(2, "big"))


PINGREQ = b"\xc0\x00"
PINGRESP = (0xD0, b"")
DISCONNECT = b"\xe0\x00"


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    qos: int
    packet_id: int
    dup: bool
    retain: bool


def read_message(head: int, body: bytes) -> Message:
    assert head >> 4 == 3, f"0x{head:02x} is no PUBLISH"
    size = int.from_bytes(body[:2], "big")
    topic, rest = body[2 : 2 + size].decode(), body[2 + size :]
    qos = head >> 1 & 3
    number = int.from_bytes(rest[:2], "big") if qos else 0
    return Message(topic, rest[2:] if qos else rest, qos, number, bool(head & 8), bool(head & 1))


def split_packets(data: bytes) -> list[tuple[int, bytes]]:
    """Split what a server sent into (first byte, body)."""
    found = []
    while data:
        length, at, shift = 0, 1, 0
        while True:
            length |= (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 0x80:
                break
        found.append((data[0], data[at : at + length]))
        data = data[at + length :]
    return found


class Probe:
    """One connection to a broker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int, *, tls: ssl.SSLContext | None = None) -> "Probe":
        name = "localhost" if tls else None
        return cls(*await asyncio.open_connection(HOST, port, ssl=tls, server_hostname=name))

    @classmethod
    async def connected(cls, port: int, client_id: str = "probe", **fields) -> "Probe":
        probe = await cls.open(port, tls=fields.pop("tls", None))
        assert await probe.ask(connect(client_id, **fields)) == (0x20, b"\x00\x00")
        return probe

    def send(self, *packets: bytes) -> None:
        self._writer.write(b"".join(packets))

    async def send_byte_by_byte(self, data: bytes) -> None:
        for byte in data:
            self._writer.write(bytes((byte,)))
            await self._writer.drain()

    async def packet(self) -> tuple[int, bytes]:
        async with asyncio.timeout(LIMIT_S):
            head = (await self._reader.readexactly(1))[0]
            length = shift = 0
            while True:
                digit = (await self._reader.readexactly(1))[0]
                length, shift = length | (digit & 0x7F) << shift, shift + 7
                if digit < 0x80:
                    return head, await self._reader.readexactly(length)

    async def message(self) -> Message:
        return read_message(*await self.packet())

    async def ask(self, *packets: bytes) -> tuple[int, bytes]:
        self.send(*packets)
        return await self.packet()

    async def subscribe(self, *filters: tuple[str, int]) -> bytes:
        head, body = await self.ask(subscribe(*filters))
        assert head == 0x90
        return body[2:]

    async def hears_nothing(self) -> bool:
        """Everything that was under way has arrived once PINGRESP is back."""
        return await self.ask(PINGREQ) == PINGRESP

    async def is_closed(self) -> bool:
        """The peer closes without another packet."""
        async with asyncio.timeout(LIMIT_S):
            try:
                return await self._reader.read(1) == b""
            except ConnectionError:
                return True

    async def close(self) -> None:
        self._writer.close()
        async with asyncio.timeout(LIMIT_S):
            try:
                await self._writer.wait_closed()
            except OSError:
                return
