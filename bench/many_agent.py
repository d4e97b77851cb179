"""Who reads many lines: `python -m bench.many_agent agent FOLDER OUT | readers|bare OUT PORT …`.

`agent` is the service on a folder of devices; the first of them notes when its relay is driven,
and trips on each frame after SIGUSR1. `readers` are the drivers alone, `bare` a loop that only
counts bytes. Each leaves behind how many frames it got on which line.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from agent import garbage
from agent.app.parts import Parts, build
from agent.app.service import Service, Shell
from agent.cli.run import SWITCH_S
from agent.clock import SystemClock
from agent.devices.effects import MAIN
from agent.devices.socket.state import State
from agent.drivers.hlw8032.frame import FRAME_SIZE
from agent.drivers.meter_pump import pump
from agent.drivers.serial_meter import SerialMeter
from agent.log import configure
from agent.model import Reading
from agent.ports import Device, Meter
from agent.settings.device import SocketSettings
from agent.settings.load import load
from agent.settings.meters import MeterSettings
from agent.settings.root import DeviceConfig
from bench.overload import SETTINGS, overload
from bench.stamped import StampedRelay

FIRST: Final = "socket-0000"
LONG_AGO: Final = 1e9
"""The armed state is made at this time, and moved: all its times are near."""


class Arming:
    """A meter that makes its device ready to trip before each reading, once that is wanted."""

    def __init__(self, meter: SerialMeter, service: Callable[[], Service]) -> None:
        self.is_wanted = False
        self._meter = meter
        self._service = service

    async def listen(self, take: Callable[[Reading], None]) -> None:
        """Pass the readings on, as soon as they come."""

        def taken(reading: Reading) -> None:
            take(reading)
            self.arm()

        await self._meter.listen(taken)

    def readings(self) -> AsyncIterator[Reading]:
        """Pass the readings on."""
        raise NotImplementedError("it is listened to")

    def arm(self) -> None:
        """Set the state back to the moment before a trip."""
        if self.is_wanted:
            self._service().devices[FIRST].runtime.state = armed(time.monotonic())

    def want(self) -> None:
        """Begin."""
        self.is_wanted = True
        self.arm()


def armed(now: float) -> State:
    """Make the state of `Overload.armed` at hardly any cost: the loop serves other sockets too."""
    state = moved(_long_ago(), now - LONG_AGO)
    assert isinstance(state, State), "it is moved as it is"
    return state


@cache
def _long_ago() -> State:
    return overload().armed(LONG_AGO)


def moved(value: object, by_s: float) -> object:
    """Move every time in a value: what is near `LONG_AGO` is one."""
    if isinstance(value, float):
        return value + by_s if abs(value - LONG_AGO) < LONG_AGO / 2 else value
    if isinstance(value, tuple):
        return tuple(moved(each, by_s) for each in cast("tuple[object, ...]", value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    known = {each.name: getattr(value, each.name) for each in fields(value)}
    after = {name: moved(each, by_s) for name, each in known.items()}
    changes = {name: each for name, each in after.items() if each != known[name]}
    return replace(value, **changes) if changes else value


def agent(folder: str, out: str) -> None:
    """Run the service as `polycloud run` does, until SIGTERM."""
    gc.disable()
    configure(sys.stderr, {})
    armed(0.0)
    services: list[Service] = []
    meters: dict[str, Meter | None] = {}

    def built(config: DeviceConfig, device: Device[Any]) -> Parts:
        parts = build(config, device)
        name = config.device.id
        meters[name] = parts.meter
        if name != FIRST:
            return parts
        assert isinstance(config.device, SocketSettings), "it is a socket"
        assert config.device.protection == SETTINGS.protection, "it is armed for other limits"
        assert isinstance(parts.meter, SerialMeter), "it reads a line"
        arming = Arming(parts.meter, lambda: services[0])
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, arming.want)
        return replace(parts, meter=arming, relays={MAIN: StampedRelay(Path(f"{out}.stamps"))})

    config = load(Path(folder), {})
    shell = Shell(environ=os.environ, reload=lambda: config, build=built, settled=garbage.settle)
    services.append(Service(config, shell))
    garbage.rare(len(config.devices))
    sys.setswitchinterval(SWITCH_S)
    asyncio.run(services[0].run())
    frames = [each.frames for _, each in sorted(meters.items()) if isinstance(each, SerialMeter)]
    Path(out).write_text(json.dumps(frames), encoding="ascii")


async def readers(ports: Sequence[int]) -> list[int]:
    """Read every line with the agent's own driver, and do nothing with the readings."""
    meters = [SerialMeter(MeterSettings(port=f"socket://127.0.0.1:{port}")) for port in ports]
    clock = SystemClock(mode="system")
    tasks = [
        asyncio.create_task(pump(meter, lambda _: None, clock, lambda _: None)) for meter in meters
    ]
    await _stopped()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [meter.frames for meter in meters]


class Bare(asyncio.Protocol):
    """The least that reads a line."""

    def __init__(self) -> None:
        self.received = 0

    def data_received(self, data: bytes) -> None:
        """Count bytes."""
        self.received += len(data)


async def bare(ports: Sequence[int]) -> list[int]:
    """Count the bytes of every line."""
    loop = asyncio.get_running_loop()
    protocols = [(await loop.create_connection(Bare, "127.0.0.1", port))[1] for port in ports]
    await _stopped()
    return [each.received // FRAME_SIZE for each in protocols]


async def _stopped() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


def main(what: str, first: str, out: str, *ports: str) -> None:
    """Run what is asked for."""
    if what == "agent":
        agent(first, out)
        return
    configure(sys.stderr, {})
    run = {"readers": readers, "bare": bare}[what]
    frames = asyncio.run(run([int(port) for port in ports]))
    Path(out).write_text(json.dumps(frames), encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
