"""What the reference socket's page promises, through the real dispatch and simulated parts.

The table of docs/socket.md names these tests, a row each.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.app.parts import Parts
from agent.devices.inputs import Identify
from agent.devices.socket.themes import BLUE, CYAN, GREEN, MAGENTA, RED, WHITE, YELLOW
from agent.model import BLACK, Color
from agent.settings.device import IndicatorSettings, SocketSettings
from agent.settings.root import DeviceConfig
from tests.clouds.support import run_virtually
from tests.day.house import House, open_house
from tests.devices.socket.bench import LOCAL

pytestmark = pytest.mark.unmeasured

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


# ── features ────────────────────────────────────────────────────────────────────────────────


def test_its_cloud_switches_it_and_hears_what_became_of_it():
    async def scenario(house: House) -> None:
        for value in (1, 0):
            reply = await house.send(TENCENT, {"power_switch": value})
            assert (reply.outcome, house.is_on) == ("answered", bool(value))

    played(scenario)


def test_its_cloud_shows_voltage_current_power_and_energy():
    async def scenario(house: House) -> None:
        await press(house)
        house.plug("kettle", 920)
        await asyncio.sleep(200)
        view = house.view(TENCENT)
        assert view["voltage"] == pytest.approx(230, rel=0.01)
        assert view["current"] == pytest.approx(4.0, rel=0.02)
        assert view["active_power"] == pytest.approx(920, rel=0.02)
        assert view["total_energy"] == pytest.approx(920 * 200 / 3.6e6, abs=0.02)

    played(scenario)


def test_more_than_five_amperes_opens_it_alarms_and_blinks_red():
    async def scenario(house: House) -> None:
        await press(house)
        house.plug("kettle", 900)
        await asyncio.sleep(5)
        house.plug("kettle", 1300)
        await house.until(lambda: not house.is_on, 3, "5.65 A open the contact")
        assert await seen(house) == {RED, BLACK}
        await house.until(lambda: house.events(TENCENT, "status_report") == 1, 10, "the alarm")
        assert any(b'"overcurrent"' in payload for _, payload in house.uplinks(TENCENT))

    played(scenario, protection={"profile": "reference"})


def test_after_an_overload_switching_again_is_enough():
    async def scenario(house: House) -> None:
        await press(house)
        house.plug("kettle", 2000)
        await house.until(lambda: not house.is_on, 15, "the overload opens the contact")
        house.plug("lamp", 60)
        await asyncio.sleep(1)
        await press(house)
        await asyncio.sleep(1)
        assert house.is_on
        assert rows(house, "protection", "reset") == 1

    played(scenario)


def test_a_small_load_is_measured_to_about_a_watt():
    async def scenario(house: House) -> None:
        await press(house)
        house.plug("phone_charger", 3)
        await asyncio.sleep(120)
        assert house.view(TENCENT)["active_power"] == pytest.approx(3, abs=1)

    played(scenario)


def test_a_countdown_of_its_cloud_flips_it_at_zero():
    async def scenario(house: House) -> None:
        await house.send(TENCENT, {"count_down": 60})
        took_s = await house.until(lambda: house.is_on, 61, "the countdown ends")
        assert took_s == pytest.approx(60, abs=1)
        await house.send(TENCENT, {"count_down": 60})
        await house.until(lambda: not house.is_on, 61, "the countdown ends again")

    played(scenario)


# ── the button ──────────────────────────────────────────────────────────────────────────────


def test_a_click_switches_with_every_cloud_down():
    async def scenario(house: House) -> None:
        house.emulator.add_fault({"kind": "drop"})
        await house.until(lambda: not house.shown(TENCENT)["online"], 5, "the cloud is gone")
        for is_on in (True, False, True):
            await press(house)
            assert house.is_on is is_on

    played(scenario)


def test_a_hold_of_five_seconds_provisions_and_blinks_blue_until_a_cloud_comes_up():
    async def scenario(house: House) -> None:
        await press(house, 6)
        assert rows(house, "button", "provisioning") == 1
        assert not house.is_on
        assert await seen(house) == {BLUE, BLACK}
        house.emulator.add_fault({"kind": "drop"})
        await house.until(lambda: not house.shown(TENCENT)["online"], 5, "the cloud is gone")
        house.emulator.clear_faults()
        await house.until(lambda: house.shown(TENCENT)["online"], 60, "the cloud is back")
        await asyncio.sleep(1)
        assert await seen(house) == {GREEN}

    played(scenario)


def test_a_hold_of_ten_seconds_resets_to_the_factorys_state_and_blinks_white():
    async def scenario(house: House) -> None:
        await press(house)
        house.plug("kettle", 900)
        await house.send(TENCENT, {"count_down": 3600})
        await asyncio.sleep(120)
        assert house.app.runtime.snapshot()["total_energy"] > 0.01
        await press(house, 11)
        assert not house.is_on
        assert rows(house, "button", "factory_reset") == rows(house, "energy", "factory_reset") == 1
        assert await seen(house, 2.5) == {WHITE, BLACK}
        found = house.app.runtime.snapshot()
        assert (found["total_energy"], found["count_down"]) == (0, 0)
        await asyncio.sleep(30)
        assert house.view(TENCENT)["total_energy"] == 0
        assert await seen(house) == {GREEN}

    played(scenario)


def test_while_it_is_held_the_light_says_what_letting_go_would_do():
    async def scenario(house: House) -> None:
        house.button.press()
        assert await seen(house, 4.9) == {GREEN}
        await asyncio.sleep(0.2)
        assert await seen(house, 4.8) == {BLUE, BLACK}
        await asyncio.sleep(0.2)
        assert await seen(house, 4.8) == {WHITE, BLACK}
        await asyncio.sleep(0.2)
        assert await seen(house, 5) == {GREEN}
        house.button.release()
        assert [row.topic for row in house.rows if row.topic == "button"] == []

    played(scenario)


def test_a_double_click_switches_on_for_a_while():
    async def scenario(house: House) -> None:
        await press(house, 0.1)
        await asyncio.sleep(0.1)
        await press(house, 0.1)
        assert house.is_on
        await house.until(lambda: not house.is_on, 61, "the minute is over")

    played(scenario, button={"driver": "none", "double_click": "countdown 1m"})


def test_a_click_that_waits_for_a_second_one_switches_on_by_itself():
    async def scenario(house: House) -> None:
        await press(house, 0.1)
        await asyncio.sleep(0.3)
        assert not house.is_on
        await asyncio.sleep(0.1)
        assert house.is_on
        await press(house, 0.1)
        assert not house.is_on

    played(scenario, button={"driver": "none", "double_click": "countdown 1m"})


def test_under_the_child_lock_it_only_switches_off_and_flashes_red():
    async def scenario(house: House) -> None:
        await press(house)
        assert RED in await seen(house, 0.5)
        assert not house.is_on
        await house.send(TENCENT, {"power_switch": 1})
        await press(house)
        assert not house.is_on

    played(scenario, button={"driver": "none", "child_lock": True})


# ── the light ───────────────────────────────────────────────────────────────────────────────


def test_a_socket_that_is_off_and_well_is_green_and_does_no_work():
    async def scenario(house: House) -> None:
        assert await seen(house, 60) == {GREEN}
        assert len(house.light.shown) == 1

    played(scenario)


@pytest.mark.parametrize(
    ("power_w", "color"), [(60, BLUE), (200, CYAN), (400, GREEN), (650, YELLOW), (1000, RED)]
)
def test_a_socket_that_is_on_breathes_in_the_colour_of_its_load(power_w, color):
    async def scenario(house: House) -> None:
        await press(house)
        house.plug("kettle", power_w)
        await asyncio.sleep(5)
        colors = await seen(house, 6)
        assert brightest(colors) == color
        assert len(colors) > 10
        assert BLACK not in colors

    played(scenario)


def test_a_socket_that_looks_for_its_cloud_blinks_blue():
    async def scenario(house: House) -> None:
        house.emulator.add_fault({"kind": "drop"})
        await house.until(lambda: not house.shown(TENCENT)["online"], 5, "the cloud is gone")
        await asyncio.sleep(1)
        assert await seen(house) == {BLUE, BLACK}

    played(scenario)


def test_a_socket_that_is_asked_for_shows_itself_as_no_other_state_does():
    async def scenario(house: House) -> None:
        house.app.runtime.dispatch(Identify(seconds=10, origin=LOCAL))
        assert await seen(house, 9.9) == {MAGENTA, BLACK}
        await asyncio.sleep(0.2)
        assert await seen(house) == {GREEN}

    played(scenario)


async def look(house: House, **changes: Any) -> None:
    """Reload with another look."""
    device = house.app.config.device
    indicator = IndicatorSettings.model_validate({**device.indicator.model_dump(), **changes})
    changed = device.model_copy(update={"indicator": indicator})
    await house.app.apply(replace(house.app.config, device=changed))


def test_the_night_begins_by_itself():
    async def scenario(house: House) -> None:
        wall_time = house.app.clock.wall_time()
        assert wall_time is not None
        soon = datetime.fromtimestamp(wall_time + 120, UTC).strftime("%H:%M")
        await look(house, night={"from": soon, "to": "07:00", "brightness": 0.1})
        assert await seen(house, 30) == {GREEN}
        await asyncio.sleep(120)
        assert house.light.color.green == 26

    played(scenario, place={"timezone": "UTC"})


def test_a_reload_changes_the_look_at_once_and_moves_nothing():
    async def scenario(house: House) -> None:
        await look(house, brightness=0.5)
        assert house.light.color.green == 128
        assert house.movements == [("off", "start")]

    played(scenario)
