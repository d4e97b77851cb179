"""From an overload's last byte to the relay, on good disks and on bad ones side by side."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

from bench.figures import Spread
from bench.overload import overload
from chaos.apart import ROOT
from chaos.disks.mounts import drive, fill, small_disk
from chaos.report import Row, judged

PART: Final = "disk"
HEAD: Final = 16
"""Bytes of a frame that come before the pause."""

WARM_UP: Final = 20
FRAMES: Final = 400
PERIOD_S: Final = 0.052
END_S: Final = 20.0
ROUNDS: Final = 4
SLOW: Final = "slow-2"
FACTOR: Final = 1.5
LEAST_NOISE_MS: Final = 0.2
GOOD: Final = ("good", "good again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder for a store, and what makes its disk bad."""

    folder: Path
    spoil: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One disk's times in its calmest round, and how often its store failed."""

    spread: Spread
    missed: int
    failures: int


async def run(frames: int = FRAMES) -> list[Row]:
    """Measure all disks in turn, frame by frame, so that what disturbs one disturbs all."""
    left = Event()
    try:
        return rows(await asyncio.to_thread(_measure, frames, left))
    finally:
        left.set()


def rows(found: Mapping[str, Measured | None]) -> list[Row]:
    """Compare each bad disk with the better of the good ones; those two differ by noise alone."""
    good = [each.spread for name in GOOD if (each := found[name]) is not None]
    if len(good) < len(GOOD):
        return [judged(PART, "last byte -> relay", "-", ["stuck, even on a good disk"])]
    best, other = sorted(good, key=lambda spread: spread.p99)
    limit_ms = best.p99 * FACTOR + max(LEAST_NOISE_MS, other.p99 - best.p99)
    return [_row(name, bad, best, limit_ms) for name, bad in found.items() if name not in GOOD]


def _row(name: str, bad: Measured | None, good: Spread, limit_ms: float) -> Row:
    if bad is None:
        stuck = f"the relay waits for the disk: not done {END_S:g} s after the last frame"
        return judged(PART, f"last byte -> relay, disk {name}", "-", [stuck])
    spread = bad.spread
    figures = (
        f"p50/p99 {spread.p50:.3f}/{spread.p99:.3f} ms, good {good.p50:.3f}/{good.p99:.3f}"
        f" (p99 <= {limit_ms:.3f}); {bad.failures} failed writes"
    )
    is_late = spread.p99 > limit_ms
    faults = [f"the relay waits for the disk: p99 {spread.p99:.3f} ms"] if is_late else []
    if bad.missed:
        faults.append(f"{bad.missed} trips did not happen before the next frame")
    return judged(
        PART, f"last byte -> relay, {ROUNDS} x {spread.count} trips, disk {name}", figures, faults
    )


def _measure(frames: int, left: Event) -> dict[str, Measured | None]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="polycloud-chaos-")))
        places = _places(stack, folder)
        children: dict[str, subprocess.Popen[bytes]] = {}
        lines: dict[str, socket.socket] = {}
        for name, place in places.items():
            server = stack.enter_context(_listening())
            port = int(server.getsockname()[1])
            children[name] = stack.enter_context(_reader(port, place.folder))
            lines[name] = stack.enter_context(server.accept()[0])
        for place in places.values():
            place.spoil()
        sent = _send(lines, frames + WARM_UP, left)
        for line in lines.values():
            line.shutdown(socket.SHUT_WR)
        return {name: _read(sent[name], _output(child)) for name, child in children.items()}


def _places(stack: ExitStack, folder: Path) -> dict[str, Place]:
    """Make two good disks, and one for each way to be bad."""
    full = stack.enter_context(small_disk(folder / "full", 256))
    bad = {name: stack.enter_context(drive(folder / name)) for name in ("readonly", "slow")}
    good = {name: folder / name for name in GOOD}
    return {
        **{name: Place(folder=path, spoil=path.exists) for name, path in good.items()},
        "full": Place(folder=full, spoil=lambda: fill(full)),
        "read-only": Place(
            folder=bad["readonly"].folder, spoil=lambda: bad["readonly"].misbehave("readonly")
        ),
        "with an fsync of 2 s": Place(
            folder=bad["slow"].folder, spoil=lambda: bad["slow"].misbehave(SLOW)
        ),
    }


def _send(lines: Mapping[str, socket.socket], count: int, left: Event) -> dict[str, list[int]]:
    """Send every frame in two pieces, to one line after the other; note when the second leaves.

    Ends early when *left* is set: nobody waits for the result.
    """
    frame = overload().frame
    pause_s = PERIOD_S / len(lines) / 2
    sent: dict[str, list[int]] = {name: [] for name in lines}
    for line in lines.values():
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(count):
        if left.is_set():
            break
        for name, line in lines.items():
            line.send(frame[:HEAD])
            time.sleep(pause_s)
            sent[name].append(time.monotonic_ns())
            line.send(frame[HEAD:])
            time.sleep(pause_s)
    return sent


def _output(child: "subprocess.Popen[bytes]") -> bytes:
    """Take what a reader prints at its end; nothing where it is stuck."""
    try:
        return child.communicate(timeout=END_S)[0]
    except subprocess.TimeoutExpired:
        return b""


def _read(sent: list[int], output: bytes) -> Measured | None:
    """Match each frame with the relay's drive before the next; None for a reader that was stuck."""
    if not output:
        return None
    found = json.loads(output)
    driven: list[int] = found["driven"]
    times: list[float] = []
    for before, after in pairwise([*sent[WARM_UP:], sys.maxsize]):
        at = bisect_left(driven, before)
        if at < len(driven) and driven[at] < after:
            times.append((driven[at] - before) / 1e6)
    missed = len(sent) - WARM_UP - len(times)
    return Measured(spread=_calmest(times), missed=missed, failures=found["failures"])


def _calmest(times: list[float]) -> Spread:
    """Take the round that the rest of the machine disturbed least; a disk would disturb each."""
    size = -(-len(times) // ROUNDS)
    rounds = [Spread.of(times[at : at + size]) for at in range(0, len(times), size)]
    return min(rounds, key=lambda spread: spread.p99)


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(END_S)
        yield server


@contextmanager
def _reader(port: int, folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "chaos.disks.reader", str(port), str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        try:
            yield child
        finally:
            child.kill()  # it has ended by itself unless something failed
