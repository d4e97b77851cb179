"""Worn generations of the state: the one before is taken, or the loss is said."""

from structlog.testing import capture_logs

from agent.model import Condition
from agent.store import Store
from agent.store.generation import written
from tests.store.spoiling import events, spoil
from tests.stored import contents_of


async def three_saves(path):
    async with Store(path) as store:
        for n in (1, 2, 3):
            store.save("socket-1", {"n": n})
            store.record("socket-1", "energy", str(n), {})
            assert await store.flush()


async def test_a_worn_newest_generation_gives_the_one_before(tmp_path):
    path = tmp_path / "state.db"
    await three_saves(path)
    spoil(path, {3})
    with capture_logs() as logs:
        async with Store(path) as store:
            assert store.load("socket-1") == {"n": 2}
            assert store.condition("socket-1") is Condition.OLDER
            store.save("socket-1", {"n": 4})
    assert events(logs) == ["store.generation_damaged"]
    async with Store(path) as store:
        assert store.load("socket-1") == {"n": 4}
        assert store.condition("socket-1") is Condition.GOOD


async def test_two_worn_generations_are_said_copied_aside_and_written_over(tmp_path):
    path = tmp_path / "state.db"
    await three_saves(path)
    spoil(path, {2, 3})
    with capture_logs() as logs:
        async with Store(path) as store:
            condition = store.condition("socket-1")
            assert condition in (Condition.LOST, Condition.SALVAGED)
            assert (store.load("socket-1") is None) is (condition is Condition.LOST)
            assert len(await store.records("socket-1")) == 3  # the rest of the file is whole
    assert events(logs) == ["store.generation_damaged"]
    assert len(list(tmp_path.glob("*damaged-1"))) == 1
    with capture_logs() as logs:
        async with Store(path) as store:
            store.save("socket-1", {"n": 5})
    assert events(logs) == []
    assert not list(tmp_path.glob("*damaged-2*"))
    contents = contents_of(path)
    assert contents.devices["socket-1"].text == '{"n": 5}'


async def test_an_older_generation_that_lies_about_is_found_when_both_are_worn(tmp_path):
    path = tmp_path / "state.db"
    await three_saves(path)
    spoil(path, {2, 3})
    with path.open("ab") as file:  # a page that SQLite does not use
        file.write(written("socket-1", 1, '{"n": 1}').encode().ljust(4_096, b"\0"))
    with capture_logs():
        async with Store(path) as store:
            assert store.load("socket-1") == {"n": 1}
            assert store.condition("socket-1") is Condition.SALVAGED
    contents = contents_of(path)
    assert contents.devices["socket-1"].text == '{"n": 1}'
    assert contents.devices["socket-1"].sequence == 3
