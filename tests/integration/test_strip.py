"""A strip as a process that people and clouds use: every outlet is a file that outlives it."""

import asyncio
from pathlib import Path

from agent.emulator.emulator import Emulator
from agent.emulator.identity import sample_device
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from tests.integration.config import KEY, DeviceFile
from tests.integration.process import guard, ready, typed

ALIYUN = sample_device("aliyun")
ALIYUN_KEY = DeviceKey(cloud="aliyun", product=ALIYUN.product, name=ALIYUN.name)


class StripFile(DeviceFile):
    """A strip's file, with everything simulated: three outlets with the same load behind each."""

    def __init__(self, folder: Path, load_w: float = 100, **each: object) -> None:
        self.each = each
        super().__init__(folder, "strip-1")
        self.sections["device"]["kind"] = "strip"
        del self.sections["device.relay"]
        self.set("device.meter", load_w=load_w)

    def write(self) -> "StripFile":
        super().write()
        if "device.relay" not in self.sections:
            self.path.write_text(self.path.read_text() + "".join(map(self._outlet, range(1, 4))))
        return self

    def _outlet(self, number: int) -> str:
        keys = {"driver": "simulated", "min_off_s": 0, "name": f"No. {number}", **self.each}
        keys["state_file"] = str(self.outlet(number))
        lines = [
            f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"'
            for key, value in keys.items()
        ]
        return "\n".join(["[[device.outlets]]", *lines, "", ""])

    def outlet(self, number: int) -> Path:
        return self.folder / f"outlet-{number}"

    @property
    def closed(self) -> set[int]:
        numbers = [n for n in range(1, 4) if self.outlet(n).exists()]
        return {n for n in numbers if self.outlet(n).read_text().endswith("1")}

    def with_aliyun(self, port: int, ca_file: Path) -> "StripFile":
        secret = self.folder / "aliyun.secret"
        secret.touch(mode=0o600)
        secret.write_text(ALIYUN.secret)
        self.set("device", clouds=["aliyun"])
        self.set(
            "clouds.aliyun",
            product_key=ALIYUN.product,
            device_name=ALIYUN.name,
            device_secret_file=str(secret),
            host="localhost",
            port=port,
            ca_file=str(ca_file),
        )
        return self


def reported(emulator, key):
    (device,) = (each for each in emulator.devices() if each["product"] == key.product)
    return device["properties"]


async def test_each_outlet_is_switched_and_the_meter_shows_the_sum(tmp_path):
    config = StripFile(tmp_path)
    place = ("--socket", str(config.control_socket))
    async with ready(config) as agent:
        assert await typed("set", "power_switch_2=on", *place)
        assert config.closed == {2}
        await agent.device_until(lambda each: (each["properties"]["active_power"] or 0) > 90)
        assert (await typed("on", *place))[0] == 0
        await typed("set", "power_switch_1=on", "power_switch_3=on", *place)
        assert config.closed == {1, 2, 3}
        await agent.device_until(lambda each: (each["properties"]["active_power"] or 0) > 290)
        _, out, _ = await typed("why", *place)
        assert "strip-1 power_switch_1 is on" in out
        assert "outlet 3 on" in out
        assert (await typed("toggle", *place))[:2] == (0, "strip-1: off\n")
        assert config.closed == set()
        status, _, err = await typed("set", "power_switch_4=on", *place)
        assert status != 0
        assert "power_switch_1, power_switch_2, power_switch_3" in err
        status, _, err = await typed("record", "--out", str(tmp_path / "a.jsonl"), *place)
        assert status != 0
        assert "only a 'socket' has recordings" in err


async def test_an_overload_of_the_sum_opens_every_outlet_and_latches(tmp_path):
    config = StripFile(tmp_path, load_w=1200)
    async with ready(config) as agent:
        await agent.ask("set", values={"power_switch_1": True})
        await agent.ask("set", values={"power_switch_2": True, "power_switch_3": True})
        device = await agent.device_until(lambda each: each["trip"])
        assert device["trip"]["cause"] == "overcurrent"
        assert config.closed == set()


