"""Energy that a platform adds up: told to the one that does, and only where it is switched on."""

import asyncio
import json

import pytest

from agent.devices.socket.thing_table import SOCKET
from agent.emulator.aliyun.rules import AliyunRules
from tests.contract.dialects import HOST, SPEAKERS
from tests.contract.models import model_without
from tests.contract.world import World, play

SUM = "UnitPowerConsumption"


async def use(world: World, *watt_hours: int) -> None:
    """Use energy between reports that are some minutes apart."""
    for wh in watt_hours:
        world.device.counted_wh = (world.device.counted_wh or 0) + wh
        world.report(total_energy=(world.device.counted_wh or 0) / 1000)
        await asyncio.sleep(400)


def sums(world: World) -> list[dict[str, object]]:
    bodies = [json.loads(entry.payload) for entry in world.uplinks()]
    return [body["params"] for body in bodies if SUM in body.get("params", {})]


@pytest.mark.parametrize("name", ["aliyun", "aliyun-subscribe"])
def test_the_platform_has_in_the_end_what_was_used(name):
    async def scenario(world: World) -> None:
        await use(world, 5000, 12, 0, 1, 250)
        assert world.shown["sums"] == {SUM: 0.263}
        assert [list(each) for each in sums(world)] == [[SUM]] * 3
        assert world.link.not_told_kwh == 0.0
        assert not world.said("uplink.refused")

    play(name, scenario, unit_power_consumption=True)


def test_an_outage_is_one_sum_and_none_of_the_past():
    async def scenario(world: World) -> None:
        await use(world, 5000)
        world.emulator.add_fault({"kind": "drop", "seconds": 2800})
        await use(world, *[10] * 6)
        assert sums(world) == []
        await use(world, 10, 10)
        await world.settled()
        assert world.shown["sums"] == {SUM: 0.08}
        assert len(sums(world)) == 1
        assert world.link.not_told_kwh == 0.0

    play("aliyun", scenario, unit_power_consumption=True)


@pytest.mark.parametrize("name", SPEAKERS)
def test_no_platform_is_told_unasked(name):
    codec = SPEAKERS[name].factory(SPEAKERS[name].settings(host=HOST), SOCKET)
    assert codec.encode_sum(0.1, None, "1") is None


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_model_without_the_property_is_found_where_the_platform_says_so(is_refused, tmp_path):
    model = model_without(SPEAKERS["aliyun"], tmp_path, SUM)
    rules = AliyunRules(refuses_unknown=is_refused, names_what_is_left_out=True)

    async def scenario(world: World) -> None:
        await use(world, 5000, 12, 12, 12)
        assert len(sums(world)) == 1
        assert world.link.not_told_kwh == 0.012
        (said,) = world.said("energy.not_told")
        assert said["kwh"] == 0.012

    play(
        "aliyun",
        scenario,
        options={**model, "aliyun": rules},
        unit_power_consumption=True,
    )
