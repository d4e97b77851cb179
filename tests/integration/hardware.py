"""Contacts that outlive the processes that drive them, one kind for each driver."""

import os
from pathlib import Path

from gpiozero.pins.mock import MockFactory

from agent import levels
from agent.drivers.gpiod_relay import GpiodRelay
from agent.drivers.gpiozero_relay import GpiozeroRelay
from agent.drivers.simulated.contact import SimulatedRelay
from agent.settings.relays import RelaySettings
from tests.drivers.kernel import Kernel


class SimulatedLine:
    """The line of a file."""

    name = "simulated"

    def __init__(self, folder: Path):
        self._path = folder / "contact"
        os.close(levels.claim(str(self._path)))
        self.open_it()

    def settings(self, **policy):
        return RelaySettings(driver="simulated", state_file=str(self._path), min_off_s=0, **policy)

    def driver(self, settings):
        return SimulatedRelay(settings)

    def show(self, descriptor):
        """Nothing: the file's own inode tells what a descriptor is."""

    def open_it(self):
        """What the guard does, and what becomes of a pin that loses its power."""
        claim = levels.claim(str(self._path))
        levels.drive(claim, high=False)
        os.close(claim)

    def let_go(self):
        """Nothing: the level outlives its owner."""

    @property
    def positions(self):
        """Whether the contact was closed, one after the other."""
        return [level == "1" for level in self._path.read_text()]


class GpiodLine:
    """The line of a chip that a kernel in memory drives."""

    name = "gpiod"

    def __init__(self, folder: Path):
        self._kernel = Kernel(folder, "GPIO4", "GPIO17")
        self._line = self._kernel.lines["GPIO17"]

    def settings(self, **policy):
        return RelaySettings(driver="gpiod", min_off_s=0, **policy)

    def driver(self, settings):
        return GpiodRelay(settings, None, **self._kernel.parts())

    def show(self, descriptor):
        self._kernel.show(descriptor, "GPIO17")

    def open_it(self):
        assert not self._line.is_claimed, "the kernel would say that the line is in use"
        self._line.drive(active=False)

    def let_go(self):
        """Nothing: a Raspberry Pi's kernel keeps the level of an output that is released."""

    @property
    def positions(self):
        return list(self._line.levels)


class StrictGpiodLine(GpiodLine):
    """The same where the kernel makes a released line an input: it must never be released."""

    name = "gpiod, strict"

    def let_go(self):
        if not self._line.is_claimed:
            self.open_it()


class GpiozeroPin:
    """A pin of gpiozero's own mock; a pull-down opens the contact of one that is an input."""

    name = "gpiozero"

    def __init__(self, folder: Path):
        del folder
        self._past = [False]
        self._factory = None

    def settings(self, **policy):
        return RelaySettings(driver="gpiozero", min_off_s=0, **policy)

    def driver(self, settings):
        """Make the driver of a new process: its pin is an input at first, as lgpio has it."""
        self._past = self.positions
        self._factory = MockFactory()
        self._factory.pin("GPIO17")
        return GpiozeroRelay(settings, None, make_factory=lambda: self._factory)

    def show(self, descriptor):
        raise AssertionError(f"gpiozero gives nothing away to be held: {descriptor}")

    def open_it(self):
        self._past = [*self.positions, False]
        self._factory = None

    def let_go(self):
        """Have the pin, once it is an input again, be pulled down."""
        if self._factory is not None and self._factory.pin("GPIO17").function == "input":
            self.open_it()

    @property
    def positions(self):
        if self._factory is None:
            return self._past
        return [*self._past, *(bool(each.state) for each in self._factory.pin("GPIO17").states)]


HARDWARE = (SimulatedLine, GpiodLine, StrictGpiodLine, GpiozeroPin)
