"""What the reference socket's page promises, through the real dispatch and simulated parts.

The table of docs/socket.md names these tests, a row each.
"""

import asyncio

import pytest

from agent.devices.socket.themes import BLUE, GREEN, RED, WHITE
from agent.model import BLACK
from tests.day.house import House
from tests.day.one_socket import TENCENT, played, press, rows, seen

pytestmark = pytest.mark.unmeasured

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
