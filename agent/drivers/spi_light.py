"""WS2812 lights on an SPI bus of the kernel's, by its own calls: no package is needed.

The numbers are those of `linux/spi/spidev.h`, the same on every architecture that Linux runs on a
Raspberry Pi or a PC. A `write` is one message of one transfer at the speed that was set last, so
there are no gaps within. `show` waits for it on the loop: 0.6 ms for one light, 2.5 ms for 64.
"""

import errno
import fcntl
import os
import struct
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Protocol

from agent.drivers.darkening import darken
from agent.drivers.ws2812_bits import encode
from agent.errors import DriverError
from agent.model import BLACK, Color
from agent.settings.indicator import SpiIndicatorSettings

WR_MODE: Final = 0x40016B01
WR_BITS_PER_WORD: Final = 0x40016B03
WR_MAX_SPEED_HZ: Final = 0x40046B04
MODE_0: Final = b"\0"
BITS: Final = b"\x08"
SPEED: Final = struct.Struct("=I")


class Files(Protocol):
    """The calls that reach a bus."""

    def open(self, path: str) -> int:
        """Open a bus; like all of them, raise OSError."""
        ...

    def ioctl(self, descriptor: int, request: int, argument: bytes) -> None:
        """Set one thing of it."""
        ...

    def write(self, descriptor: int, data: bytes) -> int:
        """Send one message, and tell how much of it went out."""
        ...

    def close(self, descriptor: int) -> None:
        """Let the bus go."""
        ...


class SystemFiles:
    """The kernel's."""

    def open(self, path: str) -> int:
        """Open a bus; a path that is no bus does not make it wait."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)

    def ioctl(self, descriptor: int, request: int, argument: bytes) -> None:
        """Set one thing of it."""
        fcntl.ioctl(descriptor, request, argument)

    def write(self, descriptor: int, data: bytes) -> int:
        """Send one message, and tell how much of it went out."""
        return os.write(descriptor, data)

    def close(self, descriptor: int) -> None:
        """Let the bus go."""
        os.close(descriptor)


class SpiLight:
    """Lights that all show the same; what is not a change is not sent."""

    def __init__(self, settings: SpiIndicatorSettings, descriptor: int, files: Files) -> None:
        self._settings = settings
        self._descriptor = descriptor
        self._files = files
        self._shown: Color | None = None

    def show(self, color: Color) -> None:
        """Show *color*; raise `DriverError`."""
        if color == self._shown:
            return
        settings = self._settings
        self._shown = None
        data = encode(color, leds=settings.leds, order=settings.order, speed_hz=settings.speed_hz)
        with _plain_errors(settings):
            sent = self._files.write(self._descriptor, data)
        if sent != len(data):
            raise DriverError(f"indicator: {settings.device}: {sent} of {len(data)} bytes went out")
        self._shown = color


class SpiIndicator:
    """Opens the bus that is named in the settings."""

    def __init__(
        self,
        settings: SpiIndicatorSettings,
        thing: object = None,
        *,
        files: Files | None = None,
    ) -> None:
        del thing
        self._settings = settings
        self._files = files or SystemFiles()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[SpiLight, None]:
        """Claim the lights, dark; they are dark again at the end, if the bus still obeys."""
        with _plain_errors(self._settings):
            descriptor = self._files.open(self._settings.device)
        try:
            self._set_up(descriptor)
            light = SpiLight(self._settings, descriptor, self._files)
            light.show(BLACK)
            try:
                yield light
            finally:
                darken(light)
        finally:
            self._files.close(descriptor)

    def _set_up(self, descriptor: int) -> None:
        with _plain_errors(self._settings):
            self._files.ioctl(descriptor, WR_MODE, MODE_0)
            self._files.ioctl(descriptor, WR_BITS_PER_WORD, BITS)
            speed = SPEED.pack(self._settings.speed_hz)
            self._files.ioctl(descriptor, WR_MAX_SPEED_HZ, speed)


@contextmanager
def _plain_errors(settings: SpiIndicatorSettings) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        advice = _advice(error, settings)
        raise DriverError(f"indicator: {settings.device}: {advice}") from error


def _advice(error: OSError, settings: SpiIndicatorSettings) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENODEV | errno.ENXIO | errno.ESHUTDOWN:
            return (
                "no such bus: switch SPI on (on a Raspberry Pi `dtparam=spi=on` in"
                " /boot/firmware/config.txt, then reboot); `ls /dev/spidev*` lists what there is"
            )
        case errno.EACCES | errno.EPERM:
            return (
                "no permission: add the agent's user to the group spi"
                " (`sudo usermod -aG spi polycloud`, then restart the agent)"
            )
        case errno.ENOTTY | errno.EISDIR:
            return "this is no SPI bus; `ls /dev/spidev*` lists what there is"
        case errno.EINVAL:
            return f"this bus cannot do 8 bits in mode 0 at {settings.speed_hz} Hz"
        case errno.EMSGSIZE:
            return (
                "the kernel's buffer is too small for so many lights: fewer leds,"
                " or spidev.bufsiz=4096 in the kernel's command line"
            )
        case _:
            return error.strerror or str(error)
