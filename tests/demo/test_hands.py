"""Each key of the live view does what the screen says, at the cloud that was chosen."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agent.demo.hands import Hands
from tests.clouds.support import run_virtually
from tests.demo.virtual import open_virtual_stage

PAIR = ("tencent", "aliyun")


def with_hands(scenario):
    async def main():
        async with open_virtual_stage(PAIR) as stage, asyncio.TaskGroup() as group:
            await asyncio.sleep(5)
            await scenario(stage, Hands(stage, group))

    return run_virtually(main())


async def movers(stage):
    """List who moved the contact since the start."""
    answer = await stage.control.call("events", {"topics": ["relay"], "limit": 9})
    return [row["details"]["by"] for row in answer["rows"] if "by" in row["details"]]


def test_space_clicks_the_button():
    async def scenario(stage, hands):
        hands.on_keys(b" ")
        await asyncio.sleep(1)
        assert stage.is_closed

    with_hands(scenario)


def test_c_turns_over_and_d_counts_down_from_the_cloud_that_a_number_chose():
    async def scenario(stage, hands):
        hands.on_keys(b"c")
        await asyncio.sleep(1)
        assert stage.is_closed
        hands.on_keys(b"2d")
        assert hands.commanding.name == "aliyun"
        await asyncio.sleep(11)
        assert not stage.is_closed
        hands.on_keys(b"c")
        await asyncio.sleep(1)
        assert stage.is_closed
        hands.on_keys(b"3\xff?")
        assert hands.commanding.name == "aliyun"
        assert await movers(stage) == ["cloud tencent", "cloud aliyun", "cloud aliyun"]

    with_hands(scenario)


def test_letters_plug_in_and_n_cuts_and_mends_the_network():
    async def scenario(stage, hands):
        hands.on_keys(b"ck")
        await asyncio.sleep(4)
        assert hands.plugged == "kettle"
        assert stage.device.runtime.snapshot()["active_power"] == pytest.approx(900, rel=0.01)
        hands.on_keys(b"n")
        await asyncio.sleep(1)
        assert hands.network_is_cut
        assert not any(stage.link(each).status.is_connected for each in stage.clouds)
        hands.on_keys(b"n")
        await asyncio.sleep(30)
        assert not hands.network_is_cut
        assert all(stage.link(each).status.is_connected for each in stage.clouds)

    with_hands(scenario)


def test_what_is_refused_is_logged_and_the_view_goes_on():
    async def scenario(_stage, hands):
        hands.on_keys(b"n")
        await asyncio.sleep(1)
        with capture_logs() as logs:
            hands.on_keys(b"c")
            await asyncio.sleep(6)
        assert [entry["event"] for entry in logs if entry["event"] == "demo.failed"]
        assert not hands.is_done.is_set()

    with_hands(scenario)


@pytest.mark.parametrize("typed", [b"q", b"", b"\x03", b"\x04"])
def test_q_or_an_end_of_input_ends_the_view(typed):
    async def scenario(_stage, hands):
        hands.on_keys(typed)
        assert hands.is_done.is_set()

    with_hands(scenario)
