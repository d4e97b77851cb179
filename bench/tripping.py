"""The agent at its clouds, tripping on each frame: `python -m bench.tripping CONFIG FILE`.

Before each frame its state is set back to the moment before a trip, as in `bench.reader`. Each trip
is told and kept as any: the links and the store work while the next frame is on its way.
"""

import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

from agent.app.parts import Parts
from agent.app.service import Service
from agent.devices.effects import MAIN
from agent.drivers.serial_meter import SerialMeter
from agent.model import Reading
from agent.settings.device import SocketSettings
from bench.overload import SETTINGS, overload
from bench.stamped import StampedRelay, serve


class Arming:
    """A meter that makes its device ready to trip before each reading."""

    def __init__(self, meter: SerialMeter, service: Callable[[], Service]) -> None:
        self._meter = meter
        self._service = service

    async def listen(self, take: Callable[[Reading], None]) -> None:
        """Pass the readings on, as soon as they come."""

        def taken(reading: Reading) -> None:
            take(reading)
            self._arm()

        self._arm()
        await self._meter.listen(taken)

    def readings(self) -> AsyncIterator[Reading]:
        """Pass the readings on."""
        raise NotImplementedError("it is listened to")

    def _arm(self) -> None:
        for device in self._service().devices.values():
            settings = device.config.device
            assert isinstance(settings, SocketSettings), "it is a socket"
            assert settings.protection == SETTINGS.protection, "the state is armed for other limits"
            device.runtime.state = overload().armed(time.monotonic())


def main(config: str, stamps: str) -> None:
    """Run until SIGTERM."""
    overload()  # takes a while, once

    def change(parts: Parts, service: Callable[[], Service]) -> Parts:
        assert isinstance(parts.meter, SerialMeter), "it reads a line"
        meter = Arming(parts.meter, service)
        return replace(parts, meter=meter, relays={MAIN: StampedRelay(Path(stamps))})

    serve(config, change)


if __name__ == "__main__":
    main(*sys.argv[1:])
