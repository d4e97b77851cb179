"""A kernel's GPIO in memory: chips, line requests that end with their last descriptor, ioctls,
edges with numbers and times, and a chip that is closed to us, in use or unplugged."""

import errno
import os
import select
import struct
from collections import deque
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from gpiod import EdgeEvent
from gpiod.line import Bias, Direction, Edge, Value

GET_VALUES = (3 << 30) | (16 << 16) | (0xB4 << 8) | 0x0E
SET_VALUES = (3 << 30) | (16 << 16) | (0xB4 << 8) | 0x0F
"""_IOWR(0xB4, 0x0E or 0x0F, struct gpio_v2_line_values), built as `linux/ioctl.h` does."""

EDGES = 16
"""So many edges of a line the kernel keeps; then the oldest go."""


class Line:
    """A line: `levels` is every level that it ever had while somebody drove it."""

    def __init__(self):
        self.levels = [False]
        self.active_low = False
        self.bias = None
        self.watcher = None
        self.finger = None
        """The level that somebody holds it at against any pull."""
        self._ends = None

    @property
    def is_claimed(self):
        """Whether a descriptor of the request is open anywhere: the far end of a pipe tells."""
        if self.watcher is not None:
            return True
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
        self.move(high=active is not self.active_low)

    def move(self, *, high):
        """Put the line at a level; whoever watches it gets an edge."""
        if high is not self.levels[-1]:
            self.levels.append(high)
            if self.watcher is not None:
                self.watcher.notice(is_rising=self.is_active)


class Request:
    """What libgpiod makes of a request."""

    def __init__(self, kernel, line, offset, descriptor):
        self.fd = descriptor
        self._kernel = kernel
        self._line = line
        self._offset = offset

    def set_value(self, offset, value):
        assert offset == self._offset
        if self._kernel.error is not None:
            raise self._kernel.error
        self._line.drive(active=value is Value.ACTIVE)

    def release(self):
        os.close(self.fd)


class Watch:
    """What libgpiod makes of a request with edges; its descriptor is readable while some wait."""

    def __init__(self, kernel, line, offset):
        self._kernel, self._line, self._offset = kernel, line, offset
        self._waiting = deque()
        self._number = 0
        self.fd, self._far_end = os.pipe()
        line.watcher = self

    def notice(self, *, is_rising):
        self._number += 1
        kind = EdgeEvent.Type.RISING_EDGE if is_rising else EdgeEvent.Type.FALLING_EDGE
        number, at_ns = self._number, self._kernel.now_ns
        if len(self._waiting) == EDGES:
            self._waiting.popleft()
        else:
            os.write(self._far_end, b"e")
        self._waiting.append(EdgeEvent(kind.value, at_ns, self._offset, number, number))

    def unplug(self):
        """End, as far as the kernel is concerned: a poll returns, a read fails."""
        os.close(self._far_end)
        self._far_end = None

    def get_value(self, offset):
        assert offset == self._offset
        self._check()
        return Value.ACTIVE if self._line.is_active else Value.INACTIVE

    def wait_edge_events(self, timeout):
        assert timeout == 0, "the loop has other things to do"
        return bool(self._waiting) or self._far_end is None

    def read_edge_events(self):
        self._check()
        assert self._waiting, "a read without an edge waits for ever"
        os.read(self.fd, len(self._waiting))
        events = list(self._waiting)
        self._waiting.clear()
        return events

    def release(self):
        assert self._line.watcher is self
        self._line.watcher = None
        os.close(self.fd)
        if self._far_end is not None:
            os.close(self._far_end)

    def _check(self):
        if self._far_end is None:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        if self._kernel.error is not None:
            raise self._kernel.error


class Kernel:
    """One chip with named lines, and what /proc and ioctl show of its requests."""

    path = "/dev/gpiochip3"

    def __init__(self, folder, *names, has_fdinfo=True):
        self.lines = {name: Line() for name in names}
        self.proc = Path(folder)
        self.calls = []
        self.error = None
        self.now_ns = 1_000
        self.consumer = "polycloud"
        self.refusal = None
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

    def lines_only(self):
        """The arguments of a driver that makes requests and takes none over."""
        return {"open_chip": self._open, "paths": lambda: (self.path,)}

    def unplug(self):
        """Take the chip away with all its requests, until `refusal` is None again."""
        self.refusal = FileNotFoundError(errno.ENOENT, "No such file or directory")
        for line in self.lines.values():
            if line.watcher is not None:
                line.watcher.unplug()

    def _open(self, path):
        assert path == self.path
        if self.refusal is not None:
            raise self.refusal
        return self

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
        return SimpleNamespace(consumer=self.consumer)

    def request_lines(self, config, consumer):
        assert consumer
        ((offset, settings),) = config.items()
        line = list(self.lines.values())[offset]
        if line.is_claimed:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        if settings.direction is Direction.INPUT:
            return self._watch(line, offset, settings)
        assert settings.direction is Direction.OUTPUT
        active = settings.output_value is Value.ACTIVE
        descriptor = line.request(active=active, active_low=settings.active_low)
        return Request(self, line, offset, descriptor)

    def _watch(self, line, offset, settings):
        assert settings.edge_detection is Edge.BOTH
        assert settings.debounce_period == timedelta(milliseconds=20)
        line.bias, line.active_low = settings.bias, settings.active_low
        if line.bias is Bias.PULL_UP and line.finger is None:
            line.levels.append(True)
        return Watch(self, line, offset)
