"""Clouds that come and go: the relay trips, people are answered, and what a row must not pass."""

import asyncio
import json
from contextlib import ExitStack
from dataclasses import replace
from random import Random

import pytest

from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from bench.figures import Spread
from bench.several import CLOUDS
from bench.stage import open_stage
from bench.trip import delays_ms, send
from chaos.outages.flaps import FLAPPING, SIDES, Flaps, Seen, ask, rows, start
from chaos.report import Verdict

TRIPS = 12


async def test_the_relay_trips_and_people_are_answered_while_all_clouds_flap():
    async with open_stage((FLAPPING,), clouds=CLOUDS) as stage:
        stamps = stage.folder / "stamps"
        with ExitStack() as stack:
            line, control = await start(stage, stack, FLAPPING, stamps)
            flaps = Flaps(stage, Random(1))
            flapping = asyncio.create_task(flaps.run())
            lines = {FLAPPING: line}
            sent = await asyncio.to_thread(send, lines, FRAME_PERIOD_S / 2, TRIPS)
            asked = await asyncio.to_thread(ask, {FLAPPING: control}, 1)
            flapping.cancel()
            await asyncio.wait([flapping])
        assert flaps.count >= len(CLOUDS)
        assert asked[FLAPPING].count == 1
        # How punctual this machine is just now is not what is asked.
        assert delays_ms(sent[FLAPPING][2:], json.loads(stamps.read_text()), may_fail=0.5)


def spread(middle, last):
    return Spread(p50=middle, p99=last, most=last, least=middle, count=70)


CLOUD = {"delivered": 9, "refused": 0, "unconfirmed": 0, "sessions": 2, "lost": 0}
SEEN = Seen(
    relay_ms={**dict.fromkeys(SIDES, spread(0.5, 0.7)), "without-again": spread(0.5, 0.8)},
    cli_ms=dict.fromkeys(SIDES, spread(50.0, 60.0)),
    faults=9,
    back_s=20.0,
    clouds={"tencent": CLOUD},
)


def test_what_no_cloud_disturbs_holds():
    assert [row.verdict for row in rows(SEEN)] == [Verdict.HELD] * 4


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"relay_ms": {**SEEN.relay_ms, FLAPPING: spread(0.5, 1.5)}}, "the relay notices"),
        ({"cli_ms": {**SEEN.cli_ms, FLAPPING: spread(200.0, 300.0)}}, "people wait"),
        ({"back_s": None}, "not all clouds were back"),
        ({"clouds": {"tencent": {**CLOUD, "lost": 1}}}, "lost"),
    ],
)
def test_what_is_disturbed_fails(changes, why):
    (broken,) = [row for row in rows(replace(SEEN, **changes)) if row.verdict is not Verdict.HELD]
    assert why in broken.why
