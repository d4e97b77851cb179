"""The life of the service: ready, reload, stop, with real signals and a manager that listens."""

import asyncio
import json
import signal
import sqlite3

import pytest

from agent.drivers.simulated.faults import NO_FAULTS, Faults
from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.emulator.tencent.rules import TencentRules
from agent.store.generation import parse
from tests.integration.config import KEY, DeviceFile
from tests.integration.process import guard, ready, running, until
from tests.integration.world import world


def kept(config):
    """What the store has of the device."""
    with sqlite3.connect(f"file:{config.state}?mode=ro", uri=True) as database:
        newest = "SELECT saved FROM generation ORDER BY sequence DESC LIMIT 1"
        (saved,) = database.execute(newest).fetchone()
    database.close()
    generation = parse(saved.encode())
    assert generation is not None
    return json.loads(generation.text)


# ── ready ───────────────────────────────────────────────────────────────────────────────────


async def test_it_is_ready_once_the_relay_is_at_its_policy_and_the_meter_has_spoken(tmp_path):
    config = DeviceFile(tmp_path).set("device.relay", on_start="on")
    async with world(config) as outside:
        outside.line.faults = Faults(is_silent=True)
        async with running(config) as agent:
            await agent.logged("agent.started", cause="first")
            await until(lambda: config.is_closed, "the start policy closes the contact")
            assert not agent.told("READY")
            outside.line.faults = NO_FAULTS
            await agent.ready()
            await agent.logged("meter.found")
            assert config.is_closed


async def test_it_is_ready_when_the_meter_has_been_found_silent(tmp_path):
    config = DeviceFile(tmp_path)
    async with world(config) as outside:
        outside.line.faults = Faults(is_silent=True)
        async with ready(config) as agent:
            assert not agent.entries("meter.found")
            device = await agent.device()
            assert (device["meter"], device["properties"]["voltage"]) == ("no frame yet", None)


async def test_a_meter_that_cannot_be_opened_is_said_and_holds_nothing_back(tmp_path):
    config = DeviceFile(tmp_path).replace("device.meter", port=str(tmp_path / "ttyNone"))
    async with ready(config) as agent:
        assert "no such device" in (await agent.device())["meter_error"]
        await agent.switch(on=True)
        assert config.is_closed


# ── stop, crash ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("policy", "is_closed"), [("off", False), ("keep", True)])
async def test_a_stop_leaves_the_contact_at_its_policy_and_is_remembered(
    tmp_path, policy, is_closed
):
    config = DeviceFile(tmp_path).set("device.relay", on_stop=policy, on_start="restore")
    async with ready(config) as agent:
        await agent.switch(on=True)
        assert await agent.stop() == 0
        assert agent.told("STOPPING")
        assert config.is_closed is is_closed
    await guard(config, "success", "exited", "0")
    assert config.is_closed is is_closed
    async with ready(config) as agent:
        await agent.logged("agent.started", cause="restart")
        assert config.is_closed  # it was on when it was stopped


async def test_a_trip_outlives_a_kill_whatever_the_start_policy_says(tmp_path):
    config = DeviceFile(tmp_path).set("device.relay", on_start="on")
    config.set("device.protection", reset="local")
    async with Emulator() as emulator, world(config) as outside:
        ports = emulator.ports
        config.with_tencent(ports.tencent.mqtts, ports.ca_file)
        async with ready(config) as agent:
            outside.plug("overload")
            await until(lambda: not config.is_closed, "the overload opens the relay")
            await until(lambda: kept(config)["trip"] is not None, "the trip is on the disk")
            await agent.kill()
        outside.plug("lamp")
        async with ready(config) as agent:
            await agent.logged("agent.started", cause="crash")
            assert (await agent.device())["trip"]["cause"] == "overcurrent"
            assert not config.is_closed
            await emulator.wait_until(lambda: emulator.is_online(KEY))
            await agent.logged("cloud.up")
            reply = await emulator.set_properties(KEY, {"power_switch": 1})
            assert reply.code == 503
            assert reply.message.startswith("tripped: overcurrent")
            assert not config.is_closed
            await agent.switch(on=True)  # a person on this machine may
            assert config.is_closed


async def test_energy_goes_on_across_a_kill_as_the_chip_counted_it(tmp_path):
    config = DeviceFile(tmp_path).set("device.relay", on_start="restore")
    async with world(config, "kettle") as outside:
        async with ready(config) as agent:
            await agent.switch(on=True)
            await until(lambda: outside.pulses > 20, "the kettle draws")
            await agent.kill()
        said = await guard(config, "signal", "killed", "KILL")
        assert "left as it is" in said
        assert config.is_closed
        killed_at = outside.pulses
        await until(lambda: outside.pulses > killed_at + 60, "the chip counts on")
        async with ready(config) as agent:
            restarted_at = outside.pulses
            await until(lambda: outside.pulses > restarted_at + 20, "the kettle draws on")
            assert await agent.stop() == 0
        joules = kept(config)["energy"]["total_mj"] / 1000
        assert joules == pytest.approx(outside.pulses * outside.chip.portion_j, abs=200)


# ── reload ──────────────────────────────────────────────────────────────────────────────────


