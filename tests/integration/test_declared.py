"""A device that is declared in its file, as a process that people and clouds use."""

import asyncio

from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.errors import EXIT_FAILED
from tests.integration.config import KEY, DeviceFile
from tests.integration.process import guard, ready, typed

SENSORS = {
    "T": {"driver": "simulated", "value": 21.37, "step": 0.1, "unit": "°C", "interval_s": 0.2},
    "MQ2": {"driver": "simulated", "value": 30, "warm_up": "1h", "interval_s": 0.2},
}


def declared(folder, **lamp) -> DeviceFile:
    config = DeviceFile(folder, "lamp-1")
    agent = config.sections["agent"]
    config.sections = {"agent": agent, "device": {"id": "lamp-1", "kind": "generic"}}
    config.set(
        "device.switches.Lamp",
        driver="simulated",
        state_file=str(config.contact),
        min_off_s=0,
        **lamp,
    )
    config.set("device.switches.Pump", driver="simulated", min_off_s=3600)
    config.set("device.dimmers.Glow", driver="simulated")
    for name, section in SENSORS.items():
        config.set(f"device.sensors.{name}", **section)
    return config


async def test_every_command_means_its_own_switches_and_values(tmp_path):
    config = declared(tmp_path)
    config.set("device.rules", warm="when T > 21: event warm; set Glow = 30")
    place = ("--socket", str(config.control_socket))
    async with ready(config) as agent:
        device = await agent.device_until(lambda device: device["properties"]["T"] == 21.4)
        assert device["unknown"].keys() == {"MQ2"}
        assert device["properties"]["Glow"] == 30
        assert await typed("on", *place) == (0, "lamp-1: on\n", "")
        assert config.is_closed
        assert await typed("toggle", *place) == (0, "lamp-1: off\n", "")
        assert not config.is_closed
        status, out, _ = await typed("set", "Lamp=on", "Pump=on", "Glow=55", *place)
        assert (status, out.splitlines()[-1][:7]) == (0, "closes ")
        assert await typed("get", "Glow", *place) == (0, "55\n", "")
        _, out, _ = await typed("status", *place)
        assert "MQ2   — (warming up, 3" in out
        _, out, _ = await typed("why", *place)
        assert "lamp-1 Lamp is on\n" in out
        assert "Glow level 55 % by local" in out
        for command in ("energy", "calibrate"):
            arguments = ("--list",) if command == "calibrate" else ()
            status, _, err = await typed(command, *arguments, *place)
            assert (status, "only a 'socket' has" in err) == (EXIT_FAILED, True)
        assert await typed("off", *place) == (0, "lamp-1: off\n", "")


async def test_a_cloud_takes_its_model_switches_it_and_is_told(tmp_path):
    config = declared(tmp_path)
    config.with_tencent(1, tmp_path / "none.pem")
    model = tmp_path / "model.json"
    written = await typed(
        "model", "export", "tencent", "--config", str(config.path), "-o", str(model)
    )
    assert written[0] == 0
    async with Emulator(EmulatorOptions(models={KEY.product: model})) as emulator:
        config.with_tencent(emulator.ports.tencent.mqtts, emulator.ports.ca_file)
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            async with asyncio.timeout(10):
                await emulator.wait_until(lambda: emulator.is_online(KEY))
            reply = await emulator.set_properties(KEY, {"Lamp": 1, "Glow": 40})
            assert reply.code == 0
            assert config.is_closed
            told = {"T": 21.4, "Lamp": 1, "Glow": 40}.items()
            async with asyncio.timeout(10):
                await emulator.wait_until(lambda: told <= reported(emulator).items())
            assert "MQ2" not in reported(emulator)
            refused = await emulator.set_properties(KEY, {"Lamp": 0, "Glow": 400})
            assert refused.code != 0
            assert config.is_closed


def reported(emulator):
    (device,) = (each for each in emulator.devices() if each["product"] == KEY.product)
    return device["properties"]


async def test_what_it_drives_is_opened_when_it_is_killed(tmp_path):
    config = declared(tmp_path)
    async with ready(config) as agent:
        await agent.ask("on")
        assert config.is_closed
        await agent.kill()
    await guard(config, "signal", "killed", "KILL")
    assert not config.is_closed


async def test_a_restart_restores_what_its_policy_says(tmp_path):
    config = declared(tmp_path, on_start="restore")
    async with ready(config) as agent:
        await agent.ask("on")
        assert await agent.stop() == 0
    assert not config.is_closed
    async with ready(config) as agent:
        assert config.is_closed
        assert (await agent.device())["properties"]["Lamp"] is True


async def test_a_contact_that_it_does_not_have_any_more_after_a_crash_is_opened(tmp_path):
    config = declared(tmp_path, on_start="restore")
    async with ready(config) as agent:
        await agent.ask("on")
        await agent.kill()
    assert config.is_closed
    config.set("device.switches.Lamp", state_file=str(tmp_path / "another.contact"))
    async with ready(config) as agent:
        await agent.until(lambda: not config.is_closed, "the contact that is left is opened")


async def test_an_output_that_is_taken_for_a_device_is_told_how_to_be_set(tmp_path):
    config = declared(tmp_path)
    async with ready(config):
        status, _, err = await typed("on", "Pump", "--socket", str(config.control_socket))
    assert (status, "an output of lamp-1: polycloud set Pump=VALUE" in err) == (EXIT_FAILED, True)
