"""USB relay boards over a real pseudo-terminal."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.drivers.board_relay import Pace
from agent.drivers.simulated.lcus_board import SimulatedLcusBoard
from agent.drivers.usb_board import BOARDS, UsbBoards
from agent.drivers.usb_relay import UsbRelay
from agent.errors import DriverError
from agent.settings.relays import UsbRelaySettings
from tests.integration.process import until

PACE = Pace(check_s=60.0, soon_s=60.0, again_s=0.02, settle_s=2.0)


def relay_of(board, boards=None, *, channel=1, protocol="lcus_status", pace=PACE, **more):
    settings = UsbRelaySettings(
        driver="usb_serial",
        port=board if isinstance(board, str) else board.port,
        channel=channel,
        protocol=protocol,
        timeout_s=0.2,
        **more,
    )
    return UsbRelay(settings, boards=boards or UsbBoards(), pace=pace)


@pytest.mark.parametrize("answers", ["text", "bytes"])
async def test_a_channel_stands_where_it_is_set_and_says_so(answers):
    async with SimulatedLcusBoard(answers=answers) as board:
        driver = relay_of(board, channel=3)
        assert driver.probe(3) is None
        async with driver.open(on=True) as relay:
            assert board.contacts == [False, False, True, False]
            relay.set(on=False)
            assert await relay.settled(5)
            relay.set(on=False)
        assert not any(board.contacts)


async def test_a_board_that_answers_nothing_is_believed():
    async with (
        SimulatedLcusBoard(1, answers="") as board,
        relay_of(board, protocol="lcus").open(on=False) as relay,
    ):
        relay.set(on=True)
        await until(lambda: board.contacts[0])
        assert await relay.settled(5)


async def test_a_board_that_answers_nothing_is_told_again():
    pace = Pace(check_s=0.05, soon_s=0.05, again_s=0.02, settle_s=2)
    async with (
        SimulatedLcusBoard(1, answers="") as board,
        relay_of(board, protocol="lcus", pace=pace).open(on=True),
    ):
        board.contacts[0] = False  # it has lost its power for a moment
        await until(lambda: board.contacts[0])


async def test_a_channel_that_does_not_move_is_told():
    doubts = []
    async with SimulatedLcusBoard() as board, relay_of(board).open(on=False) as relay:
        relay.on_doubt(lambda: doubts.append(1))
        board.stuck.add(1)
        relay.set(on=True)
        await until(lambda: doubts)
        with pytest.raises(DriverError, match="channel 1 does not obey"):
            relay.set(on=True)
        board.stuck.clear()
        await until(lambda: board.contacts[0])
        await until(lambda: not relay.is_in_doubt)
        relay.set(on=True)


async def test_a_board_that_does_not_answer_is_told():
    doubts = []
    async with SimulatedLcusBoard() as board, relay_of(board).open(on=False) as relay:
        relay.on_doubt(lambda: doubts.append(1))
        board.deaf = True
        relay.set(on=True)
        await until(lambda: doubts)
        with pytest.raises(DriverError, match="no answer tells where channel 1 stands"):
            relay.set(on=True)
        board.deaf = False


async def test_a_channel_that_moved_by_itself_is_put_back():
    pace = Pace(check_s=0.05, soon_s=0.05, again_s=0.02, settle_s=2)
    async with SimulatedLcusBoard() as board, relay_of(board, pace=pace).open(on=True):
        board.contacts[0] = False
        await until(lambda: board.contacts[0])


async def test_channels_of_one_board_share_its_port():
    boards = UsbBoards()
    async with (
        SimulatedLcusBoard() as board,
        relay_of(board, boards, channel=1).open(on=True),
        relay_of(board, boards, channel=2, inverted=True).open(on=True) as second,
    ):
        assert board.contacts == [True, False, False, False]
        assert second.line.active_high is False
        second.set(on=False)
        await until(lambda: board.contacts[1])
    assert BOARDS.of("/dev/ttyUSB9") is not boards.of("/dev/ttyUSB9")


@pytest.mark.parametrize("protocol", ["lcus", "lcus_status"])
async def test_a_pulled_plug_is_told(protocol):
    doubts = []
    async with (
        SimulatedLcusBoard() as board,
        relay_of(board, protocol=protocol).open(on=False) as r,
    ):
        r.on_doubt(lambda: doubts.append(1))
        board.line.unplug()
        r.set(on=True)
        await until(lambda: doubts)
        with pytest.raises(DriverError, match=r"/dev/pts/\d+"):
            r.set(on=True)


async def test_a_port_that_is_not_there_is_no_reason_not_to_begin():
    async with relay_of("/dev/tty-not-there").open(on=False) as relay:
        with pytest.raises(DriverError, match="/dev/tty-not-there"):
            relay.set(on=False)


@settings(max_examples=10)
@given(st.lists(st.binary(max_size=12), max_size=6))
def test_the_simulated_board_bears_any_bytes(pieces):
    async def play():
        async with SimulatedLcusBoard() as board:
            for piece in pieces:
                board._hear(piece)
            board._hear(b"\x00" * 4 + bytes.fromhex("a00101a2"))
            assert board.contacts[0]

    asyncio.run(play())
