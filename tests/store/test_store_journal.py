"""The journal: what happened, in order, stamped when it happened, as much as is kept."""

import asyncio
import sqlite3
from contextlib import closing

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.store import Store
from agent.store.contents import Changes, Entry
from agent.store.pending import MAX_ENTRIES
from agent.store.statefile import StateFile
from agent.store.tables import Pruning, Query
from tests.store.files import ByHand, FailingFile, SlowFile


async def names(store, device="socket-1", **query):
    return [row.name for row in await store.records(device, **query)]


def counted(path, table):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


async def test_a_record_is_stamped_when_it_is_made_and_read_back_as_it_was(tmp_path):
    stamp = ByHand()
    async with Store(tmp_path / "s.db", stamp=stamp, boot_id="b1") as store:
        store.record("socket-1", "energy", "gap", {"credited_mj": 5, "why": "polycloud:1:x"})
        stamp.wall_time, stamp.now = None, 101.0
        store.record("socket-1", "protection", "trip", {})
        store.record("socket-2", "protection", "trip", {})
        assert await store.flush()
        first, second = await store.records("socket-1")
    assert (first.name, first.wall_time, first.at) == ("gap", 1_700_000_000.0, 100.0)
    assert first.details == {"credited_mj": 5, "why": "polycloud:1:x"}
    assert (second.name, second.wall_time, second.at) == ("trip", None, 101.0)
    assert (second.topic, second.boot_id, second.number) == ("protection", "b1", 2)


async def test_rows_are_chosen_by_topic_time_and_number_the_newest_of_them_oldest_first(tmp_path):
    stamp = ByHand()
    async with Store(tmp_path / "s.db", stamp=stamp) as store:
        for n in range(6):
            stamp.wall_time = 1_000.0 + n
            store.record("socket-1", "ab"[n % 2], str(n), {})
            if n < 4:
                assert await store.flush()
        stamp.wall_time = None
        store.record("socket-1", "a", "undated", {})
        assert await names(store) == ["0", "1", "2", "3", "4", "5", "undated"]
        assert await names(store, topics={"b"}) == ["1", "3", "5"]
        assert await names(store, limit=3) == ["4", "5", "undated"]
        assert await names(store, since=1_001, until=1_004) == ["1", "2", "3", "4"]
        assert await names(store, since=1_003) == ["3", "4", "5"]
        assert await names(store, until=1_000) == ["0"]
        assert await names(store, topics=["a", "b"], limit=0) == []
        assert await names(store, device="socket-2") == []


async def test_a_record_and_a_save_of_one_turn_are_in_one_commit(tmp_path):
    path = tmp_path / "s.db"
    async with Store(path) as store:
        store.save("socket-1", {"total": 1})
        store.record("socket-1", "energy", "saved", {})
        assert await store.flush()
        assert store.describe()["commits"] == 1


async def test_what_waits_for_a_slow_disk_is_read_once_and_in_order(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        store.record("socket-1", "a", "written", {})
        assert await store.flush()
        file.go.clear()
        file.begun.clear()
        store.record("socket-1", "a", "under way", {})
        await asyncio.to_thread(file.begun.wait, 10)
        store.record("socket-1", "a", "waiting", {})
        reading = asyncio.create_task(names(store))
        await asyncio.sleep(0)
        file.go.set()
        assert await reading == ["written", "under way", "waiting"]
        assert await store.flush()
        assert await names(store) == ["written", "under way", "waiting"]


async def test_while_the_disk_takes_nothing_the_newest_wait_and_the_others_are_counted(tmp_path):
    file = FailingFile(tmp_path / "s.db")
    file.is_failing = True
    async with Store(tmp_path / "s.db", file=file) as store:
        with capture_logs() as logs:
            store.record("socket-2", "a", "quiet", {})
            for n in range(MAX_ENTRIES - 1):
                store.record("socket-1", "a", str(n), {})
            assert not await store.flush()
            for n in range(MAX_ENTRIES - 1, MAX_ENTRIES + 5):
                store.record("socket-1", "a", str(n), {})
            assert not await store.flush()
            assert store.describe()["lost_records"] == 6
            assert await names(store, limit=2) == ["1003", "1004"]
            file.is_failing = False
            assert await store.flush()
        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
            "store.failed",
            "journal.lost",
            "store.recovered",
        ]
        assert (logs[-1]["lost_rows"], store.describe()["lost_records"]) == (6, 6)
        found = await names(store, topics=["a"], limit=2_000)
        (told,) = await store.records("socket-1", topics=["energy"])
        assert await names(store, "socket-2") == ["quiet"]
    assert found == [str(n) for n in range(6, MAX_ENTRIES + 5)]
    assert (told.name, told.details) == ("journal_lost", {"rows": 6})


