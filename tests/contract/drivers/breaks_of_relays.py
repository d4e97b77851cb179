"""How each rule of relays is broken once, and those of all drivers: a good one, bent in one way."""

import asyncio
import os
import time
from contextlib import asynccontextmanager
from dataclasses import replace

from agent.conformance.drivers.stands import Fault
from agent.errors import DriverError
from agent.ports import HeldLine, Line
from tests.contract.drivers.memory import LINE, Contact, Plain, Relay, bends


def passing(*_, **__):
    return None


def takes_time(*_, **__):
    time.sleep(0.03)


class Blips(Relay):
    @asynccontextmanager
    async def open(self, *, on, held=None):
        self.contact.put(on=not on)
        async with super().open(on=on, held=held):
            yield self


class OpensOff(Relay):
    @asynccontextmanager
    async def open(self, *, on, held=None):
        del on
        async with super().open(on=False, held=held):
            yield self


class Closes(Relay):
    @asynccontextmanager
    async def open(self, *, on, held=None):
        async with super().open(on=on, held=held):
            yield self
        self.contact.put(on=True)


class Forgets(Relay):
    """Tells the hardware by a task, and takes it back when it is left."""

    @asynccontextmanager
    async def open(self, *, on, held=None):
        self._later = None
        async with super().open(on=on, held=held):
            yield self
            if self._later is not None:
                self._later.cancel()

    def set(self, *, on):
        self.contact.access()
        self._later = asyncio.get_running_loop().call_later(0.001, self.drive_late, on)

    def drive_late(self, on):
        self.drive(on=on)


class ForgetsOnErrors(Forgets):
    """Takes it back only where it is left by an error."""

    @asynccontextmanager
    async def open(self, *, on, held=None):
        self._later = None
        async with Relay.open(self, on=on, held=held):
            try:
                yield self
            except DriverError:
                self._later.cancel()
                raise
            await asyncio.sleep(0.002)


class Keeps(Relay):
    """Leaves its descriptor open."""

    @asynccontextmanager
    async def open(self, *, on, held=None):
        del held
        self.contact.claim()
        self.descriptor = os.memfd_create("line")
        self.drive(on=on)
        yield self


class Awaited(Relay):
    async def set(self, *, on):
        self.drive(on=on)


def waits(self, *, on):
    """Wait for the hardware, as `set` must not."""
    self.contact.free.wait()
    self.drive(on=on)


def stuck(self, *, on):
    """Obey the first of every pair only."""
    if on is not self.contact.is_on() and on:
        self.drive(on=on)


def fails_when_silent(self, *, on):
    if not self.contact.free.is_set():
        raise OSError(5, "Input/output error")
    self.drive(on=on)


FOUND = HeldLine(line=LINE, is_on=False)


def closes_what_it_is_shown(_, held):
    os.close(held)


def moves_what_it_is_shown(self, held):
    del held
    self.contact.put(on=True)


class Foreign(Relay):
    line = Line(driver="acme", address="3", active_high=True)


class Nowhere(Relay):
    line = Line(driver="simulated", address="a\nb", active_high=True)


class Lineless(Relay):
    line = None


class Changing(Relay):
    @property
    def line(self):
        return replace(LINE, address=f"/{self.contact.is_on()}")


class NoDescriptor(Relay):
    """Names a descriptor that is none."""

    @asynccontextmanager
    async def open(self, *, on, held=None):
        async with super().open(on=on, held=held):
            good, self.descriptor = self.descriptor, 999_999
            yield self
            self.descriptor = good


class MovesOnTakeover(Relay):
    @asynccontextmanager
    async def open(self, *, on, held=None):
        if held is not None:
            self.contact.put(on=not on)
        async with super().open(on=on, held=held):
            yield self


def raises(error):
    def call(*_, **__):
        raise error

    return call


def accesses_oddly(self):
    if self.fault in {Fault.GONE, Fault.ERROR}:
        raise OSError(5, "Input/output error")


def ignores(_):
    pass


class OddContact(Contact):
    access = accesses_oddly


class DeafContact(Contact):
    """Fails and tells nobody: what is driven is lost."""

    access = ignores


class BusyContact(Contact):
    def claim(self):
        if self.fault is Fault.BUSY:
            raise DriverError("somebody has it")
        self.access()


class Once(Relay):
    """Can be opened once."""

    opened = 0

    @asynccontextmanager
    async def open(self, *, on, held=None):
        self.opened += 1
        if self.opened > 1:
            raise DriverError("it is open")
        async with super().open(on=on, held=held):
            yield self


class HangsAgain(Relay):
    opened = 0

    @asynccontextmanager
    async def open(self, *, on, held=None):
        self.opened += 1
        if self.opened > 1:
            await asyncio.Event().wait()
        async with super().open(on=on, held=held):
            yield self


class OnceMore(Relay):
    """Does not come back after a fault."""

    is_broken = False

    @asynccontextmanager
    async def open(self, *, on, held=None):
        self.is_broken |= self.contact.fault is not None
        if self.is_broken:
            raise DriverError("it was broken")
        async with super().open(on=on, held=held):
            yield self


