"""From the last byte of a frame to the relay: the frame that makes the device trip.

A process of its own reads; this one writes, as a serial line does: the frame's head, a pause,
and the last bytes with their time noted.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from bench.figures import Row, Spread
from bench.overload import overload

WARM_UP: Final = 20
HEAD: Final = 16
"""Bytes of a frame that come before the pause."""
PAUSES: Final = 4
"""Pauses from one frame of a line to its next: two pieces on each of two lines."""
AIM_MS: Final = 0.3
END_S: Final = 20.0
MAY_FAIL: Final = 0.05
"""Share of the frames that may be left out."""


async def measure(*, period_s: float, frames: int) -> Sequence[Row]:
    """Send frames to the agent's driver and to a bare loop in turn."""
    sent, seen = await asyncio.to_thread(_run, period_s, frames)
    agent, floor = (
        Spread.of(delays_ms(sent[side][WARM_UP:], seen[side])) for side in ("agent", "floor")
    )
    own_ms = agent.p99 - floor.p99
    return [
        Row(
            what=f"last byte -> relay, each {period_s * 1000:.0f} ms (ms, {agent.count} each)",
            agent=agent.tail,
            floor=floor.tail,
            compared=f"{agent.p50 - floor.p50:+.3f} p50, {own_ms:+.3f} p99",
            aim=f"p99 <= {AIM_MS} ms",
            is_met=agent.p99 <= AIM_MS,
        )
    ]


def _run(period_s: float, frames: int) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    with ExitStack() as stack:
        servers = {side: stack.enter_context(listening()) for side in ("agent", "floor")}
        ports = [str(server.getsockname()[1]) for server in servers.values()]
        child = stack.enter_context(_reader(ports))
        lines = {side: stack.enter_context(server.accept()[0]) for side, server in servers.items()}
        sent = send(lines, period_s / PAUSES, frames + WARM_UP)
        for line in lines.values():
            line.shutdown(socket.SHUT_WR)
        output, _ = child.communicate(timeout=END_S)
    seen: dict[str, list[int]] = json.loads(output)
    return sent, seen


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Listen for whoever reads a line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(END_S)
        yield server


@contextmanager
def _reader(ports: Sequence[str]) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "bench.reader", *ports]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.kill()  # it has ended by itself unless something failed


def send(lines: dict[str, socket.socket], pause_s: float, count: int) -> dict[str, list[int]]:
    """Send every frame in two pieces; note when the second was about to leave."""
    frame = overload().frame
    sent: dict[str, list[int]] = {side: [] for side in lines}
    for line in lines.values():
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(count):
        for side, line in lines.items():
            line.send(frame[:HEAD])
            time.sleep(pause_s)
            sent[side].append(time.monotonic_ns())
            line.send(frame[HEAD:])
            time.sleep(pause_s)
    return sent


def delays_ms(
    sent: Sequence[int], driven: Sequence[int], *, may_fail: float = MAY_FAIL
) -> list[float]:
    """Find for each frame how long it took until the relay was driven, before the next frame.

    A frame that this machine sent too late tells of too little to open anything, and is left out;
    raise where more than the share *may_fail* are.
    """
    delays: list[float] = []
    for at, until in zip(sent, (*sent[1:], sys.maxsize), strict=True):
        index = bisect_left(driven, at)
        if index < len(driven) and driven[index] < until:
            delays.append((driven[index] - at) / 1e6)
    if len(delays) < (1 - may_fail) * len(sent):
        raise RuntimeError(f"{len(delays)} of {len(sent)} frames opened the relay")
    return delays
