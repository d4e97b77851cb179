"""A small HTTP/1.1 server on loopback: h11 reads and writes, `answer` decides."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote

import h11

from agent.emulator.json_text import encode
from agent.emulator.server import HOST, PortError, port_reason
from agent.emulator.values import Json

MAX_BODY: Final = 64 * 1024
IDLE_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request; names in the path are percent-decoded, header names in lower case."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """One answer."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]


def json_response(status: int, document: Json) -> HttpResponse:
    """Answer with JSON."""
    return HttpResponse(status=status, body=encode(document) + b"\n")


def error_response(status: int, reason: str) -> HttpResponse:
    """Answer with a reason why not."""
    return json_response(status, {"error": reason})


@asynccontextmanager
async def serve_http(port: int, answer: Answer) -> AsyncGenerator[int, None]:
    """Serve on *port* (0: any free one) and yield the one in use."""
    writers: dict[asyncio.StreamWriter, asyncio.Event] = {}

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = writers[writer] = asyncio.Event()
        try:
            await _Exchange(reader, writer, answer).run()
        except (ConnectionError, TimeoutError):
            writer.transport.abort()
        finally:
            writer.close()
            del writers[writer]
            ended.set()

    try:
        server = await asyncio.start_server(take, HOST, port)
    except OSError as error:
        raise PortError(port_reason(port, error)) from error
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer, ended in list(writers.items()):
            writer.transport.abort()
            await ended.wait()
        await server.wait_closed()


class _Exchange:
    """The requests of one connection, one after the other."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer = answer
        self._http = h11.Connection(h11.SERVER)

    async def run(self) -> None:
        """Answer until the client ends the connection, or breaks the protocol."""
        try:
            while await self._run_once():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                await self._send(error_response(error.error_status_hint, str(error)))

    async def _run_once(self) -> bool:
        """Answer one request; tell whether another may follow."""
        request = await self._next_event()
        if not isinstance(request, h11.Request):
            return False
        body = bytearray()
        while isinstance(event := await self._next_event(), h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                reason = f"a body is at most {MAX_BODY} bytes"
                await self._send(error_response(413, reason))
                return False
        if not isinstance(event, h11.EndOfMessage):
            return False
        await self._send(await self._answer(_request(request, bytes(body))))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            async with asyncio.timeout(IDLE_S):
                self._http.receive_data(await self._reader.read(64 * 1024))
        return event

    async def _send(self, response: HttpResponse) -> None:
        headers = [
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *response.headers,
        ]
        await self._write(
            h11.Response(status_code=response.status, headers=headers),
            h11.Data(data=response.body),
            h11.EndOfMessage(),
        )

    async def _write(self, *events: h11.Event) -> None:
        parts = (self._http.send(event) for event in events)
        self._writer.write(b"".join(part for part in parts if part))
        async with asyncio.timeout(IDLE_S):
            await self._writer.drain()


def _request(request: h11.Request, body: bytes) -> HttpRequest:
    path, _, query = request.target.decode("ascii").partition("?")
    return HttpRequest(
        method=request.method.decode("ascii"),
        path=tuple(unquote(part) for part in path.split("/")[1:]),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers={name.decode("ascii"): value.decode("latin-1") for name, value in request.headers},
        body=body,
    )
