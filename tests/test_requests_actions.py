"""An action is remembered before it is performed, and performed once across any crash."""

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.answers import stored_key
from agent.memory import KEPT, ProcessMemory
from agent.messages import ActionCall, Outcome, PropertySet, RefusalKind
from agent.requests import INTERRUPTED, NOT_TAKEN, Doings, Requests
from agent.rights import Rights
from tests.clouds.support import run_virtually
from tests.memories import Disk


class Socket:
    """A device that outlives the processes that drive it, and counts what it did."""

    def __init__(self, disk):
        self.disk = disk
        self.now = 0.0
        self.done = []
        self.breaks_the_disk = False
        self.start()

    def start(self):
        """Begin another process."""
        self.requests = Requests(
            Doings(execute=self._execute, position=lambda _name: None, commands=lambda: 0),
            lambda: self.now,
            self.disk,
            "socket-1",
        )
        self.requests.rights = {"tencent": Rights(reset_energy=True)}

    def _execute(self, command):
        self.done.append((command.request.request_id, command.request.values.get("n")))
        self.disk.is_refusing |= self.breaks_the_disk
        return Outcome(values={"times": len(self.done)})

    async def ask(self, request_id="1", name="reset_energy", **values):
        call = ActionCall(request_id=request_id, name=name, values=values)
        return await self.requests.perform("tencent", call)


async def test_it_is_on_the_disk_before_it_is_performed_and_answered_after():
    socket = Socket(Disk())
    socket.disk.holds.clear()
    asking = asyncio.create_task(socket.ask())
    await asyncio.sleep(0)
    assert socket.done == []
    socket.disk.holds.set()
    outcome = await asking
    assert [answer is None for _, answer in socket.disk.written] == [True, False]
    assert outcome == Outcome(values={"times": 1})


async def test_a_repetition_after_a_restart_gets_the_remembered_outcome():
    socket = Socket(Disk())
    first = await socket.ask()
    socket.start()
    second = await socket.ask()
    assert (second.values, second.is_repeat) == (first.values, True)
    assert len(socket.done) == 1


async def test_what_was_begun_and_never_answered_is_refused_and_not_performed():
    socket = Socket(Disk())
    await socket.ask()
    key = socket.disk.written[0][0]
    await ProcessMemory.remember(socket.disk, "socket-1", key, None)
    socket.start()
    outcome = await socket.ask()
    assert outcome.refusal == INTERRUPTED.refusal
    assert outcome.refusal.kind is RefusalKind.FAILED
    assert outcome.refusal.reason == (
        "was interrupted by a restart; look at the state and ask again"
    )
    assert len(socket.done) == 1
    assert not (await socket.ask("2")).is_repeat


async def test_an_answer_that_cannot_be_read_counts_as_interrupted():
    socket = Socket(Disk())
    await socket.ask()
    key = socket.disk.written[0][0]
    await ProcessMemory.remember(socket.disk, "socket-1", key, "{")
    socket.start()
    assert (await socket.ask()).refusal == INTERRUPTED.refusal


async def test_a_stored_command_in_the_same_memory_is_no_action():
    disk = Disk()
    await disk.remember("socket-1", stored_key("tencent"), None)
    assert (await Socket(disk).ask()).refusal is None


async def test_what_was_loaded_counts_as_answered_at_the_start():
    socket = Socket(Disk())
    await socket.ask()
    socket.now = 10_000.0
    socket.start()
    socket.now += 299
    assert (await socket.ask()).is_repeat
    socket.now += 1
    assert not (await socket.ask()).is_repeat


async def test_a_disk_that_does_not_take_it_has_it_refused_and_nothing_done():
    socket = Socket(Disk())
    socket.disk.is_refusing = True
    outcome = await socket.ask()
    assert outcome.refusal == NOT_TAKEN.refusal
    assert "nothing was done" in outcome.refusal.reason
    socket.disk.is_refusing = False
    assert (await socket.ask()).refusal == NOT_TAKEN.refusal, "the same request, the same reply"
    assert socket.done == []
    assert (await socket.ask("2")).refusal is None


