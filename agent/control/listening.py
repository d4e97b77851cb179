"""A client that is told what happens: one connection, blocking, and quick to import."""

import json
import socket
from collections.abc import Iterator, Mapping
from itertools import count
from types import TracebackType
from typing import Self, cast

from agent.control.client import MAX_ANSWER, TIMEOUT_S, UnreachableError, advice, result_of
from agent.control.protocol import Request, request_line


class Listener:
    """Asks, and hears what it is told, over one connection for the length of a `with`.

    What is told while an answer is waited for comes later, in order.
    """

    def __init__(self, path: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._numbers = count(1)
        self._told: list[Mapping[str, object]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        self._socket.settimeout(self._timeout_s)
        try:
            self._socket.connect(self._path)
        except OSError as error:
            self.__exit__(None, None, None)
            raise UnreachableError(advice(self._path, error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._socket.close()

    def call(self, method: str, params: Mapping[str, object] | None = None) -> object:
        """Return the result; raise `ControlError` with the reason, or `UnreachableError`."""
        number = next(self._numbers)
        request = Request(method=method, params=params or {}, request_id=number)
        try:
            self._socket.settimeout(self._timeout_s)
            self._socket.sendall(request_line(request))
            while True:
                line = self._lines.readline(MAX_ANSWER)
                message = _told(line)
                if message is None:
                    return result_of(line)
                self._told.append(message)
        except OSError as error:
            raise UnreachableError(advice(self._path, error)) from error

    def told(self) -> Iterator[Mapping[str, object]]:
        """Give what is told, for ever; raise `UnreachableError` when the agent has gone."""
        self._socket.settimeout(None)
        while True:
            while self._told:
                yield self._told.pop(0)
            try:
                line = self._lines.readline(MAX_ANSWER)
            except OSError as error:
                raise UnreachableError(advice(self._path, error)) from error
            if not line.endswith(b"\n"):
                raise UnreachableError("the agent has ended, or has closed this connection")
            message = _told(line)
            if message is not None:
                self._told.append(message)


def _told(line: bytes) -> Mapping[str, object] | None:
    """Take what a notification says; None for an answer, or what is none."""
    try:
        message: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    fields = cast("dict[str, object]", message)
    params = fields.get("params")
    is_told = fields.get("method") == "told" and isinstance(params, dict)
    return cast("Mapping[str, object]", params) if is_told else None
