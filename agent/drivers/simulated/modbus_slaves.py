"""Simulated Modbus slaves: a coil board, and a PZEM-004T over a plant. They never wait."""

from collections.abc import Callable
from typing import Final, Protocol

from agent.drivers.board_bytes import COIL_OFF, COIL_ON
from agent.drivers.simulated.plant import Supply

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3

REFRESH_S: Final = 1.0
J_PER_WH: Final = 3600.0


class Slave(Protocol):
    """Answers requests: both without address and checksum."""

    def answer(self, request: bytes) -> bytes:
        """Give the answer, an exception too."""
        ...


def refused(request: bytes, code: int) -> bytes:
    """Make the exception that answers *request*."""
    return bytes([request[0] | 0x80, code])


class SimulatedCoilBoard:
    """Relays by coils; `stuck` coils acknowledge and do not move."""

    def __init__(self, coils: int = 8) -> None:
        self.coils = [False] * coils
        self.stuck: set[int] = set()
        self.writes = 0
        self.on_move: Callable[[int, bool], None] = _ignore

    def answer(self, request: bytes) -> bytes:
        """Read (01) or write (05) coils."""
        function, at, value = request[0], _word(request, 1), _word(request, 3)
        if function == 0x01:
            return self._read(request, at, value)
        if function != 0x05:
            return refused(request, ILLEGAL_FUNCTION)
        if at >= len(self.coils):
            return refused(request, ILLEGAL_ADDRESS)
        if value not in (COIL_ON, COIL_OFF):
            return refused(request, ILLEGAL_VALUE)
        self.writes += 1
        if at not in self.stuck:
            self.coils[at] = value == COIL_ON
            self.on_move(at, self.coils[at])
        return request

    def _read(self, request: bytes, at: int, count: int) -> bytes:
        bits = self.coils[at : at + count]
        if not count or len(bits) != count:
            return refused(request, ILLEGAL_ADDRESS)
        number = sum(1 << place for place, bit in enumerate(bits) if bit)
        data = number.to_bytes((count + 7) // 8, "little")
        return bytes([request[0], len(data)]) + data


class SimulatedPzem:
    """Measures *supply* once a second, and counts watt-hours; nobody has it reset them."""

    def __init__(
        self, supply: Callable[[float], Supply], clock: Callable[[], float], *, watt_hours: int = 0
    ) -> None:
        self._supply = supply
        self._clock = clock
        self._joules = watt_hours * J_PER_WH
        self._measured_at = clock()
        self._now = supply(self._measured_at)
        self.asked = 0

    @property
    def watt_hours(self) -> int:
        """What its energy register says."""
        return int(self._joules / J_PER_WH)

    def answer(self, request: bytes) -> bytes:
        """Read its registers (04)."""
        self.asked += 1
        at, count = _word(request, 1), _word(request, 3)
        if request[0] != 0x04:
            return refused(request, ILLEGAL_FUNCTION)
        words = self._words()[at : at + count]
        if not count or len(words) != count:
            return refused(request, ILLEGAL_ADDRESS)
        data = b"".join(word.to_bytes(2, "big") for word in words)
        return bytes([request[0], len(data)]) + data

    def _words(self) -> list[int]:
        now = self._clock()
        while self._measured_at + REFRESH_S <= now:
            self._measured_at += REFRESH_S
            self._now = self._supply(self._measured_at)
            self._joules += self._now.power_w * REFRESH_S
        seen = self._now
        apparent_w = seen.mains_v * seen.current_a
        factor = seen.power_w / apparent_w if apparent_w else 0.0
        return [
            round(seen.mains_v * 10),
            *_low_and_high(round(seen.current_a * 1000)),
            *_low_and_high(round(seen.power_w * 10)),
            *_low_and_high(self.watt_hours),
            500,
            round(factor * 100),
            0,
        ]


def _word(request: bytes, at: int) -> int:
    return int.from_bytes(request[at : at + 2], "big")


def _low_and_high(number: int) -> tuple[int, int]:
    return number & 0xFFFF, number >> 16


def _ignore(*_: object) -> None:
    """Tell nobody."""
