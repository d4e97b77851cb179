"""Hours without a cloud: values arrive with their own time, and what was commanded meanwhile."""

import asyncio
import re
from itertools import pairwise

import pytest

from agent.messages import Command, PropertySet
from agent.model import Origin, OriginKind
from tests.day.house import NOON
from tests.seeds.rooms import Room, in_room
from tests.seeds.test_environment import warm
from tests.seeds.test_nightlight import nightlight

pytestmark = pytest.mark.unmeasured

HOUR_S = 3600
STAMP = re.compile(rb"(?<!\d)18000\d{5}(?:\d{3})?(?!\d)")
"""Seconds or milliseconds of the day that begins at `NOON`."""

LIGHT = "NightLightSwitch"
THREE = ("tencent", "aliyun", "onenet")


def stamps(payloads):
    """When the values were measured, in seconds since noon."""
    found = [int(each) for payload in payloads for each in STAMP.findall(payload)]
    return sorted((each / 1000 if each > 10 * NOON else each) - NOON for each in found)


PERSON = Origin(kind=OriginKind.LOCAL, name="anna")


def by_hand(*, on):
    return Command(origin=PERSON, request=PropertySet(request_id="", values={LIGHT: on}))


async def command(room, dialect, *, on):
    """Switch in the platform's app while the device is away; the platform keeps it."""
    wanted = {LIGHT: on if dialect == "onenet" else int(on)}
    reply = await room.emulator.desire(room.key, wanted, timeout_s=1)
    assert reply.outcome in {"offline", "kept"}


@pytest.mark.parametrize("dialect", THREE)
def test_what_was_measured_in_an_hour_offline_arrives_with_its_time(tmp_path, dialect):
    seed = warm(tmp_path, DHT11_T={"value": 20, "swing": 15, "period_s": 900, "interval_s": 30})

    async def scenario(room: Room) -> None:
        await asyncio.sleep(60)
        await room.goes_offline()
        began, sent = asyncio.get_running_loop().time(), len(room.uplinks())
        await asyncio.sleep(HOUR_S)
        ended = asyncio.get_running_loop().time()
        await room.comes_back()
        past = [each for each in stamps(room.uplinks()[sent:]) if began <= each <= ended]
        assert len(past) > 50
        assert past[0] - began < 120
        assert ended - past[-1] < 120
        assert max(b - a for a, b in pairwise(past)) < 300

    in_room(tmp_path, seed, dialect, scenario)


@pytest.mark.parametrize("dialect", THREE)
@pytest.mark.parametrize("accepts", [True, False])
def test_an_on_that_a_platform_kept_is_done_once_or_never(tmp_path, dialect, accepts):
    seed = nightlight(tmp_path)
    if not accepts:
        seed.change("accept_stored_on = true", "accept_stored_on = false")

    async def scenario(room: Room) -> None:
        await room.goes_offline()
        await command(room, dialect, on=True)
        await room.comes_back()
        await asyncio.sleep(30)
        assert room.value(LIGHT) is accepts
        await room.goes_offline()
        room.app.runtime.dispatch(by_hand(on=False))
        await room.comes_back()
        await asyncio.sleep(30)
        assert room.value(LIGHT) is False

    in_room(tmp_path, seed, dialect, scenario)


@pytest.mark.parametrize("dialect", THREE)
def test_an_off_that_a_platform_kept_is_always_done(tmp_path, dialect):
    seed = nightlight(tmp_path).change("accept_stored_on = true", "accept_stored_on = false")

    async def scenario(room: Room) -> None:
        room.app.runtime.dispatch(by_hand(on=True))
        await asyncio.sleep(10)
        await room.goes_offline()
        assert room.value(LIGHT) is True
        await command(room, dialect, on=False)
        await room.comes_back()
        await asyncio.sleep(30)
        assert room.value(LIGHT) is False

    in_room(tmp_path, seed, dialect, scenario)