class Leaks(Relay):
    @asynccontextmanager
    async def open(self, *, on, held=None):
        self.kept = [*getattr(self, "kept", ()), os.memfd_create("kept")]
        async with super().open(on=on, held=held):
            yield self

    def __del__(self):
        for each in getattr(self, "kept", ()):
            os.close(each)


TASKS = set()


class LeavesTasks(Relay):
    @asynccontextmanager
    async def open(self, *, on, held=None):
        async with super().open(on=on, held=held):
            TASKS.add(asyncio.create_task(asyncio.sleep(0.5), name="forgotten"))
            yield self


class NeverOpens(Relay):
    @asynccontextmanager
    async def open(self, *, on, held=None):
        if self.contact.fault is not None:
            await asyncio.Event().wait()
        async with super().open(on=on, held=held):
            yield self


class StrayError(Relay):
    def set(self, *, on):
        asyncio.get_running_loop().call_soon(raises(KeyError("stray")))
        self.drive(on=on)


class DoubtsForNothing(Relay):
    """Says that it is in doubt, and takes the next command as if it were not."""

    def set(self, *, on):
        self._lost = False
        self.drive(on=on)


class SilentPlain(Plain):
    def drive(self, *, on):
        self.contact.access()
        if self.contact.free.is_set():
            self.contact.put(on=on)


class Slow(Relay):
    patience_s = 1.0

    def set(self, *, on):
        asyncio.get_running_loop().call_later(0.55, self.drive_late, on)

    def drive_late(self, on):
        self.drive(on=on)


class AlwaysInDoubt(Relay):
    is_in_doubt = True


class NeverInDoubt(Relay):
    is_in_doubt = False


class GroupsErrors(Relay):
    """Opens in a group of tasks, which wraps what it raises."""

    @asynccontextmanager
    async def open(self, *, on, held=None):
        async with asyncio.TaskGroup(), super().open(on=on, held=held):
            yield self


RELAYS = (
    bends("relay-doubted", "left as it was confirmed, it is in doubt", Contact, AlwaysInDoubt),
    bends("relay-doubted", "is gone, it is not in doubt", Contact, NeverInDoubt),
    bends("relay-errors", "ExceptionGroup", Contact, GroupsErrors),
    bends("relay-opens-at-level", "stands open", Contact, OpensOff),
    bends("relay-opens-at-level", "it went: closed, open", Contact, Blips),
    bends("relay-obeys", "after set(on=True)", Contact, Relay, set=passing),
    bends("relay-obeys", "not the last that holds", Contact, Relay, set=stuck),
    bends("relay-obeys", "the contact follows after 0.", Contact, Slow),
    bends("relay-at-once", "something to await", Contact, Awaited),
    bends("relay-at-once", "set takes 0.0", Contact, Relay, set=takes_time),
    bends("relay-at-once", "waits for the hardware", Contact, Relay, set=waits),
    bends("relay-at-once", "it raised OSError", Contact, Relay, set=fails_when_silent),
    bends("relay-never-closes", "it closes it", Contact, Closes),
    bends("relay-last-word", "leaves its contact closed", Contact, Forgets),
    bends("relay-last-word", "left by an error", Contact, ForgetsOnErrors),
    bends("relay-line", "has no way to a line of 'acme'", Contact, Foreign),
    bends("relay-line", "is no address", Contact, Nowhere),
    bends("relay-line", "and no line", Contact, Lineless),
    bends("relay-line", "another one when the contact is closed", Contact, Changing),
    bends("relay-line", "is none", Contact, NoDescriptor),
    bends("relay-line", "open when it is left", Contact, Keeps),
    bends("relay-probes", "raised", Contact, Relay, probe=lambda _, held: os.fstat(held)),
    bends("relay-probes", "takes a pipe", Contact, Relay, probe=lambda *_: FOUND),
    bends("relay-probes", "closes a pipe", Contact, Relay, probe=closes_what_it_is_shown),
    bends("relay-probes", "moves the contact", Contact, Relay, probe=moves_what_it_is_shown),
    bends("relay-takes-over", "finds None", Contact, Relay, probe=passing),
    bends("relay-takes-over", "moves the contact", Contact, MovesOnTakeover),
    bends("relay-errors", "OSError", OddContact, Relay),
    bends("relay-errors", "not LineBusyError", BusyContact, Relay),
    bends("relay-errors", "nobody is told", DeafContact, Relay),
    bends("relay-errors", "neither works nor says so", Contact, NeverOpens),
    bends("relay-errors", "nobody is told", Contact, SilentPlain),
    bends("relay-errors", "nobody is told", Contact, DoubtsForNothing),
    bends("relay-errors", "left an error on the loop: KeyError", Contact, StrayError),
    bends("relay-again", "it raised DriverError('it is open')", Contact, Once),
    bends("relay-again", "after the hardware was gone it raised", Contact, OnceMore),
    bends("relay-again", "it does nothing", Contact, HangsAgain),
    bends("relay-lets-go", "descriptors more", Contact, Leaks),
    bends("relay-lets-go", "tasks go on when it is left: forgotten", Contact, LeavesTasks),
)
