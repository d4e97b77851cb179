"""Stands of the relays that are built in: each with the fake of its own hardware."""

import errno
import os
from collections import deque
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gpiozero.pins.mock import MockFactory

from agent import levels
from agent.conformance.drivers.stands import Fault
from agent.drivers.board_relay import Pace
from agent.drivers.gpiod_relay import GpiodRelay
from agent.drivers.gpiozero_relay import GpiozeroRelay
from agent.drivers.modbus_bus import Buses
from agent.drivers.modbus_relay import ModbusRelay
from agent.drivers.simulated.contact import SimulatedRelay
from agent.drivers.simulated.lcus_board import SimulatedLcusBoard
from agent.drivers.simulated.modbus_line import Mishap, SimulatedModbusLine
from agent.drivers.simulated.modbus_slaves import SimulatedCoilBoard
from agent.drivers.usb_board import UsbBoards
from agent.drivers.usb_relay import UsbRelay
from agent.settings.relays import ModbusRelaySettings, RelaySettings, UsbRelaySettings
from tests.drivers.kernel import Kernel

PIN = "GPIO17"
BOARD = 2
PACE = Pace(check_s=0.1, soon_s=0.05, again_s=0.02, settle_s=0.5)


class Proc:
    """What /proc/self shows of a descriptor of this process, whichever it is."""

    def __init__(self, kernel, *folders):
        self._kernel = kernel
        self._folders = folders

    def __truediv__(self, name):
        if not self._folders:
            return Proc(self._kernel, name)
        if self._kernel.lines[PIN].has(int(name)):
            self._kernel.show(int(name), PIN)
        return self._kernel.proc.joinpath(*self._folders, name)


class KernelContact:
    """A line of a kernel in memory."""

    faults = frozenset({Fault.ERROR, Fault.GONE, Fault.BUSY})

    def __init__(self, folder, *, active_high=True):
        self.kernel = Kernel(folder, "other", PIN)
        self.line = self.kernel.lines[PIN]
        self.line.levels[:] = [not active_high]
        self.active_high = active_high
        self._claim = None

    def driver(self):
        settings = RelaySettings(driver="gpiod", pin=PIN, active_high=self.active_high)
        parts = {**self.kernel.parts(), **self.kernel.lines_only(), "proc": Proc(self.kernel)}
        return GpiodRelay(settings, None, **parts)

    def make(self, fault):
        if self._claim is not None:
            os.close(self._claim)
        self._claim, self.kernel.error, self.kernel.refusal = None, None, None
        error = OSError(errno.EIO, os.strerror(errno.EIO))
        match fault:
            case Fault.BUSY:
                self._claim = self.line.request(active=False, active_low=not self.active_high)
            case Fault.GONE:
                self.kernel.unplug()
                self.kernel.error = error
            case Fault.ERROR:
                self.kernel.error = self.kernel.refusal = error

    @property
    def moves(self):
        return [level is self.active_high for level in self.line.levels]

    def is_on(self):
        return self.moves[-1]

    def put(self, *, on):
        self.line.levels.append(on is self.active_high)


class MockContact:
    """A mock pin of gpiozero's."""

    faults = frozenset()

    def __init__(self, factory):
        self.factory = factory
        self.pin = factory.pin(PIN)

    def driver(self):
        return GpiozeroRelay(RelaySettings(pin=PIN), None, make_factory=lambda: self.factory)

    def make(self, fault):
        assert fault is None

    @property
    def moves(self):
        return [each.state for each in self.pin.states]

    def is_on(self):
        return self.pin.state

    def put(self, *, on):
        self.pin.output_with_state(on)


class FileContact:
    """A state file in the place of a line."""

    faults = frozenset({Fault.ERROR, Fault.GONE, Fault.BUSY})

    def __init__(self, folder):
        self.path = Path(folder) / "there" / "contact"
        self.away = Path(folder) / "away"
        self.path.parent.mkdir()
        self._drivers = []
        self._fails = False
        self._claim = None

    def driver(self):
        made = SimulatedRelay(RelaySettings(driver="simulated", state_file=str(self.path)))
        made.fails = self._fails
        self._drivers.append(made)
        return made

    def make(self, fault):
        if self._claim is not None:
            os.close(self._claim)
        self._claim = levels.claim(str(self.path)) if fault is Fault.BUSY else None
        if self.away.exists():
            self.away.rename(self.path.parent)
        if fault is Fault.GONE:
            self.path.parent.rename(self.away)
        self._fails = fault in {Fault.ERROR, Fault.GONE}
        for each in self._drivers:
            each.fails = self._fails

    @property
    def moves(self):
        return [each == "1" for each in self._text()]

    def is_on(self):
        return self._text()[-1:] == "1"

    def put(self, *, on):
        if self.is_on() is not on:
            with self.path.open("a") as file:
                file.write("1" if on else "0")

    def _text(self):
        return self.path.read_text() if self.path.exists() else ""


class Coil:
    """A coil of a board on a Modbus line, over TCP."""

    faults = frozenset({Fault.ERROR, Fault.SILENT})

    def __init__(self, line, board):
        self.line, self.board = line, board
        self.moves = [False]
        board.on_move = lambda _coil, on: self.moves.append(on)
        self._buses = Buses()

    def driver(self):
        settings = ModbusRelaySettings(
            driver="modbus", port=self.line.port, address=BOARD, timeout_s=0.1
        )
        return ModbusRelay(settings, buses=self._buses, pace=PACE)

    def make(self, fault):
        refusals = [Mishap.EXCEPTION] * 1000 if fault is Fault.ERROR else []
        self.line.mishaps[BOARD] = deque(refusals)
        self.line.silent = {BOARD} if fault is Fault.SILENT else set()

    def is_on(self):
        return self.board.coils[0]

    def put(self, *, on):
        self.board.coils[0] = on
        self.moves.append(on)


class Channel:
    """A channel of a USB board, on a pseudo-terminal."""

    faults = frozenset({Fault.SILENT})

    def __init__(self, board):
        self.board = board
        self.moves = [False]
        board.on_move = lambda _channel, on: self.moves.append(on)
        self._boards = UsbBoards()

    def driver(self):
        settings = UsbRelaySettings(
            driver="usb_serial", port=self.board.port, protocol="lcus_status", timeout_s=0.1
        )
        return UsbRelay(settings, boards=self._boards, pace=PACE)

    def make(self, fault):
        self.board.deaf = fault is Fault.SILENT

    def is_on(self):
        return self.board.contacts[0]

    def put(self, *, on):
        self.board.contacts[0] = on
        self.moves.append(on)


@asynccontextmanager
async def coil():
    board = SimulatedCoilBoard(1)
    async with SimulatedModbusLine({BOARD: board}, kind="tcp") as line:
        yield Coil(line, board)


@asynccontextmanager
async def channel():
    async with SimulatedLcusBoard(1) as board:
        yield Channel(board)


@asynccontextmanager
async def kernel_contact(**kwargs):
    with TemporaryDirectory() as folder:
        yield KernelContact(folder, **kwargs)


@asynccontextmanager
async def mock_contact():
    factory = MockFactory()
    yield MockContact(factory)
    factory.reset()


@asynccontextmanager
async def file_contact():
    with TemporaryDirectory() as folder:
        yield FileContact(folder)
