"""A kernel's GPIO in memory: chips, line requests that end with their last descriptor, ioctls."""

import errno
import os
import select
import struct
from pathlib import Path
from types import SimpleNamespace

from gpiod.line import Direction, Value

GET_VALUES = (3 << 30) | (16 << 16) | (0xB4 << 8) | 0x0E
SET_VALUES = (3 << 30) | (16 << 16) | (0xB4 << 8) | 0x0F
"""_IOWR(0xB4, 0x0E or 0x0F, struct gpio_v2_line_values), built as `linux/ioctl.h` does."""


class Line:
    """A line: `levels` is every level that it ever had while somebody drove it."""

    def __init__(self):
        self.levels = [False]
        self.active_low = False
        self._ends = None

    @property
    def is_claimed(self):
        """Whether a descriptor of the request is open anywhere: the far end of a pipe tells."""
        if self._ends is None:
            return False
        poll = select.poll()
        poll.register(self._ends[0])
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def request(self, *, active, active_low):
        if self._ends is not None:
            os.close(self._ends[0])
        self._ends = os.pipe()
        self.active_low = active_low
        self.drive(active=active)
        return self._ends[1]

    def has(self, descriptor):
        """Tell whether *descriptor* is a copy of the request's."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.fstat(self._ends[0]))
        except (OSError, TypeError):
            return False

    @property
    def is_active(self):
        return self.levels[-1] is not self.active_low

    def drive(self, *, active):
        level = active is not self.active_low
        if level is not self.levels[-1]:
            self.levels.append(level)


class Request:
    """What libgpiod makes of a request."""

    def __init__(self, line, offset, descriptor):
        self.fd = descriptor
        self._line = line
        self._offset = offset

    def set_value(self, offset, value):
        assert offset == self._offset
        self._line.drive(active=value is Value.ACTIVE)

    def release(self):
        os.close(self.fd)


class Kernel:
    """One chip with named lines, and what /proc and ioctl show of its requests."""

    path = "/dev/gpiochip3"

    def __init__(self, folder, *names, has_fdinfo=True):
        self.lines = {name: Line() for name in names}
        self.proc = Path(folder)
        self.calls = []
        self.error = None
        self._has_fdinfo = has_fdinfo
        for name in ("fd", "fdinfo"):
            (self.proc / name).mkdir(parents=True, exist_ok=True)

    def parts(self):
        """The arguments of a driver that works on this kernel."""
        return {
            "open_chip": lambda _: self,
            "paths": lambda: (self.path,),
            "ioctl": self.ioctl,
            "proc": self.proc,
        }

    def show(self, descriptor, name, *, kind="anon_inode:gpio-line", chip="gpiochip3"):
        """Have /proc show what a descriptor is."""
        link = self.proc / "fd" / str(descriptor)
        link.unlink(missing_ok=True)
        link.symlink_to(kind)
        facts = "pos:\t0\nflags:\t02000000\nmnt_id:\t15\n"
        if self._has_fdinfo:
            facts += f"gpio-chip:\t{chip}\ngpio-line:\t{list(self.lines).index(name)}\n"
        (self.proc / "fdinfo" / str(descriptor)).write_text(facts)

    def ioctl(self, descriptor, request, argument):
        self.calls.append(request)
        if self.error is not None:
            raise self.error
        line = next((line for line in self.lines.values() if line.has(descriptor)), None)
        if line is None:
            raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
        bits, mask = struct.unpack("=QQ", argument)
        assert mask == 1, "the request has one line"
        if request == SET_VALUES:
            line.drive(active=bool(bits & 1))
            return argument
        assert request == GET_VALUES
        return struct.pack("=QQ", int(line.is_active), mask)

    # ── libgpiod's Chip ─────────────────────────────────────────────────────────────────────

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def line_offset_from_id(self, name):
        if name not in self.lines:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return list(self.lines).index(name)

    def get_line_info(self, _offset):
        return SimpleNamespace(consumer="polycloud")

    def request_lines(self, config, consumer):
        assert consumer
        ((offset, settings),) = config.items()
        assert settings.direction is Direction.OUTPUT
        line = list(self.lines.values())[offset]
        if line.is_claimed:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        active = settings.output_value is Value.ACTIVE
        descriptor = line.request(active=active, active_low=settings.active_low)
        return Request(line, offset, descriptor)
