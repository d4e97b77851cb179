"""The agent with a relay that notes when it was driven: `python -m bench.stamped CONFIG FILE`."""

import asyncio
import gc
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from agent.app.parts import Parts, build
from agent.app.service import Service, Shell
from agent.log import configure
from agent.ports import Line
from agent.settings.device import SocketSettings
from agent.settings.load import load


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


def main(config: str, stamps: str) -> None:
    """Run the service as `polycloud run` does, until SIGTERM."""
    configure(sys.stderr, {})

    def built(settings: SocketSettings, thing: object) -> Parts:
        return replace(build(settings, thing), relay=StampedRelay(Path(stamps)))

    shell = Shell(environ={}, reload=lambda: load(Path(config), {}), build=built)
    settings = load(Path(config), {})
    gc.freeze()
    asyncio.run(Service(settings, shell).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
