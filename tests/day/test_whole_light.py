"""What the light of the reference socket shows, through the real dispatch and a simulated light."""

import asyncio
from datetime import UTC, datetime

import pytest

from agent.devices.inputs import Identify
from agent.devices.socket.themes import BLUE, CYAN, GREEN, MAGENTA, RED, YELLOW
from agent.model import BLACK
from tests.day.house import House
from tests.day.one_socket import TENCENT, brightest, look, played, press, seen
from tests.devices.socket.bench import LOCAL

pytestmark = pytest.mark.unmeasured


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