async def test_aliyun_has_a_standard_switch_for_each_outlet(tmp_path):
    config = StripFile(tmp_path).with_aliyun(1, tmp_path / "none.pem")
    model = tmp_path / "model.json"
    written = await typed(
        "model", "export", "aliyun", "--config", str(config.path), "-o", str(model)
    )
    assert written[0] == 0
    options = EmulatorOptions(clouds=("aliyun",), models={ALIYUN.product: model})
    async with Emulator(options) as emulator:
        config.with_aliyun(emulator.ports.clouds["aliyun"].mqtts, emulator.ports.ca_file)
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            async with asyncio.timeout(10):
                await emulator.wait_until(lambda: emulator.is_online(ALIYUN_KEY))
            reply = await emulator.set_properties(ALIYUN_KEY, {"PowerSwitch_2": 1})
            assert reply.code == 200
            assert config.closed == {2}
            told = {"PowerSwitch": 1, "PowerSwitch_1": 0, "PowerSwitch_2": 1, "PowerSwitch_3": 0}
            async with asyncio.timeout(10):
                await emulator.wait_until(
                    lambda: told.items() <= reported(emulator, ALIYUN_KEY).items()
                )
            refused = await emulator.set_properties(ALIYUN_KEY, {"PowerSwitch_4": 1})
            assert refused.code != 200
            contradiction = {"PowerSwitch": 0, "PowerSwitch_1": 1}
            refused = await emulator.set_properties(ALIYUN_KEY, contradiction)
            assert refused.code != 200
            assert config.closed == {2}
            await emulator.set_properties(ALIYUN_KEY, {"PowerSwitch": 0})
            assert config.closed == set()
    same = await typed("model", "diff", "aliyun", str(model), "--config", str(config.path))
    assert same[0] == 0


async def test_tencent_has_the_names_and_a_right_to_switch_off_only_holds_for_outlets(tmp_path):
    config = StripFile(tmp_path).with_tencent(1, tmp_path / "none.pem")
    model = tmp_path / "model.json"
    written = await typed(
        "model", "export", "tencent", "--config", str(config.path), "-o", str(model)
    )
    assert written[0] == 0
    async with Emulator(EmulatorOptions(models={KEY.product: model})) as emulator:
        ports = emulator.ports
        config.with_tencent(ports.tencent.mqtts, ports.ca_file, commands="off_only")
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            async with asyncio.timeout(10):
                await emulator.wait_until(lambda: emulator.is_online(KEY))
            await agent.ask("set", values={"power_switch_1": True, "power_switch_3": True})
            reply = await emulator.set_properties(KEY, {"power_switch_2": 1})
            assert reply.code != 0
            reply = await emulator.set_properties(KEY, {"power_switch_3": 0})
            assert reply.code == 0
            assert config.closed == {1}
            told = {"power_switch": 1, "power_switch_1": 1, "power_switch_3": 0}
            async with asyncio.timeout(10):
                await emulator.wait_until(lambda: told.items() <= reported(emulator, KEY).items())


async def test_every_outlet_is_opened_when_the_process_is_killed(tmp_path):
    config = StripFile(tmp_path)
    async with ready(config) as agent:
        await agent.ask("set", values={"power_switch_1": True, "power_switch_3": True})
        assert config.closed == {1, 3}
        await agent.kill()
    await guard(config, "signal", "killed", "KILL")
    assert config.closed == set()


async def test_a_restart_restores_each_outlet(tmp_path):
    config = StripFile(tmp_path, on_start="restore")
    async with ready(config) as agent:
        await agent.ask("set", values={"power_switch_1": True, "power_switch_3": True})
        assert await agent.stop() == 0
    assert config.closed == set()
    async with ready(config):
        assert config.closed == {1, 3}
