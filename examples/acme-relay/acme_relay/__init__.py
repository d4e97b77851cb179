"""A contact of an imagined relay board on the network: `2 1` closes contact 2, it says `OK`."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Final, Literal, NoReturn

from pydantic import Field

from agent.errors import DriverError
from agent.settings.relays import ContactSettings
from agent.settings.section import Port

PATIENCE_S: Final = 1.0


class AcmeSettings(ContactSettings):
    """The section of a contact with `driver = "acme"`; its policy comes with the base."""

    driver: Literal["acme"]
    host: Annotated[str, Field(min_length=1, description="a host name or address")]
    port: Port = 4001
    contact: Annotated[int, Field(ge=1, le=8)] = 1


class AcmeContact:
    """A contact that is driven by a task: `set` only says where it shall stand."""

    line = descriptor = None

    def __init__(self, settings: AcmeSettings, *, on: bool) -> None:
        self._where, self._contact = (settings.host, settings.port), settings.contact
        self._on = on
        self._news = asyncio.Event()
        self._settled = asyncio.Event()
        self._lost: DriverError | None = None
        self._doubt: Callable[[], None] = lambda: None

    def set(self, *, on: bool) -> None:
        """Have the board told at once; raise `DriverError` while it does not obey."""
        self._on = on
        self._settled.clear()
        self._news.set()
        if self._lost is not None:
            raise self._lost

    def on_doubt(self, callback: Callable[[], None]) -> None:
        """Call *callback* when the board has not obeyed: `set` raises the reason then."""
        self._doubt = callback
        if self._lost is not None:
            asyncio.get_running_loop().call_soon(callback)

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether the board may stand elsewhere."""
        return self._lost is not None or not self._settled.is_set()

    async def settled(self) -> None:
        """Wait until the board has obeyed; raise `DriverError` when it has not in time."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._settled.wait()
        except TimeoutError as error:
            raise self._lost or DriverError("acme: the board does not answer") from error

    async def drive(self) -> NoReturn:
        """Keep the board where it shall stand, over as many connections as that takes."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    reader, writer = await asyncio.open_connection(*self._where)
                try:
                    await self._speak(reader, writer)
                finally:
                    writer.close()
            except (OSError, ValueError) as error:  # a TimeoutError is an OSError
                self._fail(DriverError(f"acme at {self._where[0]}: {str(error) or 'no answer'}"))
            await asyncio.sleep(PATIENCE_S / 5)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> NoReturn:
        while True:
            self._news.clear()
            on = self._on
            writer.write(f"{self._contact} {int(on)}\n".encode())
            async with asyncio.timeout(PATIENCE_S):
                answer = await reader.readline()
            if answer != b"OK\n":
                raise ValueError(f"the board says {answer[:20]!r}")
            self._lost = None
            if on is self._on:
                self._settled.set()
                with suppress(TimeoutError):  # it is told again: it may have lost its power
                    async with asyncio.timeout(PATIENCE_S):
                        await self._news.wait()

    def _fail(self, error: DriverError) -> None:
        is_new, self._lost = self._lost is None, error
        if is_new:
            self._doubt()


class AcmeRelay:
    """Opens a contact of the board that the settings name."""

    Settings = AcmeSettings

    def __init__(self, settings: AcmeSettings, thing: object = None) -> None:
        self._settings = settings

    def probe(self, held: int) -> None:
        """Know no descriptor: nothing of the board outlives the process."""

    @asynccontextmanager
    async def open(self, *, on: bool, held: int | None = None) -> AsyncGenerator[AcmeContact, None]:
        """Put the contact at *on*; at the end it is where it was set last."""
        contact = AcmeContact(self._settings, on=on)
        driving = asyncio.create_task(contact.drive(), name="acme")
        try:
            await contact.settled()
            yield contact
        finally:
            with suppress(DriverError):
                await contact.settled()
            driving.cancel()
            await asyncio.wait([driving])
