"""Who is let in, and who is not, at each platform."""

import asyncio
from itertools import pairwise

import pytest

from tests.contract.dialects import SPEAKERS
from tests.contract.limited import LIMITED, ROUNDING_S, blamed_for_rate
from tests.contract.world import World, play

OTHER_SECRETS = {
    "tencent": "AAAAAAAAAAAAAAAAAAAAAA==",
    "aliyun": "f" * 32,
    "onenet": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "onenet-datastream": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "onenet-legacy": "another-api-key",
}
OTHER_PRODUCTS = {
    "tencent": "CS0SLTKSYB",
    "aliyun": "k19g7hBjoOE",
    "onenet": "9MaNe52pNP",
    "onenet-datastream": "238323",
    "onenet-legacy": "91026",
}
CLOCKED = ["tencent", "onenet", "onenet-datastream"]
TEN_YEARS_S = 10 * 365 * 86_400


async def wait_online(world: World) -> None:
    await world.until(lambda: world.is_online, 30)
    assert (world.shown["connects"], world.shown["refusals"]) == (1, 0)


async def stay_out(world: World) -> None:
    await asyncio.sleep(700)
    assert world.shown["connects"] == 0
    assert "refused with code" in str(world.link.status.last_error)
    limits = world.link._codec.limits
    waits = [later - sooner for sooner, later in pairwise(world.transport.connects)]
    assert waits
    assert min(waits) >= limits.rejected_interval_s - ROUNDING_S
    assert blamed_for_rate(world.logs) == []


def says_secret(world: World) -> bool:
    return world.speaker.device.secret in repr(world.logs)


@pytest.mark.parametrize("off_s", [0.0, None])
@pytest.mark.parametrize("name", SPEAKERS)
def test_a_device_is_let_in_with_a_clock_and_without(name, off_s):
    assert not says_secret(play(name, wait_online, off_s=off_s))


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_wrong_secret_is_refused_and_waits_long(name):
    secret = OTHER_SECRETS[SPEAKERS[name].cloud]
    world = play(name, stay_out, options=LIMITED, secret=secret)
    assert world.shown["refusals"] >= 1
    assert secret not in repr(world.logs)


@pytest.mark.parametrize("name", SPEAKERS)
def test_a_wrong_product_is_refused_and_waits_long(name):
    play(name, stay_out, product=OTHER_PRODUCTS[SPEAKERS[name].cloud], custom_topics=())


@pytest.mark.parametrize("name", CLOCKED)
def test_an_expired_signature_is_refused(name):
    play(name, stay_out, off_s=-TEN_YEARS_S)


@pytest.mark.parametrize("name", [each for each in SPEAKERS if each not in CLOCKED])
def test_a_platform_that_looks_at_no_clock_lets_a_wrong_one_in(name):
    play(name, wait_online, off_s=-TEN_YEARS_S)


@pytest.mark.parametrize("name", SPEAKERS)
def test_everything_is_subscribed_to_once(name):
    async def scenario(world: World) -> None:
        await world.settled()
        session = world.shown["session"]
        filters = [each.topic for each in world.link._codec.subscriptions()]
        assert sorted(session["subscriptions"]) == sorted(filters)
        assert session["clean"]

    play(name, scenario)
