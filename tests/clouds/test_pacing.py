"""Who sends next when a platform allows one message a second."""

import asyncio

from agent.clouds.pacing import Pacer
from tests.clouds.support import TestClock, run_virtually


def test_an_event_does_not_wait_behind_more_than_one_report():
    async def main() -> float:
        clock = TestClock()
        pacer = Pacer(per_s=1, clock=clock)

        async def reports() -> None:
            while True:
                await pacer.turn()

        reporting = asyncio.create_task(reports())
        await asyncio.sleep(10.633)
        began = clock.now()
        await pacer.turn()
        reporting.cancel()
        return clock.now() - began

    assert run_virtually(main()) < 2
