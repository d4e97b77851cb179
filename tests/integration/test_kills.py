"""The process started and killed again and again: the platform's limit on connects holds."""

import asyncio
import json
from itertools import pairwise

import pytest

from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.emulator.tencent.rules import TencentRules
from tests.integration.config import KEY, DeviceFile
from tests.integration.process import running

pytestmark = pytest.mark.unmeasured

FLOOR_S = 5.0
KILLS = 10
LIVED_TO = ("agent.started", "meter.found")


async def test_killed_ten_times_in_a_row_it_never_connects_sooner_than_it_may(tmp_path):
    options = EmulatorOptions(tencent=TencentRules(connect_interval_s=FLOOR_S))
    async with Emulator(options) as emulator:
        ports = emulator.ports
        config = DeviceFile(tmp_path).with_tencent(ports.tencent.mqtts, ports.ca_file)
        for number in range(KILLS):
            async with running(config) as agent:
                await agent.logged(LIVED_TO[number % 2] if number else "cloud.up")
                await agent.kill()
        async with running(config) as agent, asyncio.timeout(50):
            await agent.logged("cloud.up")
        seen = emulator.describe(KEY)
        gaps = [late - early for early, late in pairwise(greeted_at(emulator))]
    assert seen["refusals"] == 0
    assert seen["connects"] >= 2
    assert all(gap >= FLOOR_S - 0.5 for gap in gaps), gaps


def greeted_at(emulator):
    """When each session began: by the first thing that it says."""
    sent = [each for each in emulator.messages(KEY) if each.direction == "up"]
    return [
        each.wall_time for each in sent if json.loads(each.payload).get("type") == "report_version"
    ]
