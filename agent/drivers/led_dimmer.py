"""A light of the kernel's: /sys/class/leds."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from agent.drivers.sysfs_output import read_text, read_whole, write_text
from agent.errors import DriverError
from agent.ports import Line
from agent.settings.dimmers import LedDimmerSettings

FOLDER: Final = Path("/sys/class/leds")
NO_TRIGGER: Final = "[none]"


class KernelLight:
    """An open light; its level outlives the process."""

    def __init__(self, file: Path, most: int) -> None:
        self._file = file
        self._most = most

    @property
    def line(self) -> Line:
        """The file to which a 0 is written."""
        return Line(driver="sysfs", address=str(self._file), active_high=True)

    def set(self, *, level: float) -> None:
        """Write the brightness; what is above 0 is never rounded to dark; raise `DriverError`."""
        steps = round(level * self._most)
        write_text(self._file, str(max(steps, 1) if level > 0 else 0))


class LedDimmer:
    """Opens the light that is named in the settings."""

    def __init__(
        self, settings: LedDimmerSettings, thing: object = None, *, folder: Path = FOLDER
    ) -> None:
        del thing
        self._led = folder / settings.led

    @asynccontextmanager
    async def open(self, *, level: float) -> AsyncGenerator[KernelLight, None]:
        """Take it from whatever triggers it, and write *level*; at the end it stays."""
        if not self._led.is_dir():
            others = ", ".join(sorted(path.name for path in self._led.parent.glob("*")))
            raise DriverError(f"{self._led}: no light of that name; there are: {others or 'none'}")
        most = read_whole(self._led / "max_brightness")
        if most < 1:
            raise DriverError(f"{self._led}: max_brightness is 0")
        trigger = self._led / "trigger"
        # The kernel darkens a light whose trigger is taken away: not one that has none.
        if trigger.exists() and NO_TRIGGER not in read_text(trigger).split():
            write_text(trigger, "none")
        light = KernelLight(self._led / "brightness", most)
        light.set(level=level)
        yield light
