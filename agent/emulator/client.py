"""MQTT as a client speaks it: bytes for what it sends, values for what it hears."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agent.emulator.packets import PacketError, frame, text

PINGREQ: Final = b"\xc0\x00"
DISCONNECT: Final = b"\xe0\x00"
CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 0x20, 0x30, 0x40, 0x90, 0xD0


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a CONNECT says. `will`: topic, payload, QoS, and whether it is kept."""

    client_id: str
    username: str
    password: str = field(repr=False)
    keepalive_s: int = 60
    is_clean: bool = True
    will: tuple[str, bytes, int, bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One packet of the server: its kind, and what of it a client needs."""

    kind: int
    packet_id: int = 0
    codes: bytes = b""
    topic: str = ""
    payload: bytes = b""
    is_retained: bool = False


def connect(login: Login) -> bytes:
    """Encode CONNECT of MQTT 3.1.1."""
    flags, will = 0xC0 | (2 if login.is_clean else 0), b""
    if login.will is not None:
        topic, payload, qos, is_kept = login.will
        flags |= 0x04 | qos << 3 | is_kept << 5
        will = text(topic) + len(payload).to_bytes(2, "big") + payload
    head = text("MQTT") + bytes((4, flags)) + login.keepalive_s.to_bytes(2, "big")
    names = text(login.username) + text(login.password)
    return frame(0x10, head + text(login.client_id) + will + names)


def subscribe(packet_id: int, topic_filter: str, qos: int) -> bytes:
    """Encode SUBSCRIBE of one filter."""
    return frame(0x82, packet_id.to_bytes(2, "big") + text(topic_filter) + bytes((qos,)))


def puback(packet_id: int) -> bytes:
    """Encode PUBACK."""
    return frame(PUBACK, packet_id.to_bytes(2, "big"))


class ServerParser:
    """Turn a server's byte stream into packets; its only error is PacketError."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Heard]:
        """Yield the packets that *data* completes."""
        self._buffer += data
        while (taken := self._take()) is not None:
            yield _understood(*taken)

    def _take(self) -> tuple[int, bytes] | None:
        length, start = 0, 1
        while True:
            if start >= len(self._buffer):
                return None
            byte = self._buffer[start]
            length |= (byte & 0x7F) << 7 * (start - 1)
            start += 1
            if byte < 0x80:
                break
            if start > 4:
                raise PacketError("the remaining length has more than four bytes")
        if len(self._buffer) < start + length:
            return None
        taken = self._buffer[0], bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return taken


def _understood(head: int, body: bytes) -> Heard:
    kind = head & 0xF0
    if kind == PUBLISH:
        return _published(head, body)
    if kind in {CONNACK, PUBACK, SUBACK} and len(body) >= 2:
        packet_id = 0 if kind == CONNACK else int.from_bytes(body[:2], "big")
        return Heard(kind=kind, packet_id=packet_id, codes=body[1:] if not packet_id else body[2:])
    if kind == PINGRESP:
        return Heard(kind=kind)
    raise PacketError(f"a server does not send 0x{head:02x}")


def _published(head: int, body: bytes) -> Heard:
    size = int.from_bytes(body[:2], "big")
    has_id = bool(head & 6)
    rest = body[2 + size :]
    if len(body) < 2 + size or (has_id and len(rest) < 2):
        raise PacketError("a PUBLISH ends too early")
    try:
        topic = body[2 : 2 + size].decode()
    except UnicodeDecodeError as error:
        raise PacketError("a topic is not UTF-8") from error
    return Heard(
        kind=PUBLISH,
        packet_id=int.from_bytes(rest[:2], "big") if has_id else 0,
        topic=topic,
        payload=rest[2:] if has_id else rest,
        is_retained=bool(head & 1),
    )
