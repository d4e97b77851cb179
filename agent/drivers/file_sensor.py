"""A sensor that is a file of the kernel's: found anew each time, and read off the loop."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from agent.drivers.off_loop import PATIENCE_S, OffLoop
from agent.errors import DriverError


class FileSensor:
    """Driver and sensor in one.

    *find* gives the device's folder or file, whatever number it has by now; *read* reads there.
    """

    def __init__(
        self,
        what: str,
        find: Callable[[], Path],
        read: Callable[[Path], float],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._find = find
        self._read = read
        self._asking: OffLoop[float] = OffLoop("sensor", what, patience_s=patience_s)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["FileSensor", None]:
        """Look whether it is there; raise `DriverError`."""
        await self._asking.ask(self._look)
        yield self

    async def measure(self) -> float:
        """Measure now; raise `DriverError`, at once while an earlier read still hangs."""
        return await self._asking.ask(lambda: self._read(self._found()))

    def _look(self) -> float:
        self._found()
        return 0.0

    def _found(self) -> Path:
        """Find it; a folder that we may not look into is the sensor's fault, and no bug."""
        try:
            return self._find()
        except OSError as error:
            raise DriverError(f"{error.filename}: {error.strerror}") from error
