"""Who is told that a save is on the disk, what a commit costs, and who is held up by it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.store import Store
from agent.store.usage import Usage, bytes_written
from agent.store.writer import Writer
from tests.store.files import ByHand, FailingFile, SlowFile


async def test_of_the_saves_of_a_device_the_newest_who_asked_is_told_when_it_is_on_the_disk(
    tmp_path,
):
    told = []
    file = FailingFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.is_failing = True
        with capture_logs():
            store.save("socket-1", {"n": 1}, on_kept=lambda: told.append(1))
            assert not await store.flush()
            store.save("socket-1", {"n": 2}, on_kept=lambda: told.append(2))
            store.save("socket-1", {"n": 3})
            assert not await store.flush()
            assert told == []
            file.is_failing = False
            assert await store.flush()
        assert told == [2]
        store.save("socket-1", {"n": 4})
        assert await store.flush()
        assert told == [2]


async def test_a_save_during_a_slow_commit_is_told_with_its_own_commit(tmp_path):
    told = []
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.go.clear()
        store.save("socket-1", {"n": 1}, on_kept=lambda: told.append(1))
        await asyncio.to_thread(file.begun.wait, 10)
        turns = 0
        for n in range(100):  # the loop goes on turning
            store.save("socket-1", {"n": n}, on_kept=lambda: told.append(2))
            assert len(store._writer.pending.callbacks) == 1
            await asyncio.sleep(0)
            turns += 1
        assert (turns, told) == (100, [])
        file.go.set()
        assert await store.flush()
        assert told == [1, 2]
        assert store.describe()["commits"] == 2


async def test_what_is_written_is_counted_by_its_cause(tmp_path):
    stamp = ByHand()
    async with Store(tmp_path / "s.db", stamp=stamp) as store:
        opened = store.describe()["written_bytes"]
        assert opened.keys() == {"open"}
        assert opened["open"] > 4_096
        store.save("socket-1", {"n": 1}, cause="energy")
        assert await store.flush()
        store.save("socket-1", {"n": 2})
        store.record("socket-1", "protection", "trip", {})
        assert await store.flush()
        assert await store.remember("socket-1", "k", None)
        stamp.now += 7_200
        told = store.describe()
    by_cause, per_day = told["written_bytes"], told["written_bytes_per_day"]
    assert by_cause.keys() == {"open", "energy", "state", "protection", "requests"}
    assert all(count > 2_000 for count in by_cause.values())
    assert abs(by_cause["state"] - by_cause["protection"]) <= 1
    assert per_day == {cause: count * 12 for cause, count in by_cause.items()}
    assert told["file"] == str(tmp_path / "s.db")
    assert (told["failures"], told["lost_records"], told["is_failing"]) == (0, 0, False)


async def test_where_nobody_counts_the_length_of_what_is_written_stands_in():
    with ThreadPoolExecutor(1) as thread:
        writer = Writer(thread, lambda _: None, now=lambda: 0.0, retry_s=9, count=lambda: None)
        writer.pending.saved["socket-1"] = {"n": "x" * 90}
        writer.pending.requests["socket-1", "k"] = "y" * 50
        writer.soon("state")
        assert await writer.flush()
    assert writer.usage.by_cause == {"state": len('{"n": ""}') + 90 + 50}


def test_bytes_of_this_thread_are_counted_where_the_kernel_does(tmp_path):
    before = bytes_written()
    (tmp_path / "x").write_bytes(b"x" * 5_000)
    after = bytes_written()
    assert before is not None
    assert after is not None
    assert after - before == 5_000
    assert bytes_written(tmp_path / "missing") is None
    (tmp_path / "io").write_text("rchar: 5\n")
    assert bytes_written(tmp_path / "io") is None


@given(st.lists(st.text(max_size=3), min_size=1, max_size=5, unique=True), st.integers(0, 10**6))
def test_no_byte_is_lost_between_causes_and_none_pays_more_than_its_share(causes, count):
    usage = Usage(0.0)
    usage.add(causes, count)
    shares = list(usage.by_cause.values())
    assert sum(shares) == count
    assert max(shares) - min(shares) <= 1


def test_a_first_hour_is_not_taken_for_a_day_of_starts():
    usage = Usage(50.0)
    usage.add(["a"], 1_000)
    assert usage.per_day(51.0) == {"a": 24_000}
    assert usage.per_day(50.0 + 86_400) == {"a": 1_000}
