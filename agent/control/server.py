"""The control server: people and programs on this machine ask the agent over a Unix socket."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from agent.control.connection import PATIENCE_S, Answer, Connection
from agent.control.listener import GROUP, listen, unlink_own
from agent.control.methods import Channel, Stream
from agent.control.protocol import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    REFUSED,
    Entry,
    ProtocolError,
    Request,
    batch_line,
    error_line,
    long_result_line,
    result_line,
)
from agent.errors import ControlError, ParamsError
from agent.model import Origin
from agent.settings.names import nearest

log = structlog.get_logger()

Method = Callable[[Origin, Mapping[str, object]], object]
"""Does what is asked at once and returns what JSON can hold; raises `ControlError`.

One that must wait, for the disk, returns a coroutine of the same; its client's next request is
taken when it has been answered.
"""


class ControlServer:
    """Serves *methods*, and *streams*, at *path* for the length of an `async with`."""

    def __init__(
        self,
        path: Path,
        methods: Mapping[str, Method],
        streams: Mapping[str, Stream] | None = None,
        *,
        group: str = GROUP,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._path = path
        self._methods = methods
        self._streams = streams or {}
        self._group = group
        self._patience_s = patience_s
        self._server: asyncio.Server | None = None
        self._inode = 0
        self._clients: set[Connection] = set()
        self._waiting = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        listener = listen(self._path, self._group)
        self._inode = self._path.stat().st_ino
        loop = asyncio.get_running_loop()
        await self._waiting.__aenter__()
        try:
            self._server = await loop.create_unix_server(self._client, sock=listener)
        finally:
            if self._server is None:
                listener.close()
        log.info("control.listening", path=str(self._path))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unlink_own(self._path, self._inode)
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.close()
        await self._waiting.__aexit__(kind, error, trace)

    def answer(self, channel: Channel, asked: Request | Sequence[Entry]) -> Answer:
        """Do a request, or a batch one after the other, and write what is to be answered."""
        if isinstance(asked, Request):
            return self._answer(channel, asked)
        answers: list[bytes] = []
        entries = iter(asked)
        for entry in entries:
            answer = self._answer(channel, entry)
            if not isinstance(answer, bytes):
                return self._go_on(channel, answers, answer, list(entries))
            answers.append(answer)
        return _joined(answers)

    async def _go_on(
        self,
        channel: Channel,
        answers: list[bytes],
        waiting: Coroutine[None, None, bytes],
        rest: Sequence[Entry],
    ) -> bytes:
        """Finish a batch of which one request must be waited for."""
        answers.append(await waiting)
        for entry in rest:
            answer = self._answer(channel, entry)
            answers.append(answer if isinstance(answer, bytes) else await answer)
        return _joined(answers)

    def _answer(self, channel: Channel, entry: Entry) -> Answer:
        if isinstance(entry, ProtocolError):
            return error_line(entry.request_id, entry.code, str(entry))
        try:
            result = self._call(channel, entry)
        except ControlError as error:
            return _refused(entry, error)
        if inspect.iscoroutine(result):
            return _awaited(entry, result)
        return b"" if entry.is_notification else result_line(entry.request_id, result)

    def _call(self, channel: Channel, request: Request) -> object:
        name = request.method
        if name in self._streams:
            return self._streams[name](channel, request.params)
        method = self._methods.get(name)
        if method is None:
            raise _UnknownMethodError(name, [*self._methods, *self._streams])
        return method(channel.origin, request.params)

    def _client(self) -> Connection:
        return Connection(self.answer, self._clients, self._waiting, patience_s=self._patience_s)


class _UnknownMethodError(ControlError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = nearest(name, known)
        text = f"no method is called {name!r:.80}; {f'{hint} ' if hint else ''}there are: "
        super().__init__(text + ", ".join(known), kind="unknown_method", key=name[:80])


async def _awaited(request: Request, result: Coroutine[None, None, object]) -> bytes:
    """Answer what had to wait; it may be long, so it is written in a thread."""
    try:
        done = await result
    except ControlError as error:
        return _refused(request, error)
    if request.is_notification:
        return b""
    return await asyncio.to_thread(long_result_line, request.request_id, done)


def _refused(request: Request, error: ControlError) -> bytes:
    """Write why it was not done, for a person and for a program."""
    if request.is_notification:
        return b""
    data = {"kind": error.kind} | ({} if error.key is None else {"key": error.key})
    return error_line(request.request_id, _code(error), str(error), data)


def _code(error: ControlError) -> int:
    if isinstance(error, ParamsError):
        return INVALID_PARAMS
    return METHOD_NOT_FOUND if isinstance(error, _UnknownMethodError) else REFUSED


def _joined(answers: Sequence[bytes]) -> bytes:
    """Write the answers of a batch; none where it was of notifications only."""
    wanted = [answer for answer in answers if answer]
    return batch_line(wanted) if wanted else b""
