"""A status of many devices: the same as of few, and the loop goes on meanwhile."""

import asyncio

from agent.app.status import AT_A_TIME, status, status_in_turn
from chaos.crowd.house import House
from chaos.virtual import run_virtually


async def turns_until(done: "asyncio.Future[object]") -> int:
    turns = 0
    while not done.done():
        turns += 1
        await asyncio.sleep(0)
    return turns


def test_it_is_what_it_would_be_at_once_and_others_have_their_turn():
    async def main() -> None:
        count = 5 * AT_A_TIME
        devices = {each.name: each.app for each in House(count, count, seed=1).members}
        asked = asyncio.ensure_future(status_in_turn(devices, {"pid": 1}))
        assert await turns_until(asked) >= 5
        assert asked.result() == status(devices, {"pid": 1})

    run_virtually(main())
