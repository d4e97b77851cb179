"""The stop guard opens contacts of boards too, in a process of its own."""

import asyncio
import os
import subprocess
import sys

import pytest

from agent.board_ways import lcus_address, modbus_address
from agent.drivers.simulated.lcus_board import SimulatedLcusBoard
from agent.drivers.simulated.modbus_line import Mishap, SimulatedModbusLine
from agent.drivers.simulated.modbus_slaves import SimulatedCoilBoard
from agent.lines import write_lines
from tests.guarded import KILLED, driven, guard


async def guarded(folder, *lines):
    write_lines(folder / "lines.jsonl", lines)
    return await asyncio.to_thread(guard, folder, KILLED)


def coil(bus, number, **more):
    address = modbus_address(bus.port, "9600N", 2, number)
    return driven(address, driver="modbus", **more)


def channel(board, number, protocol="lcus_status", **more):
    return driven(lcus_address(board.port, protocol, number), driver="usb_serial", **more)


@pytest.mark.parametrize("kind", ["pty", "rtu", "tcp"])
async def test_coils_are_opened(tmp_path, kind):
    board = SimulatedCoilBoard(4)
    board.coils = [True, True, False, True]
    async with SimulatedModbusLine({2: board}, kind=kind) as bus:
        done = await guarded(tmp_path, coil(bus, 0), coil(bus, 2, active_high=False))
    assert (done.returncode, board.coils) == (0, [False, True, True, True]), done.stderr


@pytest.mark.parametrize("mishap", [each for each in Mishap if each is not Mishap.EXCEPTION])
async def test_a_mishap_keeps_no_coil_closed(tmp_path, mishap):
    board = SimulatedCoilBoard(1)
    board.coils = [True]
    async with SimulatedModbusLine({2: board}, late_s=0.3) as bus:
        bus.mishaps[2].append(mishap)
        done = await guarded(tmp_path, coil(bus, 0))
    assert (done.returncode, board.coils) == (0, [False]), done.stderr


async def test_a_board_that_is_silent_is_told(tmp_path):
    board = SimulatedCoilBoard(1)
    async with SimulatedModbusLine({2: board}) as bus:
        bus.silent.add(2)
        done = await guarded(tmp_path, coil(bus, 0))
    assert done.returncode == 1
    assert "NOT OPENED, unplug it" in done.stderr
    assert "no answer of address 2 to 3 commands" in done.stderr


async def test_a_board_that_is_silent_keeps_nothing_else_waiting(tmp_path):
    board, other = SimulatedCoilBoard(8), SimulatedCoilBoard(1)
    other.coils = [True]
    pin = tmp_path / "pin"
    pin.write_text("1")
    async with (
        SimulatedModbusLine({2: board}) as bus,
        SimulatedModbusLine({2: other}) as healthy,
    ):
        bus.silent.add(2)
        silent = [coil(bus, number) for number in range(3)]
        done = await guarded(tmp_path, *silent, coil(healthy, 0), driven(str(pin)))
    assert (pin.read_text(), other.coils) == ("10", [False])
    told = [text for text in done.stderr.splitlines() if "pened" in text or "OPENED" in text]
    assert ["NOT OPENED" in text for text in told] == [False, True, False, True, True]


@pytest.mark.parametrize(("answers", "protocol"), [("text", "lcus_status"), ("", "lcus")])
async def test_channels_are_opened(tmp_path, answers, protocol):
    async with SimulatedLcusBoard(answers=answers) as board:
        board.contacts = [True, True, False, True]
        lines = channel(board, 2, protocol), channel(board, 3, protocol, active_high=False)
        done = await guarded(tmp_path, *lines)
    assert (done.returncode, board.contacts) == (0, [True, False, True, True]), done.stderr


async def test_a_channel_that_does_not_obey_is_told(tmp_path):
    async with SimulatedLcusBoard() as board:
        board.contacts[0] = True
        board.stuck.add(1)
        done = await guarded(tmp_path, channel(board, 1))
    assert (done.returncode, "does not say that it obeyed" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("driver", "address"),
    [
        ("modbus", "1 0 9600N /dev/tty-not-there"),
        ("modbus", "1 0 9600N 127.0.0.1:1"),
        ("modbus", "1 0 9600N nonsense"),
        ("modbus", "1 0 9600N /dev/null"),
        ("modbus", "300 0 9600N 127.0.0.1:1"),
        ("modbus", "1"),
        ("modbus", ""),
        ("usb_serial", "x lcus /dev/null"),
        ("usb_serial", "1 lcus /dev/tty-not-there"),
        ("usb_serial", "1"),
    ],
)
async def test_what_cannot_be_reached_is_told(tmp_path, driver, address):
    done = await guarded(tmp_path, driven(address, driver=driver))
    assert (done.returncode, done.stderr.count("NOT OPENED")) == (1, 1), done.stderr
    assert "Traceback" not in done.stderr


def test_the_ways_of_boards_import_nothing_heavy():
    script = (
        "import sys; import agent.board_ways; heavy = ('asyncio', 'socket', 'pymodbus', 'serial',"
        " 'serialx', 'structlog', 'pydantic', 'dataclasses')\n"
        "print(*[m for m in heavy if m in sys.modules])"
    )
    command = [sys.executable, "-I", "-c", script]
    bare = {"PATH": os.environ["PATH"]}  # without what measures coverage
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=bare)
    assert done.stdout == "\n"
