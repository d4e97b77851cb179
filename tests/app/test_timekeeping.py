"""What becomes of the time is said, written down for each device, and put right backwards."""

import asyncio
from contextlib import suppress

from structlog.testing import capture_logs

from agent.app.timekeeping import LOOK_EVERY_S, keep_time
from agent.model import Trust
from tests.clouds.support import run_virtually
from tests.test_clock_steps import NOW, Machine

DEVICES = ("socket-1", "socket-2")


class Books:
    def __init__(self) -> None:
        self.rows, self.mended = [], []

    def record(self, device_id, topic, name, details):
        self.rows.append((device_id, topic, name, dict(details)))

    def mend(self, offset, trust):
        self.mended.append((offset, trust))


def kept(machine, *happenings):
    """Let each of *happenings* take place, and the clock be looked at after it."""
    books = Books()

    async def sleep(seconds):
        assert seconds == LOOK_EVERY_S
        await asyncio.sleep(seconds)

    async def main():
        machine.clock.sleep = sleep
        task = asyncio.create_task(keep_time(machine.clock, books, DEVICES))
        await asyncio.sleep(LOOK_EVERY_S / 2)
        for happening in happenings:
            happening()
            await asyncio.sleep(LOOK_EVERY_S)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    with capture_logs() as logs:
        run_virtually(main())
    return books, logs


def test_a_clock_that_is_set_right_is_said_written_down_and_mends_what_was_stamped():
    machine = Machine(wall=0.0)
    books, logs = kept(machine, machine.set_right, lambda: None)
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("clock.stepped", "warning"),
        ("clock.trusted", "info"),
    ]
    assert logs[0]["by_s"] == NOW
    assert [row[:3] for row in books.rows] == [
        (device, "clock", name) for name in ("stepped", "trusted") for device in DEVICES
    ]
    assert books.rows[-1][3] == {
        "trust": "synchronised",
        "source": "timesyncd",
        "why": "timesyncd says that it is synchronised",
    }
    assert books.mended == [(NOW - 100.0, Trust.SYNCHRONISED)]


def test_a_clock_that_is_set_wrong_is_said_and_mends_nothing():
    machine = Machine().kept()

    def jump():
        machine.wall += 3600.0

    books, logs = kept(machine, jump)
    assert [each["event"] for each in logs] == ["clock.stepped"]
    assert books.mended == []


def test_what_an_earlier_process_of_this_boot_stamped_is_mended_at_the_start_and_not_told():
    books, logs = kept(Machine(keeper=None))
    assert (books.rows, logs) == ([], [])
    assert books.mended == [(NOW - 100.0, Trust.PLAUSIBLE)]
