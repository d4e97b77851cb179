"""One line of the file and a SIGHUP move a real agent from cloud to cloud, under load."""

from collections.abc import Mapping

from agent.demo.dialects import DIALECTS
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from tests.integration.config import DeviceFile
from tests.integration.process import ready
from tests.integration.world import world

ROUND = ("aliyun", "onenet", "tencent")
FIRST = "tencent"


def with_clouds(config: DeviceFile, emulator: Emulator, devices: Mapping[str, DeviceIdentity]):
    """Write a section for every cloud; only the first is named."""
    for name, device in devices.items():
        dialect = DIALECTS[name]
        secret_file = config.folder / f"{name}.secret"
        secret_file.touch(mode=0o600)
        secret_file.write_text(device.secret)
        product, device_name, secret = dialect.keys
        config.set(
            f"clouds.{dialect.section}",
            **{product: device.product, device_name: device.name},
            **{f"{secret}_file": str(secret_file)},
            host="localhost",
            port=emulator.ports.clouds[name].mqtts,
            ca_file=str(emulator.ports.ca_file),
        )
    config.set("device", clouds=[FIRST])


async def test_a_running_agent_is_moved_from_cloud_to_cloud_and_back(tmp_path):
    devices = {name: DIALECTS[name].identity() for name in (FIRST, "aliyun", "onenet")}
    keys = {
        name: DeviceKey(cloud=name, product=each.product, name=each.name)
        for name, each in devices.items()
    }
    options = EmulatorOptions(clouds=tuple(devices), devices=tuple(devices.values()))
    config = DeviceFile(tmp_path)
    async with Emulator(options) as emulator, world(config, "kettle", 900):
        with_clouds(config, emulator, devices)
        async with ready(config) as agent:
            await agent.logged("cloud.up", cloud=FIRST)
            await agent.switch(on=True)
            levels, energy = config.levels, [0.0]
            for name in ROUND:
                config.set("device", clouds=[name])
                await agent.reload()
                device = await agent.device_until(
                    lambda found, name=name: found["clouds"].get(name, {}).get("connected")
                )
                assert list(device["clouds"]) == [name]

                def is_shown(name: str = name) -> bool:
                    shown = DIALECTS[name].values(emulator.describe(keys[name]))
                    return shown.get("power_switch") is True and shown.get("active_power", 0) > 800

                await emulator.wait_until(is_shown)
                energy.append(device["energy"]["total_mj"])
                assert device["clouds"][name]["lost"] == 0
            assert config.levels == levels
            assert energy == sorted(energy)
            assert not agent.entries("reload.refused")
            told = await agent.ask("events", topics=["relay"], limit=10)
            assert [row["name"] for row in told["rows"]] == ["off", "on"]
