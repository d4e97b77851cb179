"""The store on a disk that takes its time."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from structlog.testing import capture_logs

from agent.store import Store
from agent.store.contents import Changes
from agent.store.generation import to_json
from agent.store.writer import Writer
from tests.store.disks import TRIPPED
from tests.store.files import SlowFile
from tests.stored import kept


async def test_a_commit_that_takes_its_time_holds_up_nobody(tmp_path):
    file = SlowFile(tmp_path / "s.db")
    async with Store(tmp_path / "s.db", file=file) as store:
        file.go.clear()
        store.save("socket-1", {"n": 0})
        await asyncio.to_thread(file.begun.wait, 10)
        for n in range(1, 1_000):  # while the disk does nothing at all
            store.save("socket-1", {"n": n})
            store.record("socket-1", "a", "b", {})
            store.describe()
            await asyncio.sleep(0)
        assert store.load("socket-1") == {"n": 999}
        assert store.describe()["commits"] == 0
        file.go.set()
        assert await store.flush()
    assert await kept(tmp_path / "s.db") == {"n": 999}


class Disk:
    """A disk whose writes last as long as `go` is not set."""

    def __init__(self):
        self.go = threading.Event()
        self.written = []

    def write(self, changes):
        assert self.go.wait(10)
        self.written.append(changes)


async def test_a_slow_disk_is_said_once_and_once_more_when_it_is_quick_again():
    disk = Disk()
    with ThreadPoolExecutor(1) as thread, capture_logs() as logs:
        writer = Writer(thread, disk.write, now=lambda: 0.0, retry_s=9, slow_s=0)
        for _ in range(2):
            disk.go.clear()
            said = len(logs)
            writer.pending.saved["socket-1"] = TRIPPED
            writer.soon("state")
            async with asyncio.timeout(10):
                while len(logs) == said:  # noqa: ASYNC110 - nobody tells that it has been said
                    await asyncio.sleep(0)
            disk.go.set()
            assert await writer.flush()
        writer._slow_s = 60
        writer.pending.saved["socket-1"] = TRIPPED
        writer.soon("state")
        assert await writer.flush()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("store.slow", "warning"),
        ("store.slow", "debug"),
        ("store.recovered", "warning"),
    ]
    assert disk.written == [Changes(saved={"socket-1": to_json(TRIPPED)})] * 3
