"""A house with several clouds in virtual time, and what is awaited in it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.clouds.support import run_virtually
from tests.day.house import House, open_house

THREE = ("tencent", "aliyun", "onenet")


SETTLED_S = 20.0


def at_home(
    scenario: Callable[[House], Awaitable[None]], names: Sequence[str] = THREE, **options: Any
) -> None:
    async def main() -> None:
        async with open_house(names, **options) as house:
            await online(house, options.get("starts_with", names))
            await scenario(house)

    run_virtually(main())


async def online(house: House, names: Sequence[str]) -> float:
    took_s = [
        await house.until(lambda name=name: house.shown(name)["online"], 120, f"{name} online")
        for name in names
    ]
    return sum(took_s)


async def everywhere(house: House, names: Sequence[str], **wanted: Any) -> None:
    for name in names:
        await house.until(
            lambda name=name: wanted.items() <= house.view(name).items(), SETTLED_S, f"{name}"
        )


async def offline(house: House, name: str) -> None:
    house.emulator.add_fault({"kind": "drop", "device": str(house.key(name))})
    await house.until(lambda: not house.shown(name)["online"], 5, f"{name} is gone")
