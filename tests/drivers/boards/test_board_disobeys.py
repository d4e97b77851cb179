"""A contact whose board confirms what it does not do."""

import pytest
from structlog.testing import capture_logs

from agent.drivers.board_relay import DOUBTED_AFTER, Pace
from agent.errors import DriverError
from tests.drivers.boards.test_board_relay import Contact, opened
from tests.integration.process import until


class Stuck(Contact):
    """It confirms every command, and moves while nothing holds it."""

    is_stuck = True

    async def command(self, *, on: bool, is_urgent: bool) -> None:
        before = self.at
        await super().command(on=on, is_urgent=is_urgent)
        if self.is_stuck:
            self.at = before


async def test_a_contact_that_is_confirmed_and_does_not_obey_is_told_once_until_it_does():
    contact, doubts = Stuck(), []
    with capture_logs() as logs:
        async with opened(contact, Pace(check_s=60, soon_s=0.001, settle_s=0.2)) as relay:
            relay.on_doubt(lambda: doubts.append(len(contact.commands)))
            relay.set(on=True)
            await until(lambda: doubts)
            await until(lambda: len(contact.commands) > doubts[0] + 5)
            with pytest.raises(DriverError, match="does not obey"):
                relay.set(on=True)
            contact.is_stuck = False
            await until(lambda: not relay.is_in_doubt)
            assert contact.at
    assert doubts == [1 + DOUBTED_AFTER]
    warned = [each for each in logs if each["log_level"] == "warning"]
    assert [each["event"] for each in warned] == ["relay.moved"]


async def test_an_end_at_a_contact_that_does_not_obey_is_in_doubt():
    contact = Stuck()
    contact.at = True
    async with opened(contact, Pace(check_s=60, soon_s=0.001, settle_s=0.2)) as relay:
        await until(lambda: relay.is_in_doubt)
    assert relay.is_in_doubt


@pytest.mark.parametrize("is_blind", [False, True])
async def test_an_end_looks_whether_the_last_command_was_obeyed(is_blind):
    """The echo of an older command can pass for that of the last one, which was lost."""
    contact = Stuck()
    contact.at = True
    async with opened(contact, Pace(check_s=60, soon_s=60, settle_s=5), on=True) as relay:
        relay.set(on=False)
        await until(lambda: len(contact.commands) == 2)
        contact.is_stuck = False
        contact.is_blind = is_blind
    assert not contact.at
    assert not relay.is_in_doubt
    assert [on for on, _ in contact.commands] == [True, False, False]