async def test_a_valid_change_is_swapped_in_without_touching_the_relay(tmp_path):
    config = DeviceFile(tmp_path)
    async with world(config, "kettle") as outside, ready(config) as agent:
        await agent.switch(on=True)
        await until(lambda: outside.pulses > 20, "the kettle draws")
        moved_at = config.moved_at
        config.set("device", name="Kitchen")
        await agent.reload()
        assert agent.told("RELOADING") == ["1"]
        assert (await agent.device())["name"] == "Kitchen"
        assert config.moved_at == moved_at
        config.set("device.protection", rated_current_a=1.0)
        await agent.reload()
        await until(lambda: not config.is_closed, "the new limit holds")
        assert (await agent.device())["trip"]["limit"] == pytest.approx(2.5)


async def test_an_invalid_file_changes_nothing_and_is_said_with_its_line(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        await agent.switch(on=True)
        moved_at = config.moved_at
        config.set("device", name="Kitchen", bord="code504")
        line = 1 + config.path.read_text().splitlines().index('bord = "code504"')
        await agent.reload()
        refused = await agent.logged("reload.refused")
        assert f"{config.path}:{line}: device.bord" in refused["error"]
        answer = await agent.ask("status")
        assert answer["agent"]["reload_error"] == refused["error"]
        assert answer["devices"][0]["name"] == "socket-1"
        assert config.moved_at == moved_at
        del config.sections["device"]["bord"]
        config.write()
        await agent.reload()
        answer = await agent.ask("status")
        assert answer["agent"]["reload_error"] is None
        assert answer["devices"][0]["name"] == "Kitchen"


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("device.relay", {"on_start": "on"}),
        ("device.relay", {"pin": "GPIO22"}),
        ("device.meter", {"kv": 2.0}),
        ("device.button", {"driver": "simulated"}),
    ],
)
async def test_a_change_of_what_drives_the_hardware_needs_a_restart(tmp_path, section, change):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        await agent.switch(on=True)
        moved_at = config.moved_at
        config.set(section, **change)
        await agent.reload()
        refused = await agent.logged("reload.refused")
        assert section.removeprefix("device.") in refused["error"]
        assert "needs a restart" in refused["error"]
        assert config.moved_at == moved_at
        assert config.is_closed


async def test_clouds_are_switched_off_and_on_by_a_reload_at_the_platforms_pace(tmp_path):
    options = EmulatorOptions(tencent=TencentRules(connect_interval_s=4.9))
    async with Emulator(options) as emulator:
        ports = emulator.ports
        config = DeviceFile(tmp_path).with_tencent(ports.tencent.mqtts, ports.ca_file)
        async with ready(config) as agent:
            await agent.switch(on=True)
            moved_at = config.moved_at
            await agent.logged("cloud.up")
            config.set("device", clouds=[])
            await agent.reload()
            assert (await agent.device())["clouds"] == {}
            async with asyncio.timeout(5):
                await emulator.wait_until(lambda: not emulator.is_online(KEY))
            config.set("device", clouds=["tencent"])
            await agent.reload()
            await agent.until(lambda: len(agent.entries("cloud.up")) == 2, "online again")
            device = await agent.device()
            assert device["clouds"]["tencent"]["connected"]
            assert config.moved_at == moved_at
            seen = emulator.describe(KEY)
            assert (seen["connects"], seen["refusals"]) == (2, 0)


async def test_a_reload_while_it_starts_waits_until_it_has_started(tmp_path):
    config = DeviceFile(tmp_path)
    async with world(config) as outside:
        outside.line.faults = Faults(is_silent=True)
        async with running(config) as agent:
            await agent.logged("agent.started")
            agent.process.send_signal(signal.SIGHUP)
            await agent.ready(2)
            await agent.logged("agent.reloaded")


# ── a store that cannot keep up ─────────────────────────────────────────────────────────────


async def test_a_disk_that_does_not_answer_delays_no_command(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        await until(config.state.exists)
        database = sqlite3.connect(config.state, isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        try:
            for on in (True, False, True):
                await agent.switch(on=on)
                assert config.is_closed is on
            assert (await agent.device())["properties"]["power_switch"] is True
        finally:
            database.execute("ROLLBACK")
            database.close()
        await until(lambda: kept(config)["relay_on"], "it is kept when the disk is back")


async def test_a_start_does_not_wait_for_a_disk_that_does_not_answer(tmp_path):
    config = DeviceFile(tmp_path).set("device.relay", on_start="on")
    async with ready(config) as agent:
        assert await agent.stop() == 0
    database = sqlite3.connect(config.state, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        async with running(config) as agent:
            await until(lambda: config.is_closed, "the relay is driven")
            assert not agent.entries("store.failed")
            await agent.ready()
    finally:
        database.execute("ROLLBACK")
        database.close()


async def test_without_a_place_for_its_state_it_still_protects_and_obeys(tmp_path):
    config = DeviceFile(tmp_path)
    config.spoil_state()
    async with world(config) as outside, ready(config) as agent:
        await agent.logged("store.failed")
        await agent.switch(on=True)
        assert config.is_closed
        outside.plug("overload")
        await until(lambda: not config.is_closed, "the overload opens the relay")
        assert (await agent.device())["trip"]["cause"] == "overcurrent"
        assert await agent.stop() == 0
