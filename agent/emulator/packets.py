"""MQTT control packets as a server sees them: values for what arrives, bytes for what leaves."""

from dataclasses import dataclass, field
from typing import Final

from agent.errors import CodecError

PINGRESP: Final = b"\xd0\x00"
SUBACK_FAILURE: Final = 0x80

ACCEPTED: Final = 0
BAD_PROTOCOL: Final = 1
BAD_CLIENT_ID: Final = 2


class PacketError(CodecError):
    """The bytes are not MQTT 3.1 or 3.1.1; the connection cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """CONNECT. `protocol_level` is 3 (MQTT 3.1) or 4 (3.1.1)."""

    protocol_level: int
    client_id: str
    keepalive_s: int
    is_clean: bool
    has_will: bool = False
    is_tls: bool = False
    """Whether it came over TLS, which no byte of the packet says."""
    username: str | None = None
    password: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignConnect:
    """CONNECT of an MQTT version that is not spoken here (answered with CONNACK 1)."""

    protocol_name: str
    protocol_level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """PUBLISH. `packet_id` is 0 at QoS 0."""

    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int = 0
    is_repeat: bool = False
    is_retained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Puback:
    """PUBACK."""

    packet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """SUBSCRIBE: topic filters with the QoS that is asked for."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """UNSUBSCRIBE."""

    packet_id: int
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pingreq:
    """PINGREQ."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """DISCONNECT."""


Packet = (
    Connect | ForeignConnect | Publish | Puback | Subscribe | Unsubscribe | Pingreq | Disconnect
)


def connack(code: int, *, session_present: bool = False) -> bytes:
    """Encode CONNACK."""
    return bytes((0x20, 2, session_present, code))


def publish(packet: Publish) -> bytes:
    """Encode PUBLISH."""
    head = 0x30 | packet.is_repeat << 3 | packet.qos << 1 | packet.is_retained
    packet_id = packet.packet_id.to_bytes(2, "big") if packet.qos else b""
    return frame(head, text(packet.topic) + packet_id + packet.payload)


def puback(packet_id: int) -> bytes:
    """Encode PUBACK."""
    return b"\x40\x02" + packet_id.to_bytes(2, "big")


def suback(packet_id: int, codes: tuple[int, ...]) -> bytes:
    """Encode SUBACK with one granted QoS (or 0x80) for each filter."""
    return frame(0x90, packet_id.to_bytes(2, "big") + bytes(codes))


def unsuback(packet_id: int) -> bytes:
    """Encode UNSUBACK."""
    return b"\xb0\x02" + packet_id.to_bytes(2, "big")


def text(value: str) -> bytes:
    """Encode a text with its length before it."""
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def frame(head: int, body: bytes) -> bytes:
    """Encode a packet: its first byte, its remaining length, its body."""
    return bytes((head,)) + _length(len(body)) + body


def _length(length: int) -> bytes:
    """Encode a remaining length: seven bits a byte, the lowest first (MQTT 3.1.1 §2.2.3)."""
    if length < 0x80:
        return bytes((length,))
    encoded = bytearray()
    while length >= 0x80:
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    encoded.append(length)
    return bytes(encoded)
