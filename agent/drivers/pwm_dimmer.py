"""A channel of the kernel's pulse-width modulation: /sys/class/pwm."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from agent.drivers.sysfs_output import read_text, read_whole, write_text
from agent.errors import DriverError
from agent.ports import Line
from agent.settings.dimmers import PwmDimmerSettings

FOLDER: Final = Path("/sys/class/pwm")
NS_PER_S: Final = 1_000_000_000
TRIES: Final = 50
POLL_S: Final = 0.02
"""A channel that was just exported belongs to root until udev has seen it."""

ADVICE: Final = (
    "on a Raspberry Pi dtoverlay=pwm,pin=18,func=2 in /boot/firmware/config.txt makes it (it takes"
    " the analogue audio output); then reboot"
)


class PwmChannel:
    """An open channel; its pulses outlive the process."""

    def __init__(self, folder: Path, period_ns: int) -> None:
        self._folder = folder
        self._period_ns = period_ns

    @property
    def line(self) -> Line:
        """The file to which a 0 is written."""
        address = str(self._folder / "duty_cycle")
        return Line(driver="sysfs", address=address, active_high=True)

    def set(self, *, level: float) -> None:
        """Write how long a pulse is; raise `DriverError`."""
        write_text(self._folder / "duty_cycle", str(round(level * self._period_ns)))

    def begin(self, level: float) -> None:
        """Put it at *level*: one that runs at this period already only changes its pulses."""
        if read_whole(self._folder / "period") != self._period_ns:
            # No pulse may be longer than its period, and none be set before there is one.
            if read_whole(self._folder / "duty_cycle") > self._period_ns:
                write_text(self._folder / "duty_cycle", "0")
            write_text(self._folder / "period", str(self._period_ns))
        self.set(level=level)
        if read_text(self._folder / "enable") != "1":
            write_text(self._folder / "enable", "1")


class PwmDimmer:
    """Opens the channel that is named in the settings."""

    def __init__(
        self,
        settings: PwmDimmerSettings,
        thing: object = None,
        *,
        folder: Path = FOLDER,
        poll_s: float = POLL_S,
    ) -> None:
        del thing
        self._chip = settings.chip
        self._channel = settings.channel
        self._period_ns = round(NS_PER_S / settings.frequency_hz)
        self._folder = folder
        self._poll_s = poll_s

    @asynccontextmanager
    async def open(self, *, level: float) -> AsyncGenerator[PwmChannel, None]:
        """Export the channel and put it at *level*; at the end it runs on."""
        chip = self._found()
        folder = chip / f"pwm{self._channel}"
        if not folder.is_dir():
            count = read_whole(chip / "npwm")
            if self._channel >= count:
                raise DriverError(f"{chip}: it has the channels 0 to {count - 1}")
            write_text(chip / "export", str(self._channel))
        channel = PwmChannel(folder, self._period_ns)
        await _begun(channel, level, self._poll_s)
        yield channel

    def _found(self) -> Path:
        if not self._chip.startswith("/"):
            chips = [self._folder / self._chip]
        elif Path(self._chip).name.startswith("pwmchip"):
            chips = [Path(self._chip)]
        else:
            path = Path(self._chip)
            chips = sorted({*path.glob("pwmchip*"), *path.glob("pwm/pwmchip*")})
        found = [chip for chip in chips if chip.is_dir()]
        if len(found) != 1:
            others = ", ".join(sorted(path.name for path in self._folder.glob("pwmchip*")))
            raise DriverError(
                f"{self._chip}: it is not one PWM chip; there are: {others or 'none'}; {ADVICE}"
            )
        return found[0]


async def _begun(channel: PwmChannel, level: float, poll_s: float) -> None:
    """Begin, waiting for udev to give us the channel; raise `DriverError`."""
    for _ in range(TRIES - 1):
        try:
            channel.begin(level)
        except DriverError as error:
            if not isinstance(error.__cause__, PermissionError | FileNotFoundError):
                raise
            await asyncio.sleep(poll_s)
        else:
            return
    channel.begin(level)
