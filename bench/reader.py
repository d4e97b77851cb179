"""Two readers on one loop: the agent's own driver and runtime, and a bare protocol.

`python -m bench.reader PORT PORT`; ends with the lines, and prints when each relay was driven.
"""

import asyncio
import io
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from agent.clock import SystemClock
from agent.devices.effects import MAIN, Save
from agent.devices.inputs import Measured
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.drivers.hlw8032.frame import FRAME_SIZE
from agent.drivers.serial_meter import SerialMeter
from agent.errors import DriverError
from agent.log import configure
from agent.model import Reading
from agent.ports import Line
from agent.reporting import Policy
from agent.runtime import Runtime
from agent.settings.meters import MeterSettings
from agent.timer import LoopTimer
from agent.wiring import Wiring
from bench.overload import SETTINGS, overload


class StampedRelay:
    """A relay that notes when it is driven."""

    def __init__(self) -> None:
        self.stamps: list[int] = []

    @property
    def line(self) -> Line | None:
        """There is none."""
        return None

    @property
    def descriptor(self) -> None:
        """There is none."""
        return

    def set(self, *, on: bool) -> None:
        """Note the time."""
        del on
        self.stamps.append(time.monotonic_ns())


class Bare(asyncio.Protocol):
    """The least that drives a relay when a frame is whole."""

    def __init__(self, relay: StampedRelay) -> None:
        self.ended = asyncio.Event()
        self._relay = relay
        self._received = 0

    def data_received(self, data: bytes) -> None:
        """Count bytes."""
        self._received += len(data)
        if self._received >= FRAME_SIZE:
            self._received -= FRAME_SIZE
            self._relay.set(on=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc
        self.ended.set()


def _runtime(relay: StampedRelay, keep: Callable[[Save], None]) -> Runtime[State]:
    timer = LoopTimer(asyncio.get_running_loop())
    wiring = Wiring(
        name="bench",
        device=Socket(settings=SETTINGS),
        outputs={MAIN: relay},
        indicator=None,
        clock=SystemClock(mode="system"),
        policy=Policy(min_interval_s=5, max_interval_s=300, changes={}),
        keep=keep,
        record=lambda _: None,
    )
    runtime = Runtime(wiring, overload().armed(time.monotonic()), timer)
    timer.callback = runtime.wake
    return runtime


async def measure(
    port: int, relay: StampedRelay, keep: Callable[[Save], None] = lambda _: None
) -> None:
    """Read frames as the agent does; after each the socket is made ready to trip again."""
    runtime = _runtime(relay, keep)
    meter = SerialMeter(MeterSettings(port=f"socket://127.0.0.1:{port}"))

    def take(reading: Reading) -> None:
        runtime.dispatch(Measured(reading=reading))
        runtime.state = overload().armed(time.monotonic())

    with suppress(DriverError):
        await meter.listen(take)


async def run(agent_port: int, floor_port: int) -> None:
    """Read both lines to their end."""
    agent, floor = StampedRelay(), StampedRelay()
    bare = Bare(floor)
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: bare, "127.0.0.1", floor_port)
    await measure(agent_port, agent)
    await bare.ended.wait()
    print(json.dumps({"agent": agent.stamps, "floor": floor.stamps}))


if __name__ == "__main__":
    configure(io.StringIO(), {})
    asyncio.run(run(*map(int, sys.argv[1:])))
