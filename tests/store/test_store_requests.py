"""Requests and attempts are remembered on the disk, and whoever must know is told."""

import asyncio

from structlog.testing import capture_logs

from agent.memory import Attempt
from agent.store import Store
from agent.store.contents import ATTEMPTS_KEPT, REQUESTS_KEPT
from agent.store.pending import Pending
from tests.store.files import FailingFile, SlowFile

FIVE = Attempt(boot_id="b1", at=5.0)


async def test_a_request_is_remembered_across_a_restart_with_its_answer(tmp_path):
    async with Store(tmp_path / "s.db") as store:
        assert await store.remember("socket-1", "tencent/toggle/1", None)
        assert await store.remember("socket-1", "k\ud8002", '{"code": 0}')
        assert await store.remember("socket-2", "other", "{}")
        assert await store.remember("socket-1", "tencent/toggle/1", '{"polycloud:1:": 1}')
        expected = (("k\ud8002", '{"code": 0}'), ("tencent/toggle/1", '{"polycloud:1:": 1}'))
        assert store.remembered("socket-1") == expected
        assert store.remembered("socket-3") == ()
    async with Store(tmp_path / "s.db") as store:
        assert store.remembered("socket-1") == expected
        assert store.remembered("socket-2") == (("other", "{}"),)


async def test_the_newest_requests_of_a_device_are_kept(tmp_path):
    async with Store(tmp_path / "s.db") as store:
        assert await store.remember("socket-2", "x", None)
        for n in range(REQUESTS_KEPT + 10):
            assert await store.remember("socket-1", str(n), None)
        expected = [(str(n), None) for n in range(10, REQUESTS_KEPT + 10)]
        assert list(store.remembered("socket-1")) == expected
    async with Store(tmp_path / "s.db") as store:
        assert list(store.remembered("socket-1")) == expected
        assert store.remembered("socket-2") == (("x", None),)


async def test_a_disk_that_takes_nothing_says_so_and_gets_it_later(tmp_path):
    file = FailingFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.is_failing = True
        with capture_logs():
            assert not await store.remember("socket-1", "k", None)
            assert not await store.note_attempt("tencent/a", FIVE)
            assert store.remembered("socket-1") == (("k", None),)
            assert store.last_attempt("tencent/a") == FIVE
            file.is_failing = False
            assert await store.remember("socket-1", "l", None)
    async with Store(tmp_path / "s.db") as store:
        assert store.remembered("socket-1") == (("k", None), ("l", None))
        assert store.last_attempt("tencent/a") == FIVE


async def test_a_slow_disk_is_not_waited_for_longer_than_agreed(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file, patience_s=0.01) as store:
        file.go.clear()
        assert not await store.remember("socket-1", "k", None)
        assert not await store.remember("socket-1", "l", None)
        file.go.set()
        assert await store.flush()
    async with Store(tmp_path / "s.db") as store:
        assert store.remembered("socket-1") == (("k", None), ("l", None))


async def test_whoever_changed_something_is_told_when_all_of_it_is_on_the_disk(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        assert await store.kept()  # there is nothing to wait for
        commits = store.describe()["commits"]
        store.record("socket-1", "schedule", "added", {"name": "night"})
        assert await store.kept()
        assert store.describe()["commits"] == commits + 1


async def test_a_write_that_is_under_way_already_is_waited_for(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.go.clear()
        store.record("socket-1", "schedule", "added", {"name": "night"})
        store._writer._write_now()
        assert not store._writer.pending
        asking = asyncio.create_task(store.kept())
        await asyncio.to_thread(file.begun.wait)
        assert not asking.done()
        file.go.set()
        assert await asking


async def test_a_write_that_is_under_way_and_fails_is_told(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.go.clear()
        store.record("socket-1", "schedule", "added", {"name": "night"})
        store._writer._write_now()
        asking = asyncio.create_task(store.kept())
        await asyncio.sleep(0)
        file.is_failing = True
        file.go.set()
        with capture_logs():
            assert not await asking
        file.is_failing = False


async def test_the_last_attempt_of_an_identity_is_kept_with_its_boot_and_streak(tmp_path):
    seven = Attempt(boot_id="b2", at=7.25, streak='{"failures": 3}')
    async with Store(tmp_path / "s.db") as store:
        assert store.last_attempt("tencent/a") is None
        assert await store.note_attempt("tencent/a", FIVE)
        assert await store.note_attempt("tencent/a", seven)
        assert await store.note_attempt("tencent/b", FIVE)
    async with Store(tmp_path / "s.db") as store:
        assert store.last_attempt("tencent/a") == seven
        assert store.last_attempt("tencent/b") == FIVE
        assert store.last_attempt("tencent/c") is None


async def test_the_identities_that_tried_last_are_kept(tmp_path):
    async with Store(tmp_path / "s.db", patience_s=60) as store:
        for n in range(ATTEMPTS_KEPT + 2):
            store._writer.pending.attempt(str(n), Attempt(boot_id="b1", at=n))
        assert await store.note_attempt(str(n + 1), Attempt(boot_id="b1", at=n + 1))
    async with Store(tmp_path / "s.db") as store:
        known = [n for n in range(ATTEMPTS_KEPT + 3) if store.last_attempt(str(n)) is not None]
    assert known == list(range(3, ATTEMPTS_KEPT + 3))


async def test_no_more_wait_for_a_disk_that_does_not_answer_than_are_kept(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file, patience_s=0) as store:
        file.go.clear()
        assert not await store.remember("socket-2", "under way", None)
        assert not await store.remember("socket-2", "a", None)
        for n in range(REQUESTS_KEPT + 10):
            assert not await store.remember("socket-1", str(n), None)
        for n in range(ATTEMPTS_KEPT + 3):
            store._writer.pending.attempt(str(n), Attempt(boot_id="b1", at=n))
        pending = store._writer.pending
        newest = [("socket-1", str(n)) for n in range(10, REQUESTS_KEPT + 10)]
        assert list(pending.requests) == [("socket-2", "a"), *newest]
        assert len(pending.attempts) == ATTEMPTS_KEPT
        assert len(pending.waiters) <= 2
        file.go.set()
        assert await store.flush()


def test_what_is_put_back_under_what_waits_is_bounded_too():
    older, newer = Pending(), Pending()
    for n in range(REQUESTS_KEPT):
        older.remember("socket-1", f"old {n}", None)
        newer.remember("socket-1", f"new {n}", None)
    newer.remember("socket-1", "new 0", "{}")
    newer.put_back(older)
    expected = [*(f"new {n}" for n in range(1, REQUESTS_KEPT)), "new 0"]
    assert [key for _, key in newer.requests] == expected
