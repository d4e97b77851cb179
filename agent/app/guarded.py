"""What the stop guard is told, and what is opened in its place."""

import asyncio
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.app.outputs import Driven as DrivenOutput
from agent.errors import DriverError
from agent.guard import open_lines, read
from agent.lines import DrivenLine, lines_file, orphan, text_of, write_text
from agent.ports import Line
from agent.settings.relays import ContactSettings, Policy, StartPolicy
from agent.ways import Line as Driven

log: Final = structlog.get_logger()

PINS: Final = {"gpiod", "gpiozero"}
"""Two drivers of the same pins."""

BOARDS: Final = {"modbus", "usb_serial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What a device drove as it was written down last."""

    driven: Sequence[object] = ()
    is_stopping: bool = False
    text: str = ""


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
        self._rows: dict[str, _Rows] = {}
        self._orphans = _Rows()
        self._written: str | None = None
        self._is_blind = False

    def begin(self) -> None:
        """Take note of what an earlier process drove."""
        self._earlier = tuple(read(str(self._path))[0])

    async def open(self, lines: Sequence[Driven]) -> bool:
        """Open contacts that nobody supervises any more, as the guard does; tell if all are."""
        return not lines or not await asyncio.to_thread(open_lines, lines, self._environ)

    async def open_earlier(self, devices: Mapping[str, DeviceApp], *, of: str = "") -> None:
        """Open what an earlier process drove and no device does now; what does not open stays.

        Of the device *of* alone, or of all that are here no more, and what a device that is here
        does not have any more: a switch was taken out of its file, or its pin is another.
        """
        async with self._opening:
            self.write(devices)
            for row in self._earlier:
                is_left = row.device == of if of else _is_left(row, devices)
                if is_left and await self.open([row]):
                    self._earlier = tuple(each for each in self._earlier if each != row)
                    self.write(devices)

    def keep(self, device: DeviceApp) -> None:
        """Take what a device drove, and could not leave at its policy, for an earlier process'."""
        rows = (_row_left(device.name, each) for each in device.driven)
        self._earlier = (*self._earlier, *(row for row in rows if row not in self._earlier))

    def removed(self, held: HeldLines, device_ids: Collection[str]) -> list[Driven]:
        """List the lines that came back though their devices are configured no longer."""
        names = held.close_others(device_ids)
        return [line for line in self._earlier if line.kept_as in names]

    def write(self, devices: Mapping[str, DeviceApp]) -> None:
        """Tell the stop guard which lines are driven, as soon as one more is, or it can be told."""
        rows = [self._rows_of(device) for device in devices.values()]
        earlier = self._earlier
        if earlier is not self._orphans.driven:
            text = text_of(map(orphan, earlier))
            self._orphans = _Rows(driven=earlier, text=text)
        text = "".join([*rows, self._orphans.text])
        if text == self._written:
            return
        try:
            write_text(self._path, text)
        except DriverError as error:
            tell = log.debug if self._is_blind else log.warning
            tell("guard.blind", error=str(error))
            self._is_blind = True
        else:
            self._written = text
            if self._is_blind:
                log.warning("guard.sees")
            self._is_blind = False

    def _rows_of(self, device: DeviceApp) -> str:
        """Write down what a device drives, if that is not known from the last time.

        A thousand devices that start have it asked a million times.
        """
        driven, is_stopping = device.driven, self._is_stopping()
        known = self._rows.get(device.name)
        if known is not None and known.driven is driven and known.is_stopping is is_stopping:
            return known.text
        text = text_of(_line(device.name, each, is_stopping=is_stopping) for each in driven)
        self._rows[device.name] = _Rows(driven=driven, is_stopping=is_stopping, text=text)
        self._take_over(driven)
        return text

    def _take_over(self, driven: Sequence[DrivenOutput]) -> None:
        """Forget what of an earlier process is driven now, under whatever name."""
        if driven:
            self._earlier = tuple(
                row for row in self._earlier if not any(_is_same(row, each.line) for each in driven)
            )


def _is_left(row: Driven, devices: Mapping[str, DeviceApp]) -> bool:
    """Tell whether nobody here will drive what an earlier process drove."""
    device = devices.get(row.device)
    return device is None or device.is_driven


def _row_left(device_id: str, each: DrivenOutput) -> Driven:
    line = each.line
    address, high = line.address, line.active_high
    return Driven(device_id, line.driver, address, high, "off", "off", each.kept_as)


def _line(device_id: str, each: DrivenOutput, *, is_stopping: bool) -> DrivenLine:
    return DrivenLine(
        device_id=device_id,
        line=each.line,
        on_stop=each.policy.on_stop,
        on_crash="off" if is_stopping else _on_crash(each.policy),
        kept_as=each.kept_as,
    )


def _is_same(row: Driven, line: Line) -> bool:
    """Tell whether these may be one line, named otherwise by another driver.

    Some ways of the guard's drive a pin that is in use.
    """
    if row.driver == line.driver == "gpiozero" or {row.driver, line.driver} == PINS:
        return _number(row.address) == _number(line.address)
    if row.driver != line.driver or row.driver not in BOARDS:
        return (row.driver, row.address) == (line.driver, line.address)
    return _contact(row.address) == _contact(line.address)


def _contact(address: str) -> tuple[str, ...]:
    """Give what of a board's address is the contact, and not how it is asked: numbers and port."""
    *parts, port = address.split(" ", 3)
    return (*(each for each in parts if each.isdigit()), os.path.realpath(port))


def _number(address: str) -> str:
    return address[len(address.rstrip("0123456789")) :]


def _on_crash(settings: ContactSettings) -> Policy:
    policy = settings.on_start
    return policy.crash if isinstance(policy, StartPolicy) else policy
