"""What one device does to the store is not to be felt by another."""

import asyncio

from agent.store import Store
from agent.store.contents import Entry
from agent.store.pending import MAX_ENTRIES, Pending


def entry(device, number):
    return Entry(
        device_id=device,
        topic="relay",
        name="on",
        details=f'{{"number": {number}}}',
        wall_time=None,
        boot_id="boot",
        at=1.0,
    )


def test_a_flood_of_rows_makes_room_by_itself():
    pending = Pending()
    for number in range(5):
        assert not pending.add(entry("quiet", number))
    lost = 0
    for number in range(MAX_ENTRIES + 20):
        lost += pending.add(entry("loud", number))["loud"]
    assert lost == 25
    assert [each for each in pending.entries if each.device_id == "quiet"] == [
        entry("quiet", number) for number in range(5)
    ]
    assert pending.entries[5] == entry("loud", 25)


def test_rows_that_are_put_back_make_room_where_most_wait():
    older, newer = Pending(), Pending()
    for number in range(MAX_ENTRIES):
        older.add(entry("loud", number))
    for number in range(10):
        newer.add(entry("quiet", number))
    assert newer.put_back(older) == {"loud": 10}
    assert len(newer.entries) == MAX_ENTRIES


async def test_a_bug_of_one_that_is_told_keeps_nothing_from_the_others(tmp_path):
    told = []

    def broken():
        raise ZeroDivisionError

    async with Store(tmp_path / "state.db") as store:
        loop_errors = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: loop_errors.append(context["exception"])
        )
        store.save("cellar", {}, on_kept=broken)
        store.save("kitchen", {}, on_kept=lambda: told.append("kitchen"))
        assert await store.flush()
        await asyncio.sleep(0)
    assert told == ["kitchen"]
    assert isinstance(loop_errors[0], ZeroDivisionError)
