"""Look for a light's and a button's lines: the kernel is asked, and nothing is claimed."""

import errno
import importlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from agent.doctor.facts import BusFacts, PinFacts
from agent.doctor.probes import group_name, is_installed, user_name

SPI_MAJOR: Final = 153
"""The kernel's number of spidev."""

OpenChip = Callable[[str], Any]


def bus_facts(device: str, root: Path = Path("/")) -> BusFacts:
    """Look at an SPI bus."""
    path = root / device.removeprefix("/")
    try:
        status = path.stat()
    except OSError:
        buses = sorted((root / "dev").glob("spidev*"))
        others = tuple(f"/dev/{bus.name}" for bus in buses)
        return BusFacts(device=device, is_there=False, others=others)
    return BusFacts(
        device=device,
        is_there=True,
        is_bus=stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) == SPI_MAJOR,
        is_usable=os.access(path, os.R_OK | os.W_OK),
        group=group_name(status.st_gid),
        user=user_name(),
    )


def pin_facts(
    pins: tuple[str, ...], open_chip: OpenChip | None = None, root: Path = Path("/")
) -> PinFacts:
    """Ask every chip for lines of these names, and who has them."""
    if open_chip is None and not is_installed("gpiod"):
        return PinFacts(pins=pins, has_gpiod=False)
    opened = open_chip or importlib.import_module("gpiod").Chip
    chips = tuple(sorted({str(path.resolve()) for path in (root / "dev").glob("gpiochip*")}))
    holders: dict[str, str] = {}
    missing = set(pins)
    for chip in chips:
        try:
            with opened(chip) as lines:
                for pin in pins:
                    holder = _holder(lines, pin)
                    if holder is not None:
                        missing.discard(pin)
                    if holder:
                        holders[pin] = holder
        except OSError as error:
            return PinFacts(pins=pins, has_gpiod=True, chips=chips, error=_reason(chip, error))
    left = tuple(pin for pin in pins if pin in missing)
    return PinFacts(pins=pins, has_gpiod=True, chips=chips, missing=left, holders=holders)


def _holder(chip: Any, pin: str) -> str | None:  # noqa: ANN401 - libgpiod's, which may be absent
    """Name who has the line; empty where nobody has, None where the chip has no such line."""
    try:
        offset = chip.line_offset_from_id(pin)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise
    info = chip.get_line_info(offset)
    return str(info.consumer or "the kernel") if info.used else ""


def _reason(chip: str, error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        user = user_name()
        return f"{user} may not use {chip}: sudo usermod -aG gpio {user}, then log in again"
    return f"{chip}: {error.strerror or error}"
