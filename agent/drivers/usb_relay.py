"""`driver = "usb_serial"`: a channel of an LCUS board (LCUS-1, -2, -4, -8)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agent.board_ways import lcus_address
from agent.drivers.board_relay import BoardRelay, Pace, driven
from agent.drivers.usb_board import BOARDS, UsbBoard, UsbBoards
from agent.ports import HeldLine, Line
from agent.settings.relays import UsbRelaySettings


class Channel:
    """One channel; with `lcus` only the port itself can fail."""

    def __init__(self, settings: UsbRelaySettings, board: UsbBoard) -> None:
        self._settings = settings
        self._board = board

    @property
    def line(self) -> Line:
        """Port, protocol, channel."""
        settings = self._settings
        return Line(
            driver="usb_serial",
            address=lcus_address(settings.port, settings.protocol, settings.channel),
            active_high=settings.active_high,
        )

    async def command(self, *, on: bool, is_urgent: bool) -> None:
        """Command it, and ask where the board can tell."""
        settings = self._settings
        await self._board.command(
            settings.channel,
            on=on is settings.active_high,
            is_urgent=is_urgent,
            answer_s=settings.timeout_s if settings.protocol == "lcus_status" else 0,
        )

    async def look(self) -> bool | None:
        """Ask where it stands, where the board can tell."""
        settings = self._settings
        if settings.protocol != "lcus_status":
            return None
        stands = await self._board.look(settings.channel, settings.timeout_s)
        return stands is settings.active_high


class UsbRelay:
    """Opens a channel of a board."""

    def __init__(
        self,
        settings: UsbRelaySettings,
        thing: object = None,
        *,
        boards: UsbBoards = BOARDS,
        pace: Pace | None = None,
    ) -> None:
        del thing
        self._board = boards.of(settings.port)
        self._channel = Channel(settings, self._board)
        self._pace = pace or Pace(check_s=settings.check_s)

    @property
    def line(self) -> Line:
        """How the contact is reached, before anything is commanded."""
        return self._channel.line

    @staticmethod
    def probe(held: int) -> HeldLine | None:
        """None: a board is held by no descriptor."""
        del held
        return None

    @asynccontextmanager
    async def open(self, *, on: bool, held: int | None = None) -> AsyncGenerator[BoardRelay, None]:
        """Command the channel to *on*, and from then on to what is wanted last."""
        del held
        async with self._board.joined(), driven(self._channel, self._pace, on=on) as relay:
            yield relay
