"""A link that has swallowed its cancellation is ended all the same."""

import asyncio
from types import SimpleNamespace

from agent.app import links
from tests.clouds.support import run_virtually


def test_a_link_that_swallows_its_end_is_asked_again():
    async def stubborn(swallows):
        for _ in range(swallows):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue
        await asyncio.Event().wait()

    async def scenario():
        task = asyncio.create_task(stubborn(2))
        await asyncio.sleep(0)
        await links._end(SimpleNamespace(task=task))
        assert task.cancelled()

    run_virtually(scenario())
