"""The agent with a relay that notes when it was driven: `python -m bench.stamped CONFIG FILE`."""

import asyncio
import gc
import json
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.app.parts import Parts, build
from agent.app.service import Service, Shell
from agent.devices.effects import MAIN
from agent.log import configure
from agent.ports import Device, Line
from agent.settings.load import load
from agent.settings.root import DeviceConfig


class StampedRelay:
    """Driver and relay in one; at the end it leaves the times behind, in monotonic ns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamps: list[int] = []

    @property
    def line(self) -> Line | None:
        """There is none."""
        return None

    @property
    def descriptor(self) -> None:
        """There is none."""
        return

    @staticmethod
    def probe(held: int) -> None:
        """Hold nothing through a restart."""
        del held

    @asynccontextmanager
    async def open(
        self, *, on: bool, held: int | None = None
    ) -> AsyncGenerator["StampedRelay", None]:
        """Begin with no stamps; how the contact stands at the start is not one."""
        del on, held
        try:
            yield self
        finally:
            self._path.write_text(json.dumps(self._stamps))

    def set(self, *, on: bool) -> None:
        """Note the time."""
        del on
        self._stamps.append(time.monotonic_ns())


Change = Callable[[Parts, Callable[[], Service]], Parts]
"""Makes other parts of a device's; the service that they will be in is there when they work."""


def serve(config: str, change: Change) -> None:
    """Run the service as `polycloud run` does, on parts that *change* made, until SIGTERM."""
    configure(sys.stderr, {})
    services: list[Service] = []

    def built(config: DeviceConfig, device: Device[Any]) -> Parts:
        return change(build(config, device), lambda: services[0])

    shell = Shell(environ={}, reload=lambda: load(Path(config), {}), build=built)
    services.append(Service(load(Path(config), {}), shell))
    gc.freeze()
    asyncio.run(services[0].run())


def main(config: str, stamps: str) -> None:
    """Watch the relay."""
    relay = StampedRelay(Path(stamps))
    serve(config, lambda parts, *_: replace(parts, relays={MAIN: relay}))


if __name__ == "__main__":
    main(*sys.argv[1:])
