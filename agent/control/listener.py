"""The control socket in the file system: who may use it, and who had it before."""

import errno
import grp
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.errors import ControlError

GROUP: Final = "polycloud"
BACKLOG: Final = 16
MAX_PATH: Final = 107
"""sun_path without its end (unix(7))."""


def listen(path: Path, group: str = GROUP) -> socket.socket:
    """Bind *path*, its folders made; a socket that nobody listens at is replaced.

    The mode is 0660 and the group *group* where that group exists and we may give it away,
    else 0600. Raise `ControlError`.
    """
    if len(os.fsencode(path)) > MAX_PATH:
        raise ControlError(f"control_socket = {path}: a socket's path has at most {MAX_PATH} bytes")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(path)
        os.fchmod(listener.fileno(), 0o600)  # before bind: nobody slips in with a wider mode
        listener.bind(os.fspath(path))
        _open_to_group(path, group)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ControlError(
            f"control_socket = {path}: {error.strerror or error}: set [agent] control_socket to"
            " a path that the agent's user may make"
        ) from error
    except ControlError:
        listener.close()
        raise
    return listener


def unlink_own(path: Path, inode: int) -> None:
    """Remove the socket at the end, unless another agent has put its own there since."""
    with suppress(OSError):
        if path.stat().st_ino == inode:
            path.unlink()


def _remove_stale(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as probe:
        code = probe.connect_ex(os.fspath(path))
    match code:
        case errno.ENOENT:
            return
        case errno.ECONNREFUSED if path.is_socket():
            path.unlink(missing_ok=True)
        case 0 | errno.EAGAIN:
            raise ControlError(
                f"control_socket = {path}: another agent listens there: stop it first"
                " (systemctl stop polycloud-agent), or give this one another control_socket"
            )
        case _:
            raise OSError(code, os.strerror(code))


def _open_to_group(path: Path, group: str) -> None:
    """Let *group* in; a machine without it, or without the right to, keeps 0600."""
    with suppress(KeyError, PermissionError):
        group_id = grp.getgrnam(group).gr_gid
        if path.stat().st_gid != group_id:
            os.chown(path, -1, group_id)
        path.chmod(0o660)
