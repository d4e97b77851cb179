"""The client of the control socket: blocking, and quick to import."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, cast

from agent.control.protocol import Request, request_line
from agent.errors import ControlError

DEFAULT_SOCKET: Final = "/run/polycloud/control.sock"
SOCKET_VARIABLE: Final = "POLYCLOUD_CONTROL_SOCKET"
TIMEOUT_S: Final = 5.0
MAX_ANSWER: Final = 1 << 25
"""A thousand devices with what each has come to some 6 MB."""


class UnreachableError(ControlError):
    """Nobody answers at the control socket."""


class ControlClient:
    """Asks the agent at *path*; each call is a connection of its own."""

    def __init__(self, path: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._path = path
        self._timeout_s = timeout_s

    def call(self, method: str, params: Mapping[str, object] | None = None) -> object:
        """Return the result; raise `ControlError` with the reason, or `UnreachableError`."""
        request = Request(method=method, params=params or {}, request_id=1)
        try:
            answer = self._exchange(request_line(request))
        except OSError as error:
            raise UnreachableError(advice(self._path, error)) from error
        return result_of(answer)

    def _exchange(self, line: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(self._timeout_s)
            connection.connect(self._path)
            with suppress(BrokenPipeError):  # turned away at the door, and told why
                connection.sendall(line)
            with connection.makefile("rb") as answers:
                return answers.readline(MAX_ANSWER)


def find_socket(option: str | None, environ: Mapping[str, str]) -> str:
    """Tell where the agent is: as the option says, else the environment, else the default."""
    return option or environ.get(SOCKET_VARIABLE) or DEFAULT_SOCKET


def result_of(answer: bytes) -> object:
    """Take the result out of an answer; raise `ControlError`, or `UnreachableError` for none."""
    try:
        message: object = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise UnreachableError(
            "the agent closed the connection without an answer: see its log"
            " (journalctl -u polycloud-agent)"
        ) from error
    if not isinstance(message, dict):
        raise UnreachableError(f"this is not the agent's answer: {answer[:80]!r}")
    fields = cast("dict[str, object]", message)
    fault = fields.get("error")
    if isinstance(fault, dict):
        raise _refusal(cast("dict[str, object]", fault))
    return fields.get("result")


def _refusal(fault: Mapping[str, object]) -> ControlError:
    data = fault.get("data")
    about = cast("dict[str, object]", data) if isinstance(data, dict) else {}
    key = about.get("key")
    return ControlError(
        str(fault.get("message", "refused")),
        kind=str(about.get("kind", "refused")),
        key=None if key is None else str(key),
    )


def advice(path: str, error: OSError) -> str:
    """Say what to do about a socket that cannot be used."""
    match error:
        case FileNotFoundError() | ConnectionRefusedError():
            return (
                f"no agent listens at {path}: start it (sudo systemctl start polycloud-agent),"
                f" or say where it is with --socket or {SOCKET_VARIABLE}"
            )
        case PermissionError():
            return (
                f"no permission for {path}: join the group polycloud"
                ' (sudo usermod -aG polycloud "$USER", then log in again), or use sudo'
            )
        case TimeoutError():
            return f"the agent at {path} does not answer: see journalctl -u polycloud-agent"
        case _:
            return f"{path}: {error.strerror or error}"
