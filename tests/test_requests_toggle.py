"""A toggle becomes on or off when it arrives: off acts first, on waits for the disk."""

import asyncio
from collections.abc import Callable

import pytest

from agent.memory import ProcessMemory
from agent.messages import (
    DONE,
    Command,
    Outcome,
    PropertySet,
    PropertyToggle,
    RefusalKind,
    refused,
)
from agent.model import Value
from agent.requests import NOT_TAKEN, OVERTAKEN, Doings, Requests
from agent.rights import Rights
from tests.memories import Disk

TRIPPED = refused(RefusalKind.TRIPPED, "tripped")


class Lamp:
    """A switch that outlives the processes that drive it."""

    def __init__(self, disk: ProcessMemory | None = None, *, is_on: bool = False) -> None:
        self.disk = disk or Disk()
        self.is_on: Value | None = is_on
        self.moves: list[bool] = []
        self.commands = 0
        self.answer: Callable[[], Outcome] = lambda: DONE
        self.now = 0.0
        self.start()

    def start(self, **rights: object) -> None:
        doings = Doings(
            execute=self._execute, position=lambda _name: self.is_on, commands=lambda: self.commands
        )
        self.requests = Requests(doings, lambda: self.now, self.disk, "lamp")
        self.requests.rights = {"onenet": Rights(**rights)}

    def _execute(self, command: Command) -> Outcome:
        outcome = self.answer()
        self.commands += 1
        if outcome.refusal is None:
            on = command.request.values["power_switch"]
            assert isinstance(on, bool)
            self.is_on = on
            self.moves.append(on)
        return outcome

    async def toggle(self, request_id: str = "1") -> Outcome:
        toggle = PropertyToggle(request_id=request_id, name="power_switch")
        return await self.requests.perform("onenet", toggle)

    def set(self, *, on: bool) -> Outcome:
        request = PropertySet(request_id="9", values={"power_switch": on})
        return self.requests.execute("onenet", request)


async def test_a_toggle_turns_over_what_stands_when_it_arrives():
    lamp = Lamp()
    assert await lamp.toggle("1") == DONE
    assert await lamp.toggle("2") == DONE
    assert lamp.moves == [True, False]


async def test_a_repetition_is_answered_and_not_done_again_whatever_process_it_comes_to():
    lamp = Lamp()
    await lamp.toggle()
    assert (await lamp.toggle()).is_repeat
    lamp.start()
    assert (await lamp.toggle()).is_repeat
    assert lamp.moves == [True]


async def test_one_that_comes_while_a_closing_waits_for_the_disk_takes_that_back():
    lamp = Lamp()
    lamp.disk.holds.clear()
    asking = [asyncio.create_task(lamp.toggle(name)) for name in ("1", "2", "3")]
    await asyncio.sleep(0)
    assert lamp.moves == [False]
    lamp.disk.holds.set()
    assert await asyncio.gather(*asking) == [OVERTAKEN, DONE, DONE]
    assert lamp.moves == [False, True]


@pytest.mark.parametrize("request_id", ["2", ""])
async def test_opening_waits_for_no_other_toggle_whatever_that_waits_for(request_id):
    lamp = Lamp(is_on=True)
    lamp.disk.holds.clear()
    first = asyncio.create_task(lamp.toggle("1"))
    await asyncio.sleep(0)
    lamp.set(on=True)
    second = asyncio.create_task(lamp.toggle(request_id))
    await asyncio.sleep(0)
    assert lamp.moves == [False, True, False]
    lamp.disk.holds.set()
    assert await asyncio.gather(first, second) == [DONE, DONE]


@pytest.mark.parametrize("is_given_up", [True, False])
async def test_a_closing_that_came_to_nothing_was_not_asked_for(is_given_up):
    lamp = Lamp()
    lamp.disk.holds.clear()
    asking = asyncio.create_task(lamp.toggle("1"))
    await asyncio.sleep(0)
    if is_given_up:
        asking.cancel()
    lamp.disk.is_refusing = not is_given_up
    lamp.disk.holds.set()
    await asyncio.wait([asking])
    lamp.disk.is_refusing = False
    assert await lamp.toggle("2") == DONE
    assert lamp.moves == [True]


async def test_switching_off_does_not_wait_for_the_disk():
    lamp = Lamp(is_on=True)
    lamp.disk.holds.clear()
    asking = asyncio.create_task(lamp.toggle())
    await asyncio.sleep(0)
    assert lamp.moves == [False]
    lamp.disk.holds.set()
    assert await asking == DONE
    lamp.start()
    assert (await lamp.toggle()).is_repeat


async def test_switching_on_waits_for_the_disk_and_is_not_done_when_it_takes_nothing():
    lamp = Lamp()
    lamp.disk.is_refusing = True
    assert await lamp.toggle() == NOT_TAKEN
    assert lamp.moves == []


async def test_a_later_command_overtakes_one_that_waits_for_the_disk():
    lamp = Lamp()
    lamp.disk.holds.clear()
    asking = asyncio.create_task(lamp.toggle())
    await asyncio.sleep(0)
    assert lamp.set(on=False) == DONE
    lamp.disk.holds.set()
    assert await asking == OVERTAKEN
    assert lamp.moves == [False]


async def test_one_without_an_id_is_done_each_time_and_never_waits_for_the_disk():
    lamp = Lamp()
    lamp.disk.holds.clear()
    for _ in range(3):
        assert await lamp.toggle("") == DONE
    assert lamp.moves == [True, False, True]


async def test_a_setting_without_an_id_is_done_each_time():
    lamp = Lamp()
    request = PropertySet(request_id="", values={"power_switch": True})
    outcomes = [lamp.requests.execute("onenet", request) for _ in range(2)]
    assert [outcome.is_repeat for outcome in outcomes] == [False, False]
    assert lamp.moves == [True, True]


async def test_a_refusal_is_remembered_as_any_outcome_is():
    lamp = Lamp()
    lamp.answer = lambda: TRIPPED
    assert (await lamp.toggle()).refusal == TRIPPED.refusal
    lamp.answer = lambda: DONE
    again = await lamp.toggle()
    assert (again.refusal, again.is_repeat) == (TRIPPED.refusal, True)


@pytest.mark.parametrize(("rights", "moves"), [("none", []), ("off_only", [False])])
async def test_a_cloud_toggles_only_where_it_may_do_what_that_means_now(rights, moves):
    lamp = Lamp(is_on=True)
    lamp.start(commands=rights)
    await lamp.toggle("1")
    outcome = await lamp.toggle("2")
    assert (lamp.moves, outcome.is_forbidden) == (moves, True)


async def test_what_is_no_switch_cannot_be_toggled():
    lamp = Lamp()
    lamp.is_on = None
    outcome = await lamp.toggle()
    assert outcome.refusal is not None
    assert outcome.refusal.kind is RefusalKind.UNKNOWN_NAME
    assert "power_switch" in outcome.refusal.reason
