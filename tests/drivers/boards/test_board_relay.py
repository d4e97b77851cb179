"""What is wanted is carried to the board until it is confirmed."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from agent.drivers.board_relay import DOUBTED_AFTER, Pace, driven
from agent.errors import DriverError
from agent.ports import Confirmed, Line
from tests.integration.process import until

QUICK = Pace(check_s=0.01, again_s=0.0, settle_s=0.2)
CALM = Pace(check_s=60.0, again_s=60.0, settle_s=0.2)


class Contact:
    """A contact of a board that can fail, be slow, be moved by others, and say nothing."""

    line = Line(driver="modbus", address="1 0 9600N /dev/x", active_high=True)

    def __init__(self) -> None:
        self.at = False
        self.commands: list[tuple[bool, bool]] = []
        self.failures = 0
        self.is_mute = False
        self.is_blind = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.came = asyncio.Event()

    async def command(self, *, on: bool, is_urgent: bool) -> None:
        self.commands.append((on, is_urgent))
        self.came.set()
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise DriverError("no answer")
        self.at = on

    async def look(self) -> bool | None:
        if self.is_blind:
            raise DriverError("no answer")
        return None if self.is_mute else self.at


@asynccontextmanager
async def opened(contact, pace=CALM, *, on=False):
    async with driven(contact, pace, on=on) as relay:
        yield relay


async def test_it_stands_where_it_was_opened_and_goes_where_it_is_set():
    contact = Contact()
    async with opened(contact, on=True) as relay:
        assert contact.at
        assert isinstance(relay, Confirmed)
        assert (relay.line, relay.descriptor) == (Contact.line, None)
        relay.set(on=False)
        await until(lambda: not contact.at)
    assert contact.commands == [(True, True), (False, True)]


async def test_the_newest_level_wins_and_what_was_wanted_in_between_is_left_out():
    contact = Contact()
    async with opened(contact) as relay:
        contact.gate.clear()
        relay.set(on=True)
        await until(lambda: len(contact.commands) == 2)
        relay.set(on=False)
        relay.set(on=True)
        relay.set(on=False)
        contact.gate.set()
        assert await relay.settled(5)
    assert [on for on, _ in contact.commands] == [False, True, False]
    assert not contact.at


async def test_a_level_that_was_wanted_for_nothing_leaves_it_settled():
    contact = Contact()
    async with opened(contact) as relay:
        relay.set(on=True)
        relay.set(on=False)
        assert await relay.settled(5)
    assert contact.commands == [(False, True)]


async def test_a_lost_command_is_repeated_at_once_and_nobody_is_told():
    contact, doubts = Contact(), []
    async with opened(contact) as relay:
        relay.on_doubt(lambda: doubts.append(1))
        contact.failures = DOUBTED_AFTER - 1
        relay.set(on=True)
        assert await relay.settled(5)
        relay.set(on=True)
    assert [on for on, _ in contact.commands] == [False, True, True, True]
    assert doubts == []


async def test_what_nothing_confirms_is_told_once_raises_and_is_tried_until_it_is():
    contact, doubts = Contact(), []
    async with opened(contact, QUICK) as relay:
        relay.on_doubt(lambda: doubts.append(1))
        contact.failures = 1_000_000
        relay.set(on=True)
        await until(lambda: doubts and len(contact.commands) > 10)
        with pytest.raises(DriverError, match="no answer"):
            relay.set(on=True)
        contact.failures = 0
        await until(lambda: not relay.is_in_doubt)
        relay.set(on=True)
        assert contact.at
    assert doubts == [1]


async def test_a_dead_board_soon_waits_in_line_and_a_new_level_goes_first_again():
    contact = Contact()
    async with opened(contact, Pace(check_s=60, again_s=60, settle_s=0.1)) as relay:
        contact.failures = 1_000
        relay.set(on=True)
        await until(lambda: len(contact.commands) == 4)
        contact.came.clear()
        with pytest.raises(DriverError):
            relay.set(on=False)
        await until(lambda: len(contact.commands) >= 7)
        contact.failures = 0
    wanted = [(False, True), *[(True, True)] * 3, *[(False, True)] * 3]
    assert contact.commands[:7] == wanted


async def test_after_the_first_tries_a_command_is_not_urgent():
    contact = Contact()
    contact.failures = 6
    async with opened(contact, QUICK, on=True) as relay:
        await until(lambda: not relay.is_in_doubt and contact.at)
    assert [urgent for on, urgent in contact.commands if on] == [True] * 3 + [False] * 4


async def test_a_board_that_cannot_be_reached_is_no_reason_not_to_begin():
    contact = Contact()
    contact.failures = 1_000
    async with opened(contact, QUICK, on=True):
        assert not contact.at
        contact.failures = 0
        await until(lambda: contact.at)


async def test_doubt_that_was_there_before_anybody_listened_is_told_soon():
    contact, doubts = Contact(), []
    contact.failures = 1_000
    async with opened(contact, on=True) as relay:
        relay.on_doubt(lambda: doubts.append(1))
        assert doubts == []
        await until(lambda: doubts == [1])
        contact.failures = 0


async def test_a_contact_that_others_moved_is_put_back_and_told():
    contact = Contact()
    with capture_logs() as logs:
        async with opened(contact, QUICK, on=True):
            contact.at = False
            await until(lambda: contact.at)
    moved = [each for each in logs if each["event"] == "relay.moved"]
    assert [(each["found"], each["wanted"]) for each in moved] == [(False, True)]


@pytest.mark.parametrize("how", ["is_mute", "is_blind"])
def test_where_nothing_is_seen_the_command_is_repeated(how):
    async def play():
        contact = Contact()
        setattr(contact, how, True)
        async with opened(contact, QUICK, on=True):
            contact.at = False
            await until(lambda: contact.at)

    asyncio.run(play())


async def test_the_end_waits_for_the_last_command():
    contact = Contact()
    async with opened(contact, on=True) as relay:
        contact.gate.clear()
        relay.set(on=False)
        asyncio.get_running_loop().call_later(0.05, contact.gate.set)
    assert not contact.at


async def test_an_end_that_nothing_confirms_is_told_loudly_and_in_doubt():
    contact = Contact()
    with capture_logs() as logs:
        async with opened(contact, on=True) as relay:
            contact.failures = 1_000
            relay.set(on=False)
    assert relay.is_in_doubt
    assert [each["log_level"] for each in logs if each["event"] == "relay.unconfirmed"] == [
        "critical"
    ]


async def test_a_bug_in_who_is_told_ends_the_device():
    def bug() -> None:
        raise ZeroDivisionError

    async def play() -> None:
        contact = Contact()
        async with opened(contact, QUICK) as relay:
            relay.on_doubt(bug)
            contact.failures = 1_000
            relay.set(on=True)
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as caught:
        await play()
    assert caught.group_contains(ZeroDivisionError)


async def test_it_is_looked_at_soon_until_it_was_seen_where_it_is_wanted():
    """Commands that only seem to be confirmed: each is found out soon, not at the next check."""

    class Deceiving(Contact):
        lies = 3

        async def command(self, *, on: bool, is_urgent: bool) -> None:
            before = self.at
            await super().command(on=on, is_urgent=is_urgent)
            if self.lies:
                self.lies -= 1
                self.at = before

    contact = Deceiving()
    async with opened(contact, Pace(check_s=60, soon_s=0.01, again_s=0, settle_s=0.2), on=True):
        await until(lambda: contact.at)
    assert [on for on, _ in contact.commands] == [True] * 4


async def test_an_end_before_the_first_answer_is_in_doubt():
    contact = Contact()
    async with opened(contact, on=True) as relay:
        contact.gate.clear()
        relay.set(on=False)
        assert not relay.is_in_doubt
    assert relay.is_in_doubt


async def test_an_opening_that_is_given_up_opens_the_contact():
    contact = Contact()

    async def open_slowly():
        async with opened(contact, Pace(settle_s=5), on=True):
            raise AssertionError("nobody gets it")

    contact.gate.clear()
    opening = asyncio.create_task(open_slowly())
    await contact.came.wait()
    opening.cancel()
    await asyncio.sleep(0)
    contact.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert [on for on, _ in contact.commands] == [True, False]
    assert not contact.at


async def test_an_end_that_is_confirmed_is_not_in_doubt():
    async with opened(Contact(), on=True) as relay:
        relay.set(on=False)
    assert not relay.is_in_doubt
