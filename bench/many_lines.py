"""The lines of many meters, in a process of its own: `python -m bench.many_lines COUNT PACE`.

Prints the ports, a line each; sends every line its frames at the chip's pace as soon as
somebody reads it, each at a phase and a pace of its own. Then it takes orders on its input:
`count` prints how many frames were sent, `trip COUNT` sends so many of an overload down the first
line, `stop` ends it. What was sent is printed at the end. PACE tells how much faster than the chips
all of them are.
"""

import heapq
import json
import random
import select
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from agent.drivers.simulated.appliances import NOMINAL_V, make
from agent.drivers.simulated.chip import STEP_S, Chip
from agent.drivers.simulated.plant import Plant
from bench.overload import SCALE, overload
from bench.trip import HEAD

DRIFT: Final = 0.005
"""No two chips' clocks agree: their phases wander."""

TRIP_EVERY_S: Final = 0.11
PAUSE_S: Final = 0.02
"""From a frame's head to its last bytes: a frame does not come in one piece either."""

WAIT_S: Final = 0.05
SWING_V: Final = 2.0
MOVES_EVERY_S: Final = 0.25
"""The mains move all the time: no register says the same after it was refreshed."""
LOADS: Final = ("lamp", "kettle", "phone_charger", "compressor", "lamp", "phone_charger")


@dataclass(slots=True, kw_only=True)
class Source:
    """A chip whose frames go down many lines; none of those is asked for anew within a step."""

    chip: Chip
    plant: Plant
    random: random.Random
    at: float
    moves_at: float = 0.0
    frame: bytes = b""

    def frame_at(self, now: float) -> bytes:
        """Give the frame of this moment."""
        if now - self.at >= STEP_S or not self.frame:
            if now >= self.moves_at:
                mains_v = NOMINAL_V + self.random.uniform(-SWING_V, SWING_V)
                self.plant.set_mains(mains_v, now=now)
                self.moves_at = now + MOVES_EVERY_S
            self.chip.advance(now)
            self.at = now
            self.frame = self.chip.frame()
        return self.frame


@dataclass(slots=True, kw_only=True)
class Line:
    """One meter's line: who reads it, and what was sent."""

    server: socket.socket
    source: Source
    period_s: float
    reader: socket.socket | None = None
    frames: int = 0


class Lines:
    """All lines, and when each is due."""

    def __init__(self, count: int, pace: float) -> None:
        self._random = random.Random(count)  # noqa: S311 - the same phases each time
        now = time.monotonic()
        sources = [_source(load, now) for load in LOADS]
        self.lines = [self._line(sources[number % len(sources)], pace) for number in range(count)]
        self.sent: list[int] = []
        self._due: list[tuple[float, int]] = []
        self._tripping = 0
        self._trip_at = float("inf")
        self._has_head = False
        self._waiting = selectors.DefaultSelector()
        for number, line in enumerate(self.lines):
            self._waiting.register(line.server, selectors.EVENT_READ, number)
        self._unread = count

    def _line(self, source: Source, pace: float) -> Line:
        server = socket.create_server(("127.0.0.1", 0))
        server.setblocking(False)  # noqa: FBT003 - the library's own form
        drift = 1 + self._random.uniform(-DRIFT, DRIFT)
        return Line(server=server, source=source, period_s=FRAME_PERIOD_S * drift / pace)

    def trip(self, count: int) -> None:
        """Send overloads down the first line from now on, and nothing else."""
        self._tripping = count
        self._trip_at = time.monotonic() + TRIP_EVERY_S

    def run(self, orders: int) -> None:
        """Send until told to stop."""
        while True:
            if self._unread:
                self._accept()
            wait_s = self._send()
            ready, _, _ = select.select([orders], [], [], wait_s)
            if ready and not self._obey(sys.stdin.readline().split()):
                return

    def _obey(self, order: Sequence[str]) -> bool:
        match order:
            case ["count"]:
                print(sum(line.frames for line in self.lines), flush=True)
            case ["trip", count]:
                self.trip(int(count))
            case _:
                return False
        return True

    def _accept(self) -> None:
        for key, _ in self._waiting.select(0):
            line = self.lines[key.data]
            line.reader, _ = line.server.accept()
            line.reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._waiting.unregister(line.server)
            self._unread -= 1
            at = time.monotonic() + self._random.random() * line.period_s
            heapq.heappush(self._due, (at, key.data))

    def _send(self) -> float:
        """Send what is due, and tell how long nothing else will be."""
        due = self._due
        now = time.monotonic()
        while due and due[0][0] <= now:
            at, number = due[0]
            line = self.lines[number]
            heapq.heapreplace(due, (max(at + line.period_s, now - line.period_s), number))
            if number or not self._tripping:
                assert line.reader is not None, "it is not due before somebody reads it"
                line.reader.send(line.source.frame_at(now))
                line.frames += 1
            now = time.monotonic()
        if now >= self._trip_at:
            self._overload()
        next_at = min(self._trip_at, due[0][0] if due else now + WAIT_S)
        return max(0.0, next_at - time.monotonic())

    def _overload(self) -> None:
        """Send a part of a frame; note when its last bytes were about to leave."""
        line, frame = self.lines[0], overload().frame
        assert line.reader is not None, "the agent runs"
        if not self._has_head:
            line.reader.send(frame[:HEAD])
            self._trip_at += PAUSE_S * (1 + self._random.random())
        else:
            self.sent.append(time.monotonic_ns())
            line.reader.send(frame[HEAD:])
            line.frames += 1
            ends = len(self.sent) >= self._tripping
            self._trip_at = float("inf") if ends else time.monotonic() + TRIP_EVERY_S - PAUSE_S
        self._has_head = not self._has_head


def _source(load: str, now: float) -> Source:
    plant = Plant(make(load), now=now - 10.0)
    plant.set_contact(on=True, now=now - 10.0)
    chip = Chip(plant.at, SCALE, now=now - 10.0)
    drawn = random.Random(load)  # noqa: S311 - the same mains each time
    return Source(chip=chip, plant=plant, random=drawn, at=now - 10.0)


def main(count: str, pace: str) -> None:
    """Work until told to stop, or until nobody gives orders any more."""
    overload()  # takes a while, once
    lines = Lines(int(count), float(pace))
    print(json.dumps([line.server.getsockname()[1] for line in lines.lines]), flush=True)
    lines.run(sys.stdin.fileno())
    print(json.dumps({"sent": lines.sent, "frames": [line.frames for line in lines.lines]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
