"""A line request known by its descriptor alone, driven by the kernel's own calls.

libgpiod makes requests and cannot take one over. The numbers and the struct are those of
`linux/gpio.h` (GPIO_V2_LINE_GET_VALUES_IOCTL, GPIO_V2_LINE_SET_VALUES_IOCTL, struct
gpio_v2_line_values), the same on every architecture that Linux runs on a Raspberry Pi or a PC.
"""

import fcntl
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

GET_VALUES: Final = 0xC010B40E
SET_VALUES: Final = 0xC010B40F
VALUES: Final = struct.Struct("=QQ")
"""Values, then which lines of the request are meant: bit 0 is its first."""

FIRST: Final = 1
REQUEST: Final = "anon_inode:gpio-line"
PROC: Final = Path("/proc/self")

Ioctl = Callable[[int, int, bytes], bytes]


def system_ioctl(descriptor: int, request: int, argument: bytes) -> bytes:
    """Call the kernel; raise OSError."""
    return fcntl.ioctl(descriptor, request, argument)


class HeldRequest:
    """A line request of one line."""

    def __init__(self, descriptor: int, ioctl: Ioctl) -> None:
        self.descriptor = descriptor
        self._ioctl = ioctl

    def is_active(self) -> bool:
        """Read the line, at its polarity; raise OSError where this is no such request."""
        answer = self._ioctl(self.descriptor, GET_VALUES, VALUES.pack(0, FIRST))
        bits, _ = VALUES.unpack(answer)
        return bool(bits & FIRST)

    def set(self, *, active: bool) -> None:
        """Drive the line, at its polarity; raise OSError."""
        self._ioctl(self.descriptor, SET_VALUES, VALUES.pack(FIRST if active else 0, FIRST))

    def release(self) -> None:
        """Close this copy of the descriptor."""
        os.close(self.descriptor)


def is_request_of(descriptor: int, chip: str, offset: int, proc: Path = PROC) -> bool:
    """Tell whether *descriptor* is a request for that line alone, by what the kernel shows of it.

    A kernel that does not show chip and line is believed: it has said that it is a request.
    """
    try:
        kind = str((proc / "fd" / str(descriptor)).readlink())
        shown = (proc / "fdinfo" / str(descriptor)).read_text(encoding="ascii")
    except OSError:
        return False
    pairs = [line.partition(":")[::2] for line in shown.splitlines()]
    facts = [(key, value.strip()) for key, value in pairs if key.startswith("gpio-")]
    ours = [("gpio-chip", Path(chip).name), ("gpio-line", str(offset))]
    return kind == REQUEST and (not facts or facts == ours)
