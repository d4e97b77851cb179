import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import BUILD_TIME
from agent.chrony import ChronyQuery, tracking, tracking_request
from agent.clock import SystemClock
from agent.keepers import Probe, SyncFacts, judge, kernel_says
from agent.model import Trust

BEFORE, AFTER = BUILD_TIME - 1.0, BUILD_TIME + 1.0
SILENT = SyncFacts()

# Two replies of chronyd 4.3, to the request of this agent: with a local reference, without any.
SYNCHRONISED = bytes.fromhex(
    "060200000021000500000000000000000000000900000000000000007f7f010100000000000000000000000000000000"
    "0000000000080000000000006b0030cc1fbfe30a00000000000000000000000000000000000000000000000000000000"
    "0000000000000000"
)
UNSYNCHRONISED = SYNCHRONISED[:52] + bytes.fromhex("00000003") + bytes(48)


@pytest.mark.parametrize(
    ("facts", "wall_time", "mode", "trust", "reason"),
    [
        (SILENT, BEFORE, "system", Trust.SYNCHRONISED, "system"),
        (SyncFacts(timesyncd=True), BEFORE, "auto", Trust.SYNCHRONISED, "timesyncd says"),
        (SyncFacts(chrony=True), BEFORE, "auto", Trust.SYNCHRONISED, "chrony says"),
        (SyncFacts(kernel=True), BEFORE, "auto", Trust.SYNCHRONISED, "the kernel says"),
        (
            SyncFacts(timesyncd=False, kernel=True),
            AFTER,
            "auto",
            Trust.SYNCHRONISED,
            "the kernel says",
        ),
        (SyncFacts(timesyncd=False), AFTER, "auto", Trust.UNKNOWN, "timesyncd has not"),
        (SyncFacts(chrony=False), AFTER, "auto", Trust.UNKNOWN, "chrony has not"),
        (SILENT, AFTER, "auto", Trust.PLAUSIBLE, "later than this release"),
        (SILENT, BEFORE, "auto", Trust.UNKNOWN, "earlier than this release"),
        (SILENT, float(BUILD_TIME), "auto", Trust.UNKNOWN, "earlier than this release"),
    ],
)
def test_the_clock_is_trusted_by_who_keeps_it(facts, wall_time, mode, trust, reason):
    found = judge(facts, wall_time=wall_time, mode=mode)
    assert found.trust is trust
    assert found.is_trusted is (trust is not Trust.UNKNOWN)
    assert reason in found.reason


class Machine:
    """A machine's clocks and keepers, and how often the keepers were asked."""

    def __init__(self, facts: SyncFacts = SILENT, wall: float = AFTER) -> None:
        self.facts, self.wall, self.monotonic, self.asked = facts, wall, 100.0, 0

    def clock(self, mode="auto") -> SystemClock:
        return SystemClock(
            mode,
            probe=self.probe,
            wall=lambda: self.wall,
            monotonic=lambda: self.monotonic,
            boot=lambda: self.monotonic,
        )

    def pass_(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds

    def probe(self) -> SyncFacts:
        self.asked += 1
        return self.facts


def test_wall_time_is_none_while_the_clock_is_not_trusted():
    assert Machine(SyncFacts(timesyncd=False)).clock().wall_time() is None
    assert Machine(SyncFacts(timesyncd=True)).clock().wall_time() == AFTER
    assert Machine(wall=BEFORE).clock("system").wall_time() == BEFORE


def test_the_keepers_are_asked_again_after_a_while_and_not_each_time():
    machine = Machine(SyncFacts(timesyncd=False))
    clock = machine.clock()
    assert [clock.wall_time() for _ in range(5)] == [None] * 5
    machine.facts = SyncFacts(timesyncd=True)
    machine.pass_(4.9)
    assert clock.wall_time() is None
    assert machine.asked == 1
    machine.pass_(0.1)
    assert clock.wall_time() == pytest.approx(AFTER + 5)
    assert machine.asked == 2


def test_a_clock_that_is_always_trusted_asks_nobody():
    machine = Machine()
    machine.clock("system").wall_time()
    assert machine.asked == 0


def test_tls_waits_only_for_a_clock_that_is_before_the_release():
    assert not Machine(wall=BEFORE).clock().tls_is_possible()
    assert Machine(SyncFacts(timesyncd=False)).clock().tls_is_possible()
    assert Machine(wall=BEFORE).clock("system").tls_is_possible()


async def test_now_and_sleep_are_the_loops():
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)
    assert clock.now() >= before


