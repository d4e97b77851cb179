"""An incremental parser of the MQTT packets that a client sends; its only error is PacketError."""

from collections.abc import Callable, Iterator
from typing import Final

from agent.emulator.packets import (
    Connect,
    Disconnect,
    ForeignConnect,
    Packet,
    PacketError,
    Pingreq,
    Puback,
    Publish,
    Subscribe,
    Unsubscribe,
)

_VERSIONS: Final = {("MQIsdp", 3), ("MQTT", 4)}


class PacketParser:
    """Turn a byte stream into packets; holds at most one packet of `max_packet` bytes."""

    def __init__(self, *, max_packet: int) -> None:
        self._max_packet = max_packet
        self._buffer = bytearray()
        self._fault: str | None = None

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Yield the packets that *data* completes; after a PacketError nothing is parsed again."""
        if self._fault is not None:
            raise PacketError(self._fault)
        self._buffer += data
        try:
            while (frame := self._take_frame()) is not None:
                yield _decode(*frame)
        except PacketError as error:
            self._fault = str(error)
            self._buffer.clear()
            raise

    def _take_frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        length, start = 0, 1
        while True:
            if start >= len(buffer):
                return None
            byte = buffer[start]
            length |= (byte & 0x7F) << 7 * (start - 1)
            start += 1
            if byte < 0x80:
                break
            if start > 4:
                raise PacketError("the remaining length has more than four bytes")
        if length > self._max_packet:
            raise PacketError(f"a packet of {length} bytes; at most {self._max_packet} are taken")
        if len(buffer) < start + length:
            return None
        frame = buffer[0], bytes(buffer[start : start + length])
        del buffer[: start + length]
        return frame


class _Body:
    """A packet's bytes after the fixed header, read from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        return self._at >= len(self._data)

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise PacketError("a packet ends too early")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def number(self, size: int = 2) -> int:
        return int.from_bytes(self.take(size), "big")

    def packet_id(self) -> int:
        number = self.number()
        if number == 0:
            raise PacketError("packet id 0")
        return number

    def binary(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        try:
            text = self.binary().decode()
        except UnicodeDecodeError as error:
            raise PacketError("a text is not UTF-8") from error
        if "\0" in text:
            raise PacketError("a text holds U+0000")
        return text

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def end(self) -> None:
        if not self.is_empty:
            raise PacketError("a packet has bytes left over")


def _decode(head: int, data: bytes) -> Packet:
    if head >> 4 == 3:
        return _publish(head, _Body(data))
    decoder = _DECODERS.get(head)
    if decoder is None:
        raise PacketError(f"a client does not send a packet that begins with 0x{head:02x}")
    body = _Body(data)
    packet = decoder(body)
    body.end()
    return packet


def _publish(head: int, body: _Body) -> Publish:
    qos = head >> 1 & 3
    if qos == 3:
        raise PacketError("QoS 3")
    return Publish(
        topic=body.text(),
        packet_id=body.packet_id() if qos else 0,
        payload=body.rest(),
        qos=qos,
        is_repeat=bool(head & 8),
        is_retained=bool(head & 1),
    )


def _connect(body: _Body) -> Connect | ForeignConnect:
    name, level = body.text(), body.number(1)
    if (name, level) not in _VERSIONS:
        if name not in {"MQTT", "MQIsdp"}:
            raise PacketError(f"protocol name {name!r:.20}")
        body.rest()
        return ForeignConnect(protocol_name=name, protocol_level=level)
    flags = body.number(1)
    _check_flags(flags)
    keepalive_s, client_id = body.number(), body.text()
    has_will = bool(flags & 4)
    if has_will:
        body.text()
        body.binary()
    return Connect(
        protocol_level=level,
        client_id=client_id,
        keepalive_s=keepalive_s,
        is_clean=bool(flags & 2),
        has_will=has_will,
        username=body.text() if flags & 0x80 else None,
        password=body.binary() if flags & 0x40 else None,
    )


def _check_flags(flags: int) -> None:
    """Refuse connect flags that contradict themselves (MQTT 3.1.1 §3.1.2)."""
    if flags & 1:
        raise PacketError("the reserved connect flag is set")
    if not flags & 4 and flags & 0x38:
        raise PacketError("will flags without a will")
    if flags & 0x18 == 0x18:
        raise PacketError("will QoS 3")
    if flags & 0xC0 == 0x40:
        raise PacketError("a password without a user name")


def _subscribe(body: _Body) -> Subscribe:
    packet_id = body.packet_id()
    filters: list[tuple[str, int]] = []
    while not body.is_empty:
        topic_filter, qos = body.text(), body.number(1)
        if qos > 2:
            raise PacketError(f"requested QoS {qos}")
        filters.append((topic_filter, qos))
    if not filters:
        raise PacketError("SUBSCRIBE without a filter")
    return Subscribe(packet_id=packet_id, filters=tuple(filters))


def _unsubscribe(body: _Body) -> Unsubscribe:
    packet_id = body.packet_id()
    filters: list[str] = []
    while not body.is_empty:
        filters.append(body.text())
    if not filters:
        raise PacketError("UNSUBSCRIBE without a filter")
    return Unsubscribe(packet_id=packet_id, filters=tuple(filters))


def _puback(body: _Body) -> Puback:
    return Puback(packet_id=body.packet_id())


_DECODERS: Final[dict[int, Callable[[_Body], Packet]]] = {
    0x10: _connect,
    0x40: _puback,
    0x82: _subscribe,
    0x8A: _subscribe,  # MQTT 3.1 lets a client repeat these two with DUP
    0xA2: _unsubscribe,
    0xAA: _unsubscribe,
    0xC0: lambda _body: Pingreq(),
    0xE0: lambda _body: Disconnect(),
}
