"""The store on a disk that does not take what it is given."""

import asyncio
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from agent.errors import StoreError
from agent.model import StartCause
from agent.store import Store
from agent.store.contents import Contents
from agent.store.statefile import StateFile
from agent.store.store import CLOSE_TIMEOUT_S
from tests.integration.config import DeviceFile
from tests.integration.test_parts import serving
from tests.store.files import SlowFile
from tests.stored import contents_of, kept


async def test_a_folder_that_cannot_be_written_is_said_once_and_tried_again(tmp_path):
    (tmp_path / "state").write_text("in the way")
    with capture_logs() as logs:
        async with Store(tmp_path / "state" / "agent.sqlite", retry_s=0.01) as store:
            assert await store.begin_run("b1", "1") is StartCause.FIRST
            store.save("socket-1", {"n": 1})
            assert not await store.flush()
            (tmp_path / "state").unlink()
            store.save("socket-1", {"n": 2})
            async with asyncio.timeout(5):
                while not await store.flush():
                    pass
            assert store.failures >= 2
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == ["store.failed", "store.recovered"]
    assert await kept(tmp_path / "state" / "agent.sqlite") == {"n": 2}


async def test_a_write_that_fails_late_never_overlays_a_newer_save(tmp_path):
    (tmp_path / "state").write_text("in the way")
    with capture_logs():
        async with Store(tmp_path / "state" / "agent.sqlite") as store:
            store.save("socket-1", {"n": 1})  # under way now
            store.save("socket-1", {"n": 2})
            assert not await store.flush()
            (tmp_path / "state").unlink()
            assert await store.flush()
    assert await kept(tmp_path / "state" / "agent.sqlite") == {"n": 2}


async def test_a_full_disk_keeps_the_latest_until_there_is_room(tmp_path):
    path = tmp_path / "agent.sqlite"
    async with Store(path, retry_s=0.01) as store:
        store.save("socket-1", {"n": 0})
        assert await store.flush()
        database = store._file._database
        assert database is not None
        await asyncio.get_running_loop().run_in_executor(
            store._thread, database.execute, "PRAGMA max_page_count = 1"
        )
        store.save("socket-1", {"n": 1, "padding": "x" * 100_000})
        with capture_logs() as logs:
            assert not await store.flush()
        assert logs[0]["event"] == "store.failed"
        assert "look at free space" in logs[0]["error"]
        store.save("socket-1", {"n": 2, "padding": "x" * 100_000})
        await asyncio.get_running_loop().run_in_executor(
            store._thread, database.execute, "PRAGMA max_page_count = 100000"
        )
        async with asyncio.timeout(5):
            while not await store.flush():
                pass
    saved = await kept(path)
    assert saved is not None
    assert saved["n"] == 2


async def test_a_file_that_cannot_be_opened_in_its_place_still_gives_the_trip(tmp_path):
    path = tmp_path / "agent.sqlite"
    async with Store(path) as store:
        await store.begin_run("b1", "1")
        store.save("socket-1", {"trip": "overcurrent"})

    class ReadOnly(StateFile):
        def open(self) -> Contents:
            raise StoreError("attempt to write a readonly database")

    store = Store(path, file=ReadOnly(path))
    with capture_logs() as logs:
        async with store:
            assert store.load("socket-1") == {"trip": "overcurrent"}
            assert await store.begin_run("b1", "1") is StartCause.CRASH
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == ["store.failed"]


def test_every_failure_names_the_file_and_what_to_look_at(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="look at free space"):
        contents_of(tmp_path / "file" / "agent.sqlite")


async def test_a_stop_does_not_wait_for_a_disk_that_does_not_sync(tmp_path):
    path = tmp_path / "agent.sqlite"
    file = SlowFile(path)
    with capture_logs() as logs:
        async with asyncio.timeout(8), Store(path, file=file) as store:
            store.close_timeout_s = 0.05
            await store.begin_run("b1", "1")
            store.save("socket-1", {"n": 1})
            assert await store.flush()
            file.go.clear()
            store.save("socket-1", {"n": 2})
            await store.end_run()
    assert [entry for entry in logs if entry["log_level"] == "warning"] == [
        {"event": "store.slow", "log_level": "warning", "waiting": ["run", "state"]}
    ]
    file.go.set()


async def test_the_end_of_a_run_and_of_the_store_share_one_time_limit(tmp_path):
    path = tmp_path / "agent.sqlite"
    async with Store(path) as store:
        await store.end_run()
        limit = store._close_by
        assert limit is not None
        assert limit - asyncio.get_running_loop().time() <= CLOSE_TIMEOUT_S
    assert store._close_by == limit


HANGING = """
import asyncio, sys, threading
from pathlib import Path
from agent.store import Store
from agent.store.statefile import StateFile
from agent.store.store import CLOSE_TIMEOUT_S
class Hanging(StateFile):
    def write(self, changes):
        threading.Event().wait()
async def main():
    path = Path(sys.argv[1])
    async with Store(path, file=Hanging(path)) as store:
        store.close_timeout_s = 0.05
        store.save("socket-1", {"n": 1})
        await store.end_run()
asyncio.run(main())
"""


def test_a_process_ends_though_its_disk_never_answers(tmp_path):
    command = [sys.executable, "-c", HANGING, str(tmp_path / "s.db")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0
    assert "store.slow" in done.stdout + done.stderr


class BuggyFile(StateFile):
    """A file whose writing meets an error of ours."""

    def write(self, _):
        raise ZeroDivisionError


async def test_a_bug_in_a_write_is_raised_to_whoever_watches_and_whoever_flushes(tmp_path):
    path = tmp_path / "s.db"
    store = await Store(path, file=BuggyFile(path)).__aenter__()
    watching = asyncio.create_task(store.broken())
    assert not await store.remember("socket-1", "k", None)
    with pytest.raises(ZeroDivisionError):
        await watching
    store.save("socket-1", {"n": 1})
    assert not await store.remember("socket-1", "l", None)
    with pytest.raises(ZeroDivisionError):
        await store.flush()
    with pytest.raises(ZeroDivisionError):
        await store.end_run()
    with pytest.raises(ZeroDivisionError):
        await store.__aexit__(None, None, None)


async def test_a_bug_in_the_last_write_is_raised_by_the_end_of_the_store(tmp_path):
    path = tmp_path / "s.db"
    store = await Store(path, file=BuggyFile(path)).__aenter__()
    store.save("socket-1", {"n": 1})
    with pytest.raises(ZeroDivisionError):
        await store.__aexit__(None, None, None)


async def end_by_a_bug(path):
    async with Store(path, file=BuggyFile(path)) as store, asyncio.TaskGroup() as group:
        group.create_task(store.broken())
        store.save("socket-1", {"n": 1})


async def test_who_ends_because_of_a_bug_in_a_write_hears_of_it_once(tmp_path):
    with pytest.raises(ExceptionGroup) as raised:
        await end_by_a_bug(tmp_path / "s.db")
    assert [type(each) for each in raised.value.exceptions] == [ZeroDivisionError]


async def test_a_bug_in_a_write_ends_the_service(tmp_path):
    async with serving(DeviceFile(tmp_path)) as (service, task):
        await service.ready.wait()
        store = service._store
        assert store is not None
        store._writer._write = BuggyFile(tmp_path / "s.db").write
        store.save("socket-1", {"n": 1})
        with pytest.raises(ExceptionGroup) as raised:
            await asyncio.wait_for(task, 10)
    assert raised.group_contains(ZeroDivisionError)
