"""A relay on any Linux GPIO chip: direction and level are set in one step, so nothing blips."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import gpiod
from gpiod.line import Direction, Value

from agent.drivers.gpio_lines import (
    CONSUMER,
    Found,
    OpenChip,
    checked_name,
    chip_paths,
    fault,
    find_line,
    no_such_line,
)
from agent.ports import Line
from agent.settings.device import RelaySettings


class GpiodContact:
    """A requested line."""

    def __init__(self, request: gpiod.LineRequest, found: Found, *, active_high: bool) -> None:
        self._request = request
        self._found = found
        self._active_high = active_high

    @property
    def line(self) -> Line:
        """The chip's path and the offset, for whoever drives the line when the process is gone."""
        address = f"{self._found.chip}:{self._found.offset}"
        return Line(driver="gpiod", address=address, active_high=self._active_high)

    def set(self, *, on: bool) -> None:
        """Drive the line; raise `DriverError`."""
        try:
            self._request.set_value(self._found.offset, _value(on=on))
        except OSError as error:
            raise fault(self._found.name, self._found.chip, error) from error


class GpiodRelay:
    """Opens the line that is named in the settings, by libgpiod 2."""

    def __init__(
        self,
        settings: RelaySettings,
        thing: object = None,
        *,
        open_chip: OpenChip = gpiod.Chip,
        paths: Callable[[], tuple[str, ...]] = chip_paths,
    ) -> None:
        del thing
        self._pin = checked_name("device.relay.pin", settings.pin)
        self._active_high = settings.active_high
        self._open_chip = open_chip
        self._paths = paths

    def is_present(self) -> bool:
        """Tell whether a chip of this machine has the line."""
        return find_line(self._pin, self._open_chip, self._paths()) is not None

    @asynccontextmanager
    async def open(self, *, on: bool) -> AsyncGenerator[GpiodContact, None]:
        """Request the line as an output at its level; at the end it is given back to the kernel."""
        found = find_line(self._pin, self._open_chip, self._paths())
        if found is None:
            raise no_such_line(self._pin, self._paths())
        request = self._request(found, on=on)
        try:
            yield GpiodContact(request, found, active_high=self._active_high)
        finally:
            request.release()

    def _request(self, found: Found, *, on: bool) -> gpiod.LineRequest:
        settings = gpiod.LineSettings(
            direction=Direction.OUTPUT,
            output_value=_value(on=on),
            active_low=not self._active_high,
        )
        try:
            with self._open_chip(found.chip) as chip:
                try:
                    return chip.request_lines({found.offset: settings}, consumer=CONSUMER)
                except OSError as error:
                    holder = chip.get_line_info(found.offset).consumer
                    raise fault(found.name, found.chip, error, holder) from error
        except OSError as error:
            raise fault(found.name, found.chip, error) from error


def _value(*, on: bool) -> Value:
    return Value.ACTIVE if on else Value.INACTIVE
