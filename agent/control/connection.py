"""One connection of the control socket: requests come in, answers and what is told go out."""

import asyncio
import pwd
import socket
import struct
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Final, cast

from agent.control.methods import Channel
from agent.control.protocol import (
    MAX_LINE,
    REFUSED,
    ProtocolError,
    error_line,
    parse_line,
    too_long,
)
from agent.control.waiting_lines import WaitingLines
from agent.model import Origin, OriginKind

if TYPE_CHECKING:
    from agent.control.protocol import Entry, Request

MAX_CLIENTS: Final = 16
PATIENCE_S: Final = 1.0
"""Who has asked nothing for so long keeps no place that another needs."""
CREDENTIALS: Final = struct.Struct("3i")
"""pid, uid, gid of the peer (SO_PEERCRED, unix(7))."""

Answer = bytes | Coroutine[None, None, bytes]
"""The answer's line, empty for none; or what must be waited for until it is known."""

Answers = Callable[[Channel, "Request | Sequence[Entry]"], Answer]


class Connection(asyncio.Protocol):
    """A line in, a line out, one for each turn of the loop.

    What is told beside the answers goes between them. While the client does not read, or while an
    answer is waited for, it waits here, bounded.
    """

    def __init__(
        self,
        answer: Answers,
        clients: "set[Connection]",
        waiting: asyncio.TaskGroup,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.origin = Origin(kind=OriginKind.LOCAL, name="unknown")
        self._answer = answer
        self._clients = clients
        self._waiting = waiting
        self._task: asyncio.Task[None] | None = None
        self._buffer = bytearray()
        self._turn: asyncio.Handle | None = None
        self._is_choked = False
        self._is_ended = False
        self._transport: asyncio.Transport | None = None
        self._lines = WaitingLines()
        self._patience_s = patience_s
        self._asked_at = asyncio.get_running_loop().time()
        self._missing: list[Callable[[], None]] = []
        self._ends: list[Callable[[], None]] = []

    @property
    def is_choked(self) -> bool:
        """Tell whether it does not read what it has asked for."""
        return self._is_choked

    @property
    def _is_held(self) -> bool:
        """Tell whether what is told must wait: for the client, or for an answer."""
        return self._is_choked or self._task is not None

    # ── a channel ───────────────────────────────────────────────────────────────────────────

    def tell(self, line: bytes, on_room: Callable[[], None]) -> bool:
        """Tell it, now or when it reads on.

        False where too much waits for it already: *on_room* is called when that has been told.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            return True
        if not self._is_held:
            transport.write(line)
        elif not self._lines.add(line):
            self._missing.append(on_room)
            return False
        return True

    def add_end(self, call: Callable[[], None]) -> None:
        """Call *call* when the client has gone."""
        self._ends.append(call)

    def discard_end(self, call: Callable[[], None]) -> None:
        """Forget *call*."""
        self._ends.remove(call)

    # ── asyncio's protocol ──────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, and ask the kernel who it is; turn it away where all others are at work."""
        self._transport = cast("asyncio.Transport", transport)
        if len(self._clients) >= MAX_CLIENTS and not self._takes_place():
            self._turn_away(
                f"{MAX_CLIENTS} clients are connected already: try again in a moment; the button"
                " works meanwhile"
            )
            return
        self._clients.add(self)
        self.origin = Origin(kind=OriginKind.LOCAL, name=_peer_name(transport))

    def _takes_place(self) -> bool:
        """Take the place of one that does not read, or of the one that has asked nothing longest.

        A person who switches off must not be kept out by those who only watch.
        """
        deaf = next((each for each in self._clients if each.is_choked), None)
        if deaf is not None:
            self._clients.discard(deaf)
            deaf.abort()
            return True
        since = asyncio.get_running_loop().time() - self._patience_s
        silent = [each for each in self._clients if each.is_silent and each.asked_at <= since]
        if not silent:
            return False
        longest = min(silent, key=lambda each: each.asked_at)
        self._clients.discard(longest)
        longest.make_room()
        return True

    @property
    def is_silent(self) -> bool:
        """Tell whether nothing that it has asked is left to be answered."""
        return self._task is None and self._turn is None

    @property
    def asked_at(self) -> float:
        """When it asked last, in the loop's seconds."""
        return self._asked_at

    def make_room(self) -> None:
        """Say that another needs the place, and end."""
        self._turn_away(f"ended: another client needed its place, of {MAX_CLIENTS} at most")

    def _turn_away(self, text: str) -> None:
        assert self._transport is not None, "it is connected"
        self._transport.write(error_line(None, REFUSED, text, {"kind": "busy"}))
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        del exc
        self._clients.discard(self)
        if self._turn is not None:
            self._turn.cancel()
        if self._task is not None:
            self._task.cancel()
        self._transport = None
        for call in tuple(self._ends):
            call()

    def data_received(self, data: bytes) -> None:
        """Take bytes; hear no more for now than one line may have."""
        self._asked_at = asyncio.get_running_loop().time()
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
        """Tell what has waited, then go on."""
        self._is_choked = False
        self._tell_waiting()
        self._schedule()

    def close(self) -> None:
        """End the connection when what was written has left."""
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once; what waits in it is lost."""
        if self._transport is not None:
            self._transport.abort()

    # ── requests ────────────────────────────────────────────────────────────────────────────

    def _schedule(self) -> None:
        if self._turn is None and self._task is None and not self._is_choked:
            self._turn = asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        """Answer one line; reading goes on when the buffer holds no whole one."""
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
            parsed = parse_line(line)
        except ProtocolError as error:
            transport.write(error_line(error.request_id, error.code, str(error)))
            return
        reply = self._answer(self, parsed)
        if isinstance(reply, bytes):
            transport.write(reply)
        else:
            waiting = self._finish(transport, reply)
            self._task = self._waiting.create_task(waiting, name="control.answer")

    async def _finish(
        self, transport: asyncio.Transport, reply: Coroutine[None, None, bytes]
    ) -> None:
        """Write an answer that had to wait; then what has waited, and the next request."""
        line = await reply
        self._task = None
        if not transport.is_closing():
            transport.write(line)
            self._tell_waiting()
            self._schedule()

    def _tell_waiting(self) -> None:
        """Tell what has waited; nothing once a write has found the client gone."""
        transport = self._transport
        if transport is None:
            return
        while self._lines and not self._is_held and not transport.is_closing():
            transport.write(self._lines.take())
        while self._missing and not self._lines and not self._is_held:
            self._missing.pop(0)()


def _peer_name(transport: asyncio.BaseTransport) -> str:
    """Ask the kernel who is at the other end."""
    peer: socket.socket = transport.get_extra_info("socket")
    packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    _, user_id, _ = CREDENTIALS.unpack(packed)
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"uid {user_id}"
