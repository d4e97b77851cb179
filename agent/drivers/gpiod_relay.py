"""A relay on any Linux GPIO chip: direction and level are set in one step, so nothing blips."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import gpiod
from gpiod.line import Direction, Value

from agent.drivers.gpio_held import PROC, HeldRequest, Ioctl, is_request_of, system_ioctl
from agent.drivers.gpio_lines import (
    Found,
    OpenChip,
    checked_name,
    chip_paths,
    fault,
    find_line,
    needed_line,
    request_line,
)
from agent.ports import HeldLine, Line
from agent.settings.relays import RelaySettings


class _Request(Protocol):
    """A claim on a line, made or taken over."""

    @property
    def descriptor(self) -> int: ...

    def set(self, *, active: bool) -> None: ...

    def release(self) -> None: ...


class _MadeRequest:
    """A claim that libgpiod has made."""

    def __init__(self, request: gpiod.LineRequest, offset: int) -> None:
        self._request = request
        self._offset = offset

    @property
    def descriptor(self) -> int:
        return self._request.fd

    def set(self, *, active: bool) -> None:
        self._request.set_value(self._offset, _value(on=active))

    def release(self) -> None:
        self._request.release()


class GpiodContact:
    """A requested line."""

    def __init__(self, request: _Request, found: Found, *, active_high: bool) -> None:
        self._request = request
        self._found = found
        self._active_high = active_high

    @property
    def line(self) -> Line:
        """The chip's path and the offset, for whoever drives the line when the process is gone."""
        return _line(self._found, active_high=self._active_high)

    @property
    def descriptor(self) -> int:
        """The line request."""
        return self._request.descriptor

    def set(self, *, on: bool) -> None:
        """Drive the line; raise `DriverError`."""
        try:
            self._request.set(active=on)
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
        ioctl: Ioctl = system_ioctl,
        proc: Path = PROC,
    ) -> None:
        del thing
        self._pin = checked_name("device.relay.pin", settings.pin)
        self._active_high = settings.active_high
        self._open_chip = open_chip
        self._paths = paths
        self._ioctl = ioctl
        self._proc = proc

    def is_present(self) -> bool:
        """Tell whether a chip of this machine has the line."""
        return find_line(self._pin, self._open_chip, self._paths()) is not None

    def probe(self, held: int) -> HeldLine | None:
        """Tell where the contact stands, if *held* is a request for its line and no other."""
        found = find_line(self._pin, self._open_chip, self._paths())
        if found is None or not is_request_of(held, found.chip, found.offset, self._proc):
            return None
        try:
            is_on = HeldRequest(held, self._ioctl).is_active()
        except OSError:
            return None
        return HeldLine(line=_line(found, active_high=self._active_high), is_on=is_on)

    @asynccontextmanager
    async def open(
        self, *, on: bool, held: int | None = None
    ) -> AsyncGenerator[GpiodContact, None]:
        """Request the line as an output at its level; at the end it is given back to the kernel."""
        found = needed_line(self._pin, self._open_chip, self._paths())
        request = self._request(found, on=on) if held is None else self._taken(held, found, on=on)
        try:
            yield GpiodContact(request, found, active_high=self._active_high)
        finally:
            request.release()

    def _taken(self, held: int, found: Found, *, on: bool) -> HeldRequest:
        request = HeldRequest(held, self._ioctl)
        try:
            if request.is_active() is not on:
                request.set(active=on)
        except OSError as error:
            request.release()
            raise fault(found.name, found.chip, error) from error
        return request

    def _request(self, found: Found, *, on: bool) -> _MadeRequest:
        settings = gpiod.LineSettings(
            direction=Direction.OUTPUT,
            output_value=_value(on=on),
            active_low=not self._active_high,
        )
        return _MadeRequest(request_line(found, settings, self._open_chip), found.offset)


def _line(found: Found, *, active_high: bool) -> Line:
    address = f"{found.chip}:{found.offset}"
    return Line(driver="gpiod", address=address, active_high=active_high)


def _value(*, on: bool) -> Value:
    return Value.ACTIVE if on else Value.INACTIVE
