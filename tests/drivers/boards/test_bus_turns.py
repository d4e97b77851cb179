"""Whose turn it is on a line."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.bus_turns import Turns


async def use(turns, done, name, *, is_urgent, release=None):
    async with turns.taken(is_urgent=is_urgent):
        done.append(name)
        if release is not None:
            await release.wait()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_command_overtakes_every_queued_poll_and_cuts_none_off():
    turns, done, release = Turns(), [], asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(use(turns, done, "under way", is_urgent=False, release=release))
        await settle()
        for name in ("poll 1", "poll 2", "poll 3"):
            group.create_task(use(turns, done, name, is_urgent=False))
        await settle()
        group.create_task(use(turns, done, "command", is_urgent=True))
        await settle()
        assert done == ["under way"]
        release.set()
    assert done == ["under way", "command", "poll 1", "poll 2", "poll 3"]


async def test_nobody_gets_in_between_a_turn_and_its_heir():
    turns, done, release = Turns(), [], asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(use(turns, done, "first", is_urgent=False, release=release))
        await settle()
        group.create_task(use(turns, done, "second", is_urgent=False))
        await settle()
        release.set()
        await asyncio.sleep(0)
        group.create_task(use(turns, done, "late", is_urgent=False))
    assert done == ["first", "second", "late"]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12))
def test_whoever_is_cancelled_the_others_get_their_turns_in_order(wishes):
    async def play():
        turns, done, release = Turns(), [], asyncio.Event()
        holder = asyncio.create_task(use(turns, done, "holder", is_urgent=False, release=release))
        await settle()
        tasks = [
            asyncio.create_task(use(turns, done, (not is_urgent, number), is_urgent=is_urgent))
            for number, (is_urgent, _) in enumerate(wishes)
        ]
        await settle()
        release.set()
        for task, (_, is_cancelled) in zip(tasks, wishes, strict=True):
            if is_cancelled:
                task.cancel()
        await asyncio.gather(holder, *tasks, return_exceptions=True)
        return done

    done = asyncio.run(play())
    kept = [
        (not is_urgent, number)
        for number, (is_urgent, is_cancelled) in enumerate(wishes)
        if not is_cancelled
    ]
    assert done == ["holder", *sorted(kept)]


async def test_a_turn_that_was_given_to_a_cancelled_one_is_passed_on():
    turns, done, release = Turns(), [], asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(use(turns, done, "first", is_urgent=False, release=release))
        await settle()
        heir = group.create_task(use(turns, done, "heir", is_urgent=True))
        await settle()
        group.create_task(use(turns, done, "next", is_urgent=False))
        await settle()
        release.set()
        await asyncio.sleep(0)  # the heir has its turn, and has not run yet
        heir.cancel()
    assert done == ["first", "next"]
