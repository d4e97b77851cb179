"""Whatever happens to the process: the contact is supervised again, or open, within 15 s.

The tests play systemd: they kill, run the stop guard after each death, and start again at once.
"""

import asyncio
import signal
import time
from itertools import cycle
from pathlib import Path

import pytest

from agent.emulator.options import CA_FILE
from agent.errors import EXIT_CONFIG
from tests.integration.config import DeviceFile
from tests.integration.process import guard, ready, running, until
from tests.integration.world import world

pytestmark = pytest.mark.unmeasured

KILLED = ("signal", "killed", "KILL")
STORM_S = 10.0
SUPERVISED_WITHIN_S = 15.0
WATCHDOG_S = 0.5


# ── watchdog ────────────────────────────────────────────────────────────────────────────────


async def test_the_watchdog_is_fed_while_the_loop_turns_and_only_then(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config, watchdog_s=WATCHDOG_S) as agent:
        await agent.switch(on=True)
        await agent.until(lambda: len(agent.told("WATCHDOG")) > 3, "the watchdog is fed")
        wedge(agent)
        await until(lambda: is_stopped(agent), "the loop is wedged")
        fed = len(agent.told("WATCHDOG"))
        with pytest.raises(TimeoutError):
            await hungry(agent, fed, WATCHDOG_S)
        agent.process.send_signal(signal.SIGCONT)
        await hungry(agent, len(agent.told("WATCHDOG")), 10)


async def test_a_wedged_loop_ends_with_the_contact_open(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config, watchdog_s=WATCHDOG_S) as agent:
        await agent.switch(on=True)
        wedge(agent)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            await starved(agent)
        await agent.kill()
    said = await guard(config, "watchdog", "killed", "ABRT")
    assert "opened" in said
    assert not config.is_closed
    async with ready(config) as agent:
        await agent.logged("agent.started", cause="crash")
        assert time.monotonic() - began < SUPERVISED_WITHIN_S


def wedge(agent):
    agent.process.send_signal(signal.SIGSTOP)


def is_stopped(agent):
    status = Path(f"/proc/{agent.process.pid}/stat").read_text()
    return status.rpartition(")")[2].split()[0] == "T"


async def hungry(agent, fed, seconds):
    """Wait for one more feed; TimeoutError when none comes."""
    async with asyncio.timeout(seconds):
        await agent.until(lambda: len(agent.told("WATCHDOG")) > fed, "a feed", 60)


async def starved(agent):
    """Wait as long as feeds come in time; TimeoutError when one does not."""
    while True:
        await hungry(agent, len(agent.told("WATCHDOG")), WATCHDOG_S)


# ── a wrong configuration ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("policy", ["off", "restore"])
async def test_a_wrong_configuration_after_an_update_under_load_ends_open(tmp_path, policy):
    config = DeviceFile(tmp_path).set("device.relay", on_start=policy, on_stop="keep")
    async with world(config, "kettle") as outside:
        async with ready(config) as agent:
            await agent.switch(on=True)
            await until(lambda: outside.pulses > 20, "the kettle draws")
            config.set("device.protection", rated_curent_a=5)
            await agent.kill()
        await guard(config, *KILLED)
        assert config.is_closed is (policy == "restore")  # left to the restart, once
        async with running(config) as agent:
            assert await agent.ended() == EXIT_CONFIG
            assert f"{config.path}:" in agent.text
            assert "did you mean 'rated_current_a'" in agent.text
        said = await guard(config, "exit-code", "exited", str(EXIT_CONFIG))
        assert "socket-1: opened" in said
        assert not config.is_closed


async def test_what_only_the_start_can_judge_ends_in_78_too(tmp_path):
    config = DeviceFile(tmp_path).with_tencent(1, CA_FILE)
    config.set("clouds.tencent.rename", voltage="current")
    async with running(config) as agent:
        assert await agent.ended() == EXIT_CONFIG
        assert "would both be 'current'" in agent.text
        assert "Traceback" not in agent.text


# ── kills ───────────────────────────────────────────────────────────────────────────────────


async def at_once(agent, config):
    del agent, config


async def when_it_drives(agent, config):
    del agent
    written_at = config.lines.stat().st_mtime_ns
    await until(lambda: config.lines.stat().st_mtime_ns != written_at, "the lines are written")


async def when_ready(agent, config):
    await agent.ready()
    await agent.switch(on=True)
    assert config.is_closed


@pytest.mark.parametrize("policy", ["off", "restore"])
async def test_kills_as_fast_as_it_is_restarted_leave_it_supervised_or_open(tmp_path, policy):
    config = DeviceFile(tmp_path).set("device.relay", on_start=policy)
    alone_since: float | None = None
    moments = cycle([when_ready, at_once, when_it_drives, when_ready, when_it_drives, at_once])
    begin = time.monotonic()
    while time.monotonic() - begin < STORM_S:
        async with running(config) as agent:
            moment = next(moments)
            await moment(agent, config)
            is_supervised = bool(agent.told("READY"))
            await agent.kill()
        died_at = time.monotonic()
        await guard(config, *KILLED)
        assert policy == "restore" or not config.is_closed
        if is_supervised or not config.is_closed:
            alone_since = None
        if config.is_closed:
            alone_since = alone_since or died_at
            assert time.monotonic() - alone_since < SUPERVISED_WITHIN_S
            assert moment is not at_once, "left to a restart a second time"
    async with ready(config) as agent:
        await agent.logged("agent.started", cause="crash")
        await agent.switch(on=True)
        assert config.is_closed
        assert await agent.stop() == 0
    assert not config.is_closed
