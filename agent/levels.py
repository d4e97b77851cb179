"""A file that stands in for a GPIO line, for agent and guard alike.

It is claimed as the kernel's line request is: by one open file description, whoever holds copies
of the descriptor, until the last of them is closed. Each change of level appends one character,
`1` or `0`; the last is the level. The guard imports this: next to nothing may be imported here.
"""

import fcntl
import os

from agent.errors import DriverError, LineBusyError

HIGH = b"1"
LOW = b"0"


def claim(path: str) -> int:
    """Claim the line; raise `LineBusyError` where it is claimed, and `DriverError`."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise DriverError(f"relay: cannot write {path}: {error.strerror}") from error
    if not _is_free(descriptor):
        os.close(descriptor)
        raise LineBusyError(
            f"relay: {path}: the line is in use by another process: stop that one, or name"
            " another state_file"
        )
    return descriptor


def is_claim(descriptor: int, path: str) -> bool:
    """Tell whether *descriptor* is a claim on the line of *path*."""
    try:
        theirs, ours = os.fstat(descriptor), os.stat(path)  # noqa: PTH116 - pathlib is slow to import
    except OSError:
        return False
    return os.path.samestat(theirs, ours) and _is_free(descriptor)


def is_high(descriptor: int) -> bool | None:
    """Tell the level; None where nobody has driven the line yet."""
    end = os.fstat(descriptor).st_size
    last = os.pread(descriptor, 1, end - 1) if end else b""
    return {HIGH: True, LOW: False}.get(last)


def drive(descriptor: int, *, high: bool) -> None:
    """Put the line at a level; nothing happens where it stands there."""
    try:
        if is_high(descriptor) is not high:
            os.write(descriptor, HIGH if high else LOW)
    except OSError as error:
        raise DriverError(f"relay: cannot write the line's file: {error.strerror}") from error


def _is_free(descriptor: int) -> bool:
    """Take the claim, which one open file description may do again and again."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
