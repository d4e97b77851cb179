"""A socket at home with one cloud, a finger on its button and an eye on its light."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from agent.app.parts import Parts
from agent.model import Color
from agent.settings.device import IndicatorSettings, SocketSettings
from agent.settings.root import DeviceConfig
from tests.clouds.support import run_virtually
from tests.day.house import House, open_house

TENCENT = "tencent"


def played(scenario: Callable[[House], Awaitable[None]], **device: Any) -> None:
    """Play in a house whose socket is online at Tencent and rests, with these settings."""

    def adapt(made: DeviceConfig, parts: Parts) -> tuple[DeviceConfig, Parts]:
        fields = made.device.model_dump(exclude_defaults=True)
        fields = {**fields, "id": "socket-1", "kind": "socket"} | device
        return replace(made, device=SocketSettings.model_validate(fields)), parts

    async def main() -> None:
        async with open_house([TENCENT], shows_light=True, adapt=adapt) as house:
            await house.until(lambda: house.shown(TENCENT)["online"], 60, "online")
            await asyncio.sleep(3)
            await scenario(house)

    run_virtually(main())


async def press(house: House, held_s: float = 0.2) -> None:
    house.button.press()
    await asyncio.sleep(held_s)
    house.button.release()


async def seen(house: House, seconds: float = 3.0) -> set[Color]:
    """Every colour that is shown from now on."""
    house.light.shown = type(house.light.shown)([house.light.color], maxlen=256)
    await asyncio.sleep(seconds)
    return set(house.light.shown)


def brightest(colors: set[Color]) -> Color:
    return max(colors, key=lambda color: color.red + color.green + color.blue)


def rows(house: House, topic: str, name: str) -> int:
    return sum((row.topic, row.name) == (topic, name) for row in house.rows)


async def look(house: House, **changes: Any) -> None:
    """Reload with another look."""
    device = house.app.config.device
    indicator = IndicatorSettings.model_validate({**device.indicator.model_dump(), **changes})
    changed = device.model_copy(update={"indicator": indicator})
    await house.app.apply(replace(house.app.config, device=changed))
