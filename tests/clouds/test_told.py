"""The account of what was told outlives the process, and what is no account is none."""

import pytest

from agent.clouds.told import Account, Told
from agent.store import Store
from tests.clouds.sums import SlowDisk
from tests.memories import Disk


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "[" * 100_000, '{"until_wh": true, "not_told_wh": -1, "x": 1}', "null"],
)
def test_an_account_that_cannot_be_read_counts_as_none(text):
    disk = SlowDisk(rows={("socket-1 sums", "dev1"): text})
    assert Told("dev1", disk, "socket-1").account == Account()


async def test_an_account_is_not_pushed_out_by_the_requests_of_its_device():
    disk = Disk()
    await Told("dev1", disk, "socket-1").begin(5)
    for number in range(300):
        await disk.remember("socket-1", str(number), None)
    assert Told("dev1", disk, "socket-1").account.until_wh == 5


async def test_a_store_keeps_an_account_over_a_restart(tmp_path):
    async with Store(tmp_path / "state.db") as store:
        told = Told("dev1", store, "socket-1")
        assert await told.begin(5) == 0
        assert await told.begin(7) == 2
    async with Store(tmp_path / "state.db") as store:
        told = Told("dev1", store, "socket-1")
        assert told.account == Account(until_wh=7, not_told_wh=2)
