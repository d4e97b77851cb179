"""A gateway full of sockets: one process of the agent, and how its cost grows with them."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
import timeit
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from bench.figures import Row, Spread
from bench.machine import memory_mb, usage
from bench.stage import ENVIRON, Program
from bench.subject import Subject, device
from bench.trip import delays_ms

COUNTS: Final = (1, 10, 100, 1000)
SETTLE_S: Final = 4.0
"""From ready until the start's work is over."""

WATCH_S: Final = 8.0
ALONE_S: Final = 4.0
TRIPS: Final = 120
TRIP_TAKES_S: Final = 0.13
START_S: Final = 60.0
END_S: Final = 30.0
ARRIVES_S: Final = 0.5
MAY_FAIL: Final = 0.1
CPU_AIM: Final = 50.0
DELAY_AIM_MS: Final = 0.3

YARDSTICK: Final = "this machine: sum(range(1000)) (us, between the measurements)"
HEADS: Final = Row(
    what="", agent="agent", floor="readers alone / bare loop", compared="a frame", aim="aim"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a process took while it read its lines: `lost` counts frames."""

    cpu: float
    rss_mb: float
    start_s: float
    frames_per_s: float
    lost: int
    delays: Spread | None = None

    @property
    def per_frame_us(self) -> float:
        """The processor's time for a frame."""
        return self.cpu / 100 / self.frames_per_s * 1e6


async def measure() -> Sequence[Row]:
    """Measure so many sockets one after the other, each beside the drivers alone."""
    rows: list[Row] = []
    paces = [_yardstick_us()]
    for count in COUNTS:
        rows += await asyncio.to_thread(_measure, count)
        paces.append(_yardstick_us())
    pace = Spread.of(paces)
    return [*rows, Row(what=YARDSTICK, agent=pace.rounds, floor="", compared="")]


def _yardstick_us() -> float:
    """Tell how quick this machine is by now: the figures scale with it."""
    return min(timeit.repeat("sum(range(1000))", number=1000, repeat=9)) * 1000


def _measure(count: int) -> Sequence[Row]:
    with TemporaryDirectory(prefix="polycloud-many-") as folder:
        bare = watch(count, "bare", Path(folder))
        alone = watch(count, "readers", Path(folder))
        agent = watch(count, "agent", Path(folder))
    return rows_of(count, agent, alone, bare)


def rows_of(count: int, agent: Watched, alone: Watched, bare: Watched) -> Sequence[Row]:
    """Tell of so many sockets."""
    assert agent.delays is not None, "one of them was made to trip"
    name = f"{count:,} socket{'s' if count > 1 else ''}"
    per_socket = (agent.rss_mb - alone.rss_mb) / count * 1024
    is_most = count == COUNTS[-1]
    return [
        Row(
            what=f"{name}: CPU (% of a core)",
            agent=f"{agent.cpu:.2f}, {agent.frames_per_s:.0f} frames/s, {agent.lost} lost",
            floor=f"{alone.cpu:.2f} / {bare.cpu:.2f}",
            compared=f"{agent.per_frame_us:.0f} us; {alone.per_frame_us:.0f} / "
            f"{bare.per_frame_us:.0f}",
            aim=f"<= {CPU_AIM:g} %, 0 lost" if is_most else "0 lost",
            is_met=agent.lost == 0 and (agent.cpu <= CPU_AIM or not is_most),
        ),
        Row(
            what=f"{name}: last byte -> relay of one (ms, {agent.delays.count})",
            agent=agent.delays.tail,
            floor="",
            compared="",
            aim=f"p99 <= {DELAY_AIM_MS} ms",
            is_met=agent.delays.p99 <= DELAY_AIM_MS,
        ),
        Row(
            what=f"{name}: RSS (MB), exec -> ready (s)",
            agent=f"{agent.rss_mb:.1f}, {agent.start_s:.2f}",
            floor=f"{alone.rss_mb:.1f} / {bare.rss_mb:.1f}",
            compared=f"{per_socket:.0f} KiB a socket" if count > 1 else "",
        ),
    ]


def watch(count: int, what: str, folder: Path, *, trips: int = TRIPS) -> Watched:
    """Let a process read so many lines, watch it, and count what it got."""
    with ExitStack() as stack:
        lines = stack.enter_context(_lines(count))
        ports: list[int] = json.loads(_line_of(lines))
        out = folder / f"{what}.frames"
        manager = stack.enter_context(_manager(folder / "notify"))
        began = time.monotonic()
        program = stack.enter_context(_reader(what, folder, out, ports).running())
        start_s = 0.0
        if what == "agent":
            _await_ready(manager)
            start_s = time.monotonic() - began
        time.sleep(SETTLE_S)
        sent, before = _count(lines), usage(program.pid)
        time.sleep(WATCH_S if what == "agent" else ALONE_S)
        sent, after = _count(lines) - sent, usage(program.pid)
        rss_mb, _ = memory_mb(program.pid)
        if what == "agent":
            program.send_signal(signal.SIGUSR1)
            time.sleep(ARRIVES_S)
            _order(lines, f"trip {trips}")
            time.sleep(trips * TRIP_TAKES_S + 1)
        output, _ = lines.communicate("stop\n", END_S)
        time.sleep(ARRIVES_S)
        program.terminate()
        program.wait(END_S)
    counted = json.loads(output)
    got: list[int] = json.loads(out.read_text())
    elapsed_s = after.at - before.at
    return Watched(
        cpu=(after.cpu_s - before.cpu_s) / elapsed_s * 100,
        rss_mb=rss_mb,
        start_s=start_s,
        frames_per_s=sent / elapsed_s,
        lost=sum(counted["frames"]) - sum(got),
        delays=_delays(counted["sent"], out) if what == "agent" else None,
    )


def _delays(sent: Sequence[int], out: Path) -> Spread:
    driven: list[int] = json.loads(Path(f"{out}.stamps").read_text())
    until = sent[-1] + int(ARRIVES_S * 1e9)
    meant = [at for at in driven if at < until]  # the stop drives it once more
    return Spread.of(delays_ms(sent, meant, may_fail=MAY_FAIL))


def write(folder: Path, ports: Sequence[int]) -> Path:
    """Write a file for each socket, and one for the agent."""
    devices = folder / "devices"
    devices.mkdir()
    for number, port in enumerate(ports):
        subject = Subject(name=f"socket-{number:04}", clouds=(), is_on=True)
        agent, mark, own = device(subject, folder, port).partition("[device]")
        own = own.replace('id = "bench"', f'id = "{subject.name}"')
        (devices / f"{subject.name}.toml").write_text(mark + own, encoding="utf-8")
        if not number:
            (devices / "agent.toml").write_text(agent, encoding="utf-8")
    return devices


def _reader(what: str, folder: Path, out: Path, ports: Sequence[int]) -> Program:
    command = [sys.executable, "-m", "bench.many_agent", what]
    if what == "agent":
        command += [str(write(folder, ports)), str(out)]
    else:
        command += ["", str(out), *map(str, ports)]
    environ = {
        **ENVIRON,
        "NOTIFY_SOCKET": str(folder / "notify"),
        "RUNTIME_DIRECTORY": str(folder),
        "WATCHDOG_USEC": "10000000",
    }
    return Program(command=command, environ=environ)


@contextmanager
def _lines(count: int) -> Generator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "bench.many_lines", str(count), "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as lines:
        try:
            yield lines
        finally:
            lines.kill()  # it has ended by itself unless something failed


def _count(lines: "subprocess.Popen[str]") -> int:
    _order(lines, "count")
    return int(_line_of(lines))


def _line_of(lines: "subprocess.Popen[str]") -> str:
    assert lines.stdout is not None
    return lines.stdout.readline()


def _order(lines: "subprocess.Popen[str]", order: str) -> None:
    stdin: IO[str] | None = lines.stdin
    assert stdin is not None
    stdin.write(f"{order}\n")
    stdin.flush()


@contextmanager
def _manager(address: Path) -> Generator[socket.socket]:
    """Stand in for the service manager."""
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(START_S)
        yield manager


def _await_ready(manager: socket.socket) -> None:
    while b"READY=1" not in manager.recv(65536):
        pass