async def test_a_disk_that_fails_after_it_is_performed_does_not_make_a_failure_of_it():
    socket = Socket(Disk())
    socket.breaks_the_disk = True
    assert (await socket.ask()).refusal is None
    assert (await socket.ask()).is_repeat


async def test_a_repetition_that_comes_while_it_waits_shares_its_outcome():
    socket = Socket(Disk())
    socket.disk.holds.clear()
    asking = [asyncio.create_task(socket.ask()) for _ in range(3)]
    await asyncio.sleep(0)
    socket.disk.holds.set()
    outcomes = await asyncio.gather(*asking)
    assert [each.is_repeat for each in outcomes] == [False, True, True]
    assert len(socket.done) == 1


async def test_whoever_gives_up_while_it_waits_may_ask_again():
    socket = Socket(Disk())
    socket.disk.holds.clear()
    first, second = (asyncio.create_task(socket.ask()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    socket.disk.holds.set()
    assert not (await second).is_repeat
    assert len(socket.done) == 1


async def test_rights_that_are_withdrawn_while_it_waits_count():
    socket = Socket(Disk())
    socket.disk.holds.clear()
    asking = asyncio.create_task(socket.ask())
    await asyncio.sleep(0)
    socket.requests.rights = {}
    socket.disk.holds.set()
    assert (await asking).is_forbidden
    assert socket.done == []


async def test_sets_do_not_push_actions_out_and_256_actions_are_kept():
    socket = Socket(Disk())
    for number in range(KEPT + 1):
        await socket.ask(str(number))
        request = PropertySet(request_id=str(number), values={"power_switch": False})
        socket.requests.execute("tencent", request)
    assert (await socket.ask("1")).is_repeat
    assert len(socket.disk.remembered("socket-1")) == KEPT
    socket.start()
    assert (await socket.ask("1")).is_repeat
    assert not (await socket.ask("0")).is_repeat
    assert socket.disk.remembered("socket-2") == ()


def test_what_a_process_remembers_is_replaced_and_becomes_the_newest():
    async def main():
        memory = ProcessMemory()
        for key, answer in (("a", None), ("b", None), ("a", "x")):
            assert await memory.remember("d", key, answer)
        return memory.remembered("d")

    assert asyncio.run(main()) == (("b", None), ("a", "x"))


# ── any order of requests, session ends and crashes ─────────────────────────────────────────

STEP = st.tuples(
    st.sampled_from(["1", "2"]),  # the request's id
    st.sampled_from([0, 1]),  # its payload
    st.integers(0, 12),  # so many turns of the loop later ...
    st.sampled_from(["answered", "session ends", "crash"]),  # ... this happens
    st.sampled_from(["takes", "refuses", "is late"]),  # what the disk does
)


@given(steps=st.lists(STEP, min_size=1, max_size=12))
@example(steps=[("1", 0, turns, "crash", "takes") for turns in range(12)])
@settings(max_examples=300, deadline=None)
def test_nothing_is_performed_twice_whatever_crashes_where(steps):
    socket, answers = run_virtually(played(steps))
    assert len(socket.done) == len(set(socket.done))
    for outcome, was_done in answers:
        if outcome.refusal != INTERRUPTED.refusal:
            assert (outcome.refusal is None) is was_done


async def played(steps):
    """Play *steps*; give each outcome, and whether the socket had done it by then."""
    socket = Socket(Disk())
    answers = []
    for request_id, n, turns, ending, disk in steps:
        socket.disk.is_refusing, socket.disk.is_late = disk != "takes", disk == "is late"
        asking = asyncio.create_task(socket.ask(request_id, n=n))
        if ending == "answered":
            answers.append((await asking, (request_id, n) in socket.done))
            continue
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        if ending == "crash":
            socket.start()
    return socket, answers


@pytest.mark.parametrize("turns", range(12))
def test_a_crash_at_each_await_leaves_it_done_once_or_refused_as_interrupted(turns):
    steps = [("1", 0, turns, "crash", "takes"), ("1", 0, 0, "answered", "takes")]
    socket, [(outcome, _)] = run_virtually(played(steps))
    assert len(socket.done) <= 1
    assert outcome.refusal in (None, INTERRUPTED.refusal)