def test_timesyncd_is_told_by_its_folder_and_its_mark(tmp_path: Path):
    probe = Probe(tmp_path)
    assert probe().timesyncd is None
    folder = tmp_path / "run/systemd/timesync"
    folder.mkdir(parents=True)
    assert probe() == SyncFacts(timesyncd=False, kernel=probe().kernel)
    (folder / "synchronized").touch()
    os.utime(folder / "synchronized", (5.0, 1_800_000_000.0))
    assert probe().timesyncd is True
    assert probe().set_at == 1_800_000_000.0


@pytest.mark.parametrize(
    ("result", "status", "says"),
    [
        (0, 0x2001, True),
        (4, 0, True),
        (5, 0x40, None),
        (0, 0x40, None),
        (5, 0, None),
        (-1, 0, None),
    ],
)
def test_the_kernel_says_yes_or_nothing(result: int, status: int, says: bool | None):  # noqa: FBT001 -- a column of the table
    assert kernel_says(result, status) is says


def test_the_kernel_of_this_machine_says_yes_or_nothing():
    assert Probe()().kernel in (True, None)


# ── chrony ──────────────────────────────────────────────────────────────────────────────────


def test_the_request_has_the_bytes_that_chronyd_takes():
    request = tracking_request()
    assert request[:8] == bytes.fromhex("0601000000210000")
    assert len(request) == len(SYNCHRONISED) == 104


def test_chronyds_own_replies_are_read():
    said = tracking(SYNCHRONISED)
    assert said.is_synchronised
    assert said.set_at == pytest.approx(0x6B0030CC + 0x1FBFE30A / 1e9)
    assert not tracking(UNSYNCHRONISED).is_synchronised


@pytest.mark.parametrize("place", [0, 1, 5, 7, 9])
def test_a_reply_to_something_else_is_none(place: int):
    reply = bytearray(SYNCHRONISED)
    reply[place] ^= 1
    assert tracking(bytes(reply)) is None


@given(st.binary(max_size=200))
def test_other_bytes_are_no_answer(reply: bytes):
    assert tracking(reply) is None


@pytest.fixture
def chronyd(tmp_path: Path):
    """A folder in which chronyd runs, and the socket on which a test answers for it."""
    (tmp_path / "run/chrony").mkdir(parents=True)
    (tmp_path / "run/chrony/chronyd.pid").touch()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        endpoint.bind(("127.0.0.1", 0))
        endpoint.settimeout(10)
        yield tmp_path, endpoint


@pytest.mark.parametrize("reply", [SYNCHRONISED, UNSYNCHRONISED])
def test_chronyd_is_asked_on_loopback(chronyd, reply: bytes):
    root, endpoint = chronyd

    def answer() -> None:
        request, caller = endpoint.recvfrom(1024)
        endpoint.sendto(reply if request == tracking_request() else b"", caller)

    thread = threading.Thread(target=answer)
    thread.start()
    said = ChronyQuery(root, endpoint.getsockname()[1], answer_s=10).ask()
    thread.join()
    assert said is not None
    assert said.is_synchronised is (reply is SYNCHRONISED)


def test_chronyd_that_does_not_run_or_answer_cannot_tell(chronyd, tmp_path: Path):
    root, endpoint = chronyd
    query = ChronyQuery(root, endpoint.getsockname()[1])
    assert query.ask() is None
    endpoint.close()
    assert query.ask() is None
    assert ChronyQuery(tmp_path / "elsewhere").ask() is None
