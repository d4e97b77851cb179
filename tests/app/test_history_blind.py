"""A history that cannot be read at the start: what was used before is counted when it can."""

import asyncio

import pytest

from agent.errors import StoreError
from chaos.virtual import run_virtually
from tests.app.history_stand import MIDNIGHT, Mains, StandClock, process, used_in_all
from tests.app.test_history import ledger
from tests.store.files import FailingFile
from tests.store.history import opened


class BlindFile(FailingFile):
    """A file of which nothing can be read while `is_blind`."""

    is_blind = False

    def work(self, work):
        if self.is_blind:
            raise StoreError("input/output error")
        return super().work(work)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.mark.parametrize("blind_s", [0, 5, 100, 900])
def test_what_was_used_before_a_kill_is_counted_when_the_disk_can_be_read(path, blind_s):
    async def main():
        clock, meter = StandClock(MIDNIGHT + 3_630), Mains()
        async with process(path, meter, clock, is_killed=True) as stand:
            await asyncio.sleep(455)  # between two saves of the state
            stand.store.record("socket-1", "relay", "on", {})
            assert await stand.store.flush()
        file = BlindFile(path)
        file.is_blind = blind_s > 0
        async with process(path, meter, clock, file=file):
            await asyncio.sleep(blind_s)
            file.is_blind = False
            await asyncio.sleep(61)

    run_virtually(main())
    _, state = ledger(path)
    assert 0 <= state["energy"]["total_mj"] - used_in_all(path) < 100_000


def test_a_disk_that_never_says_is_not_asked_for_ever(path):
    async def main():
        file = BlindFile(path)
        file.is_blind = True
        async with process(path, Mains(), StandClock(MIDNIGHT + 3_600), file=file) as stand:
            await asyncio.sleep(1_500)
            assert stand.store.history.is_waiting is False
            assert len(stand.history._watched["socket-1"].over) == 24
            await asyncio.sleep(1_000)
            assert len(stand.history._watched["socket-1"].over) < 24

    run_virtually(main())
    with opened(path) as database:
        (count,) = database.execute("SELECT count(*) FROM minute").fetchone()
    assert count == 42
