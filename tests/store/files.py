"""State files that fail on purpose, and a clock to stamp with."""

import threading

from agent.errors import StoreError
from agent.store.statefile import StateFile
from agent.timeline import stamp_of


class FailingFile(StateFile):
    """A file on a disk that takes nothing while `is_failing`."""

    def __init__(self, path):
        super().__init__(path)
        self.is_failing = False

    def write(self, changes):
        if self.is_failing:
            raise StoreError("no space left on device")
        super().write(changes)


class SlowFile(FailingFile):
    """A file whose commits take until `go` is set, and may fail too; `begun`: one has begun."""

    def __init__(self, path):
        super().__init__(path)
        self.begun = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def write(self, changes):
        self.begun.set()
        assert self.go.wait(10)
        super().write(changes)


class ByHand:
    """Both clocks, moved by hand."""

    def __init__(self):
        self.wall_time = 1_700_000_000.0
        self.now = 100.0

    def __call__(self):
        return stamp_of(self.now, self.wall_time)
