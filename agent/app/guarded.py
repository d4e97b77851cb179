"""What the stop guard is told, and what is opened in its place."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.errors import DriverError
from agent.guard import open_lines, read
from agent.lines import DrivenLine, lines_file, orphan, write_lines
from agent.ports import Line
from agent.settings.relays import ContactSettings, Policy, StartPolicy
from agent.ways import Line as Driven

log: Final = structlog.get_logger()

PINS: Final = {"gpiod", "gpiozero"}
"""Two drivers of the same pins."""


class Guarded:
    """The guard's file of driven lines, from the agent's side.

    What an earlier process drove stays in it until a device drives that, or it has been opened.
    """

    def __init__(
        self, environ: Mapping[str, str], control_socket: str, is_stopping: Callable[[], bool]
    ) -> None:
        self._environ = environ
        self._is_stopping = is_stopping
        self._path: Path = lines_file(environ, control_socket)
        self._earlier: tuple[Driven, ...] = ()
        self._opening = asyncio.Lock()
        self._written: tuple[DrivenLine, ...] | None = None

    def begin(self) -> None:
        """Take note of what an earlier process drove."""
        self._earlier = tuple(read(str(self._path))[0])

    async def open(self, lines: Sequence[Driven]) -> bool:
        """Open contacts that nobody supervises any more, as the guard does; tell if all are."""
        return not lines or not await asyncio.to_thread(open_lines, lines, self._environ)

    async def open_earlier(self, devices: Mapping[str, DeviceApp], *, of: str = "") -> None:
        """Open what an earlier process drove and no device does now; what does not open stays.

        Of the device *of* alone, or of all that are here no more.
        """
        async with self._opening:
            for row in self._undriven(devices):
                if (row.device == of if of else row.device not in devices) and await self.open(
                    [row]
                ):
                    self._earlier = tuple(each for each in self._earlier if each != row)
                    self.write(devices)

    def removed(self, held: HeldLines, device_ids: Collection[str]) -> list[Driven]:
        """List the lines that came back though their devices are configured no longer."""
        names = held.close_others(device_ids)
        return [line for line in self._earlier if line.kept_as in names]

    def write(self, devices: Mapping[str, DeviceApp]) -> None:
        """Tell the stop guard which lines are driven, as soon as one more is."""
        lines = tuple(
            DrivenLine(
                device_id=device.name,
                line=each.line,
                on_stop=each.policy.on_stop,
                on_crash="off" if self._is_stopping() else _on_crash(each.policy),
                kept_as=each.kept_as,
            )
            for device in devices.values()
            for each in device.driven
        )
        lines += tuple(orphan(each) for each in self._undriven(devices))
        if lines == self._written:
            return
        try:
            write_lines(self._path, lines)
        except DriverError as error:
            log.warning("guard.blind", error=str(error))
        else:
            self._written = lines

    def _undriven(self, devices: Mapping[str, DeviceApp]) -> tuple[Driven, ...]:
        """List what an earlier process drove, without what has been taken over since."""
        if self._earlier:
            names = {name for name, device in devices.items() if device.is_driven}
            driven = [each.line for device in devices.values() for each in device.driven]
            self._earlier = tuple(
                row
                for row in self._earlier
                if row.device not in names and not any(_is_same(row, line) for line in driven)
            )
        return self._earlier


def _is_same(row: Driven, line: Line) -> bool:
    """Tell whether these may be one line, named otherwise by another driver.

    Some ways of the guard's drive a pin that is in use.
    """
    if row.driver == line.driver == "gpiozero" or {row.driver, line.driver} == PINS:
        return _number(row.address) == _number(line.address)
    return (row.driver, row.address) == (line.driver, line.address)


def _number(address: str) -> str:
    return address[len(address.rstrip("0123456789")) :]


def _on_crash(settings: ContactSettings) -> Policy:
    policy = settings.on_start
    return policy.crash if isinstance(policy, StartPolicy) else policy
