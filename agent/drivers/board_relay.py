"""A contact of a board that is reached by commands: it obeys, or not, only later."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol

import structlog

from agent.errors import DriverError
from agent.ports import Line

log: Final = structlog.get_logger()

DOUBTED_AFTER: Final = 3
"""So many commands in a row that nothing confirms, or that were confirmed and not obeyed, are told;
one may be lost on any line."""

DISOBEYS: Final = "the board confirms each command, and the contact does not obey"

URGENT_TRIES: Final = 3
"""After so many a command waits in line with the polls: a dead board must not hush the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long what may take; a test is in more of a hurry."""

    check_s: float = 5.0
    """So often the contact is looked at, or told again where the board cannot say."""
    soon_s: float = 0.5
    """So soon after a new level the contact is looked at first: on a line without numbers the late
    answer to an older command can be taken for the answer to a lost one."""
    again_s: float = 0.5
    """Between tries, after the first ones."""
    settle_s: float = 2.0
    """So long an opening and an end wait for a confirmation, at most."""


class BoardContact(Protocol):
    """One contact of a board."""

    @property
    def line(self) -> Line:
        """How it is reached from outside the process."""
        ...

    async def command(self, *, on: bool, is_urgent: bool) -> None:
        """Have it stand at *on*; raise `DriverError` unless that is known to be so."""
        ...

    async def look(self) -> bool | None:
        """Ask where it stands; None where the board cannot say; raise `DriverError`."""
        ...


class BoardRelay:
    """Carries the newest wanted level to a contact, again and again until it is confirmed.

    What was wanted before and is wanted no longer is left out.
    """

    def __init__(self, contact: BoardContact, pace: Pace, *, on: bool) -> None:
        self._contact = contact
        self._pace = pace
        self._wanted = on
        self._confirmed: bool | None = None
        self._tries = 0
        self._is_fresh = True
        self._denials = 0
        self._fault = ""
        self._news = asyncio.Event()
        self._outcome = asyncio.Event()
        self._seen = asyncio.Event()
        self._is_ending = False
        self._doubt: Callable[[], None] | None = None

    @property
    def line(self) -> Line:
        """How the contact is reached when the process is gone."""
        return self._contact.line

    @property
    def descriptor(self) -> None:
        """None: nothing holds a contact of a board, nor lets it go."""
        return

    def set(self, *, on: bool) -> None:
        """Want the contact at *on*; raise `DriverError` while the last command is in doubt."""
        if on is not self._wanted:
            self._wanted = on
            self._tries = 0
            self._is_fresh = True
            self._outcome.clear()
            self._seen.clear()
            self._news.set()
        if self._fault:
            raise DriverError(self._fault)

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether nothing confirms where the contact stands."""
        return bool(self._fault)

    def on_doubt(self, callback: Callable[[], None]) -> None:
        """Call *callback* on the loop when a level that was taken is in doubt after all."""
        self._doubt = callback
        if self.is_in_doubt:
            asyncio.get_running_loop().call_soon(callback)

    async def settled(self, limit_s: float) -> bool:
        """Wait until the contact stands as wanted, or that is in doubt; tell whether it does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._outcome.wait()
        return self._confirmed is self._wanted

    async def seen(self, limit_s: float) -> None:
        """Look now, once and for all, whether a level that is new is there: an echo may be old."""
        self._is_ending = True
        self._news.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._seen.wait()

    def give_up(self) -> None:
        """Want it open, for whoever has not waited to have it."""
        with suppress(DriverError):
            self.set(on=False)

    def end(self) -> None:
        """Leave it as it is known, or in doubt, to stand."""
        if self._confirmed is not self._wanted or self._fault:
            log.critical("relay.unconfirmed", line=self.line.address)
            self._fault = self._fault or "nothing confirmed the last command"

    async def work(self) -> NoReturn:
        """Command, confirm, and look again, for ever."""
        while True:
            self._news.clear()
            if self._confirmed is self._wanted:
                self._outcome.set()
                if not self._is_fresh:
                    self._seen.set()
                if not await self._has_news(self._rest_s()):
                    await self._look()
            elif not await self._command():
                await self._has_news(self._pause_s())

    async def _command(self) -> bool:
        wanted, self._confirmed = self._wanted, None
        self._tries += 1
        try:
            await self._contact.command(on=wanted, is_urgent=self._tries <= URGENT_TRIES)
        except DriverError as error:
            self._note_failure(str(error))
            return False
        self._confirmed, self._tries = wanted, 0
        if self._denials < DOUBTED_AFTER:
            self._fault = ""
        return True

    def _note_failure(self, reason: str) -> None:
        if self._tries >= DOUBTED_AFTER:
            self._tell(reason)

    def _tell(self, reason: str) -> None:
        self._outcome.set()
        is_news = not self._fault
        self._fault = reason
        if is_news and self._doubt is not None:
            self._doubt()

    def _rest_s(self) -> float:
        """Tell how long a confirmed level stands before it is looked at."""
        if self._is_fresh:
            return 0.0 if self._is_ending else self._pace.soon_s
        return self._pace.check_s

    def _pause_s(self) -> float:
        return 0.0 if self._tries < URGENT_TRIES else self._pace.again_s

    async def _look(self) -> None:
        """See whether it stands as wanted; where that is not known, command it again."""
        try:
            found = await self._contact.look()
        except DriverError as error:
            log.debug("relay.unseen", line=self.line.address, error=str(error))
            found = None
        if found is self._confirmed:
            self._denials, self._fault = 0, ""
            self._is_fresh = self._confirmed is not self._wanted
            return
        if found is None:
            self._is_fresh = self._confirmed is not self._wanted
        else:
            self._note_denial(found=found)
        self._confirmed = None

    def _note_denial(self, *, found: bool) -> None:
        """Count that it was confirmed and stands elsewhere: once may be somebody's doing."""
        tell = log.debug if self._denials else log.warning
        tell("relay.moved", line=self.line.address, found=found, wanted=self._wanted)
        self._is_fresh = True
        self._denials += 1
        if self._denials >= DOUBTED_AFTER:
            self._tell(DISOBEYS)

    async def _has_news(self, limit_s: float) -> bool:
        try:
            async with asyncio.timeout(limit_s):
                await self._news.wait()
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def driven(
    contact: BoardContact, pace: Pace, *, on: bool
) -> AsyncGenerator[BoardRelay, None]:
    """Drive *contact* from *on* until the end, and wait there for the last command.

    A board that cannot be reached is no reason not to begin: it is tried until it can be. Where
    the opening is given up the contact is opened.
    """
    relay = BoardRelay(contact, pace, on=on)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(relay.work(), name=f"relay {contact.line.address}")
        is_taken = False
        try:
            await relay.settled(pace.settle_s)
            is_taken = True
            yield relay
        finally:
            if not is_taken:
                relay.give_up()
            try:
                if await relay.settled(pace.settle_s):
                    await relay.seen(pace.settle_s)
            finally:
                relay.end()
                work.cancel()
