"""The socket of one MQTT connection, between paho and the loop."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Final

from paho.mqtt import client as paho

from agent.clouds import explain
from agent.clouds.inbox import Inbox
from agent.clouds.silence import Silence
from agent.clouds.tcp import Bounds, fault_of, head_of, tune
from agent.errors import LinkDeadError, TransportError

_GARBAGE: Final = (OSError, ValueError, IndexError, KeyError, TypeError, struct.error)
"""What paho raises when it reads bytes that are not MQTT, or from a socket that has died."""

MOST_PACKET: Final = 1_048_576
"""MQTT allows 256 MB, all of which would be held: no platform sends a quarter of this."""


class Wire:
    """Reads and writes when the socket can, and ends the connection when it is found dead.

    *strange* hears that no broker answers, while the CONNACK is awaited; *died* hears every end
    that paho does not tell of itself.
    """

    def __init__(
        self,
        client: paho.Client,
        bounds: Bounds,
        inbox: Inbox,
        *,
        strange: Callable[[str], None],
        died: Callable[[Exception], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._client = client
        self._bounds = bounds
        self._inbox = inbox
        self._strange = strange
        self._died = died
        self._is_watched = False
        self._is_answered = False
        self._unwatched: socket.socket | None = None
        self.silence = Silence(
            ping=self._ask_for_a_sign,
            end=self.fail,
            patience_s=bounds.patience_s,
            ping_s=bounds.ping_s,
        )

    @property
    def address(self) -> str:
        """Name this machine's address of the connection; empty where it is gone."""
        opened = self._client.socket()
        with contextlib.suppress(OSError):
            return str(opened.getsockname()[0]) if isinstance(opened, socket.socket) else ""
        return ""

    def tune(self) -> None:
        """Set the options of the socket that has been opened."""
        opened = self._client.socket()
        if isinstance(opened, socket.socket):
            tune(opened, self._bounds)

    def opened(self, sock: socket.socket) -> None:
        """Take a socket, in the thread that opens it, which may close it again."""
        self._unwatched = sock

    def watch(self) -> bool:
        """Read from now on, on the loop; tell whether there is anything to read from."""
        self._is_watched = True
        opened = self._unwatched
        if opened is None or opened.fileno() < 0:
            return False
        self._loop.add_reader(opened.fileno(), self._read)
        return True

    def fail(self, why: str) -> None:
        """End the connection at once, for a reason that was found here."""
        self._end(LinkDeadError(why))

    def _end(self, error: TransportError) -> None:
        self._inbox.end(error)
        self.shut()
        self._died(error)

    def shut(self) -> None:
        """Free the socket, whatever waits in it."""
        stuck = self._client.socket()
        if isinstance(stuck, socket.socket):
            with contextlib.suppress(OSError):  # the other side was faster
                stuck.shutdown(socket.SHUT_RDWR)
            self._client.loop_write()

    # ── reading ─────────────────────────────────────────────────────────────────────────────

    def _read(self) -> None:
        opened = self._client.socket()
        if not isinstance(opened, socket.socket):
            return
        if not self._is_answered:
            self._look_at_the_first(opened)
        if code := fault_of(opened):
            self._inbox.end(explain.cut(code))
        self.silence.heard()
        try:
            self._client.loop_read()
            while isinstance(opened, ssl.SSLSocket) and opened.fileno() >= 0 and opened.pending():
                self._client.loop_read()
        except _GARBAGE as error:
            self._died(error)
        self._look_at_the_size()

    def _look_at_the_size(self) -> None:
        """End the connection rather than hold a packet of any size."""
        packet = self._client._in_packet  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - paho has no bound of its own
        if packet["have_remaining"] and packet["remaining_length"] > MOST_PACKET:
            size = packet["remaining_length"]
            text = f"the broker sends a message of {size} bytes; if it is kept there, clear it"
            self._end(TransportError(text))

    def _look_at_the_first(self, opened: socket.socket) -> None:
        self._is_answered = True
        who = explain.foreign(head_of(opened))
        if who is not None:
            self._strange(who)

    def _ask_for_a_sign(self) -> None:
        self._client._send_pingreq()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - paho sends one only when it is due

    # ── writing ─────────────────────────────────────────────────────────────────────────────

    def wants_to_write(self) -> None:
        """Write soon; paho calls this in the thread that connects, too."""
        soon = self._loop.call_soon if self._is_watched else self._loop.call_soon_threadsafe
        soon(self._flush)

    def writes_no_more(self, sock: socket.socket) -> None:
        """Stop waiting for room in the socket."""
        if sock.fileno() >= 0:
            self._loop.remove_writer(sock.fileno())

    def _flush(self) -> None:
        """Write what waits; what the socket does not take is written when it does."""
        self._client.loop_write()
        blocked = self._client.socket()
        if blocked is not None and self._client.want_write():
            self._loop.add_writer(blocked.fileno(), self._write_on)

    def _write_on(self) -> None:
        """Write what had to wait: where there is room again the other side has taken something."""
        self.silence.heard()
        self._client.loop_write()
        if self._client.want_write():
            self.silence.asked()
