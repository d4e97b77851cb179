"""The control server: people and programs on this machine ask the agent over a Unix socket."""

import asyncio
import inspect
import pwd
import socket
import struct
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import structlog

from agent.control.listener import GROUP, listen, unlink_own
from agent.control.protocol import (
    MAX_LINE,
    METHOD_NOT_FOUND,
    REFUSED,
    ProtocolError,
    Request,
    error_line,
    parse_request,
    result_line,
    too_long,
)
from agent.errors import ControlError
from agent.model import Origin, OriginKind

log = structlog.get_logger()

MAX_CLIENTS: Final = 16
CREDENTIALS: Final = struct.Struct("3i")
"""pid, uid, gid of the peer (SO_PEERCRED, unix(7))."""

Method = Callable[[Origin, Mapping[str, object]], object]
"""Does what is asked at once and returns what JSON can hold; raises `ControlError`.

One that must wait, for the disk, returns a coroutine of the same; its client's next request is
taken when it has been answered.
"""

Answer = bytes | Coroutine[None, None, bytes]


class ControlServer:
    """Serves *methods* at *path* for the length of an `async with`."""

    def __init__(self, path: Path, methods: Mapping[str, Method], *, group: str = GROUP) -> None:
        self._path = path
        self._methods = methods
        self._group = group
        self._server: asyncio.Server | None = None
        self._inode = 0
        self._clients: set[_Client] = set()
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

    def answer(self, origin: Origin, request: Request) -> Answer:
        """Do one request and write its answer."""
        method = self._methods.get(request.method)
        if method is None:
            known = ", ".join(self._methods)
            text = f"no method is called {request.method!r:.80}; there are: {known}"
            return error_line(request.request_id, METHOD_NOT_FOUND, text)
        try:
            result = method(origin, request.params)
        except ControlError as error:
            return error_line(request.request_id, REFUSED, str(error))
        if inspect.iscoroutine(result):
            return _awaited(request, result)
        return result_line(request.request_id, result)

    def _client(self) -> "_Client":
        return _Client(self.answer, self._clients, self._waiting)


async def _awaited(request: Request, result: Coroutine[None, None, object]) -> bytes:
    """Answer what had to wait; it may be long, so it is written in a thread."""
    try:
        return await asyncio.to_thread(result_line, request.request_id, await result)
    except ControlError as error:
        return error_line(request.request_id, REFUSED, str(error))


class _Client(asyncio.Protocol):
    """One connection: a line in, a line out, one request for each turn of the loop."""

    def __init__(
        self,
        answer: Callable[[Origin, Request], Answer],
        clients: "set[_Client]",
        waiting: asyncio.TaskGroup,
    ) -> None:
        self._answer = answer
        self._clients = clients
        self._waiting = waiting
        self._task: asyncio.Task[None] | None = None
        self._buffer = bytearray()
        self._turn: asyncio.Handle | None = None
        self._is_choked = False
        self._is_ended = False
        self._transport: asyncio.Transport | None = None
        self._origin = Origin(kind=OriginKind.LOCAL, name="unknown")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if len(self._clients) >= MAX_CLIENTS:
            text = f"{MAX_CLIENTS} clients are connected already: close one"
            self._transport.write(error_line(None, REFUSED, text))
            self._transport.close()
            return
        self._clients.add(self)
        self._origin = Origin(kind=OriginKind.LOCAL, name=_peer_name(transport))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._clients.discard(self)
        if self._turn is not None:
            self._turn.cancel()
        if self._task is not None:
            self._task.cancel()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > MAX_LINE and self._transport is not None:
            self._transport.pause_reading()
        self._schedule()

    def eof_received(self) -> bool:
        """Stay open until everything that was asked has been answered."""
        self._is_ended = True
        self._schedule()
        return True

    def pause_writing(self) -> None:
        """Hear nothing more of a client that does not take its answers."""
        self._is_choked = True
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_choked = False
        self._schedule()

    def close(self) -> None:
        """End the connection when what was written has left."""
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()

    def _schedule(self) -> None:
        if self._turn is None and self._task is None and not self._is_choked:
            self._turn = asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        """Answer one request; reading goes on when the buffer holds no whole one."""
        self._turn = None
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        end = self._buffer.find(b"\n")
        if end < 0:
            self._await_more(transport)
            return
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        if line.strip():
            self._reply(transport, line)
        self._schedule()

    def _await_more(self, transport: asyncio.Transport) -> None:
        if len(self._buffer) > MAX_LINE:
            error = too_long()
            transport.write(error_line(None, error.code, str(error)))
            transport.close()
        elif self._is_ended:
            transport.close()
        else:
            transport.resume_reading()

    def _reply(self, transport: asyncio.Transport, line: bytes) -> None:
        try:
            request = parse_request(line)
        except ProtocolError as error:
            transport.write(error_line(error.request_id, error.code, str(error)))
            return
        reply = self._answer(self._origin, request)
        if not isinstance(reply, bytes):
            waiting = self._finish(transport, request, reply)
            self._task = self._waiting.create_task(waiting, name="control.answer")
        elif not request.is_notification:
            transport.write(reply)

    async def _finish(
        self, transport: asyncio.Transport, request: Request, reply: Coroutine[None, None, bytes]
    ) -> None:
        """Write an answer that had to wait; then the next request is taken."""
        line = await reply
        self._task = None
        if transport.is_closing():
            return
        if not request.is_notification:
            transport.write(line)
        self._schedule()


def _peer_name(transport: asyncio.BaseTransport) -> str:
    """Ask the kernel who is at the other end."""
    peer: socket.socket = transport.get_extra_info("socket")
    packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    _, user_id, _ = CREDENTIALS.unpack(packed)
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"uid {user_id}"