async def test_what_could_not_be_written_stays_before_what_came_meanwhile(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.go.clear()
        file.is_failing = True
        for n in range(2):
            store.record("socket-1", "a", str(n), {})
        await asyncio.to_thread(file.begun.wait, 10)
        for n in range(2, 4):
            store.record("socket-1", "a", str(n), {})
        with capture_logs():
            file.go.set()
            assert not await store.flush()
            file.is_failing = False
            assert await store.flush()
        assert await names(store) == ["0", "1", "2", "3"]


async def test_a_topic_keeps_its_newest_rows_and_a_little_more(tmp_path):
    path = tmp_path / "s.db"
    async with Store(path) as store:
        for n in range(2_300):
            store.record("socket-1", "a", str(n), {})
            store.record("socket-1", "energy", str(n), {})
            if n % 400 == 399:
                assert await store.flush()
        assert await store.flush()
        assert store.describe()["lost_records"] == 0
        kept = await names(store, topics={"a"}, limit=5_000)
        assert 2_000 <= len(kept) <= 2_100
        assert kept[-1] == "2299"
        assert len(await names(store, topics={"energy"}, limit=5_000)) == 2_300


def entry(topic="a", device="socket-1"):
    return Entry(
        device_id=device, topic=topic, name="", wall_time=None, boot_id="", at=0, details="{}"
    )


def test_pruning_is_due_at_first_and_then_every_twentieth_part():
    pruning = Pruning()
    due = [list(pruning.due([entry()])) for _ in range(202)]
    assert [n for n, each in enumerate(due) if each] == [0, 100, 200]
    assert due[0] == [("socket-1", "a", 2_000)]
    assert list(pruning.due([entry("energy"), entry("energy", "b")])) == [
        ("socket-1", "energy", 10_000),
        ("b", "energy", 10_000),
    ]


async def test_a_row_whose_bits_are_worn_is_left_out(tmp_path):
    path = tmp_path / "s.db"
    async with Store(path) as store:
        for name in "abc":
            store.record("socket-1", "a", name, {})
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE record SET details = x'ff7b' WHERE name = 'b'")
    async with Store(path) as store:
        assert await names(store) == ["a", "c"]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.integers(0, 9)), max_size=12))
def test_what_waits_is_chosen_as_what_is_written(tmp_path_factory, made):
    path = tmp_path_factory.mktemp("journal") / "s.db"
    entries = [
        Entry(
            device_id="socket-1",
            topic=topic,
            name=str(n),
            wall_time=None if at is None else float(at),
            boot_id="",
            at=0.0,
            details="{}",
        )
        for n, (topic, at) in enumerate(made)
    ]
    file = StateFile(path)
    file.open()
    file.write(Changes(entries=entries))
    for query in (
        Query(device_id="socket-1", topics=("a",)),
        Query(device_id="socket-1", since=3, until=6),
        Query(device_id="socket-1", until=0),
        Query(device_id="socket-2"),
    ):
        written = [row.name for row in file.records(query)]
        assert written == [each.name for each in entries if query.fits(each)]
    file.close()
