"""Incidents of a real agent, recorded into files.

What is recorded is a process with its control socket, an emulated cloud and a simulated chip; the
files in `tests/replays` were made so.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.drivers.simulated.faults import NO_FAULTS, Faults
from agent.emulator.emulator import Emulator
from agent.emulator.options import DEMO_DEVICE
from agent.emulator.values import DeviceKey
from agent.errors import ControlError
from chaos.stage import Life, Stage, living
from chaos.world import World, world

KEY: Final = DeviceKey(cloud="tencent", product=DEMO_DEVICE.product, name=DEMO_DEVICE.name)
INRUSH_S: Final = 3.0
TRIPS_S: Final = 1.5
RESET_S: Final = 10.5
SILENT_S: Final = 5.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An agent at work, its world, and its cloud."""

    life: Life
    stage: Stage
    world: World
    emulator: Emulator
    sections: Mapping[str, Mapping[str, object]]

    async def cloud_switch(self, *, on: bool) -> None:
        """Switch as the cloud's app does; a refusal is part of the incident."""
        await self.emulator.set_properties(KEY, {"power_switch": int(on)})

    async def online(self, *, is_up: bool) -> None:
        """Wait until the cloud has the device, or has it no more."""
        await self.emulator.wait_until(lambda: self.emulator.is_online(KEY) is is_up)

    async def reload(self, more: Mapping[str, Mapping[str, object]]) -> None:
        """Change the file and send SIGHUP."""
        self.stage.write({**self.sections, **more})
        self.life.process.send_signal(signal.SIGHUP)
        await asyncio.sleep(1)


async def overload(scene: Scene) -> None:
    """Trip, be refused by the cloud, be reset by it later, and trip no more."""
    await scene.cloud_switch(on=True)
    await asyncio.sleep(INRUSH_S)
    scene.world.plug(3500)
    await asyncio.sleep(TRIPS_S)
    scene.world.plug(60)
    await scene.cloud_switch(on=True)
    await asyncio.sleep(RESET_S)
    await scene.cloud_switch(on=True)
    await asyncio.sleep(2)


async def silence(scene: Scene) -> None:
    """Lose the meter while on, hear noise, and hear it again."""
    await scene.life.switch(on=True)
    await asyncio.sleep(INRUSH_S)
    scene.world.line.faults = Faults(flip=0.02, drop=0.01, duplicate=0.01, split=0.1)
    await asyncio.sleep(INRUSH_S)
    scene.world.line.faults = Faults(is_silent=True)
    await asyncio.sleep(SILENT_S)
    scene.world.line.faults = Faults(flip=0.05, split=0.2)
    await asyncio.sleep(2)
    scene.world.line.faults = NO_FAULTS
    await asyncio.sleep(1)
    scene.world.feed.disconnect()
    await asyncio.sleep(INRUSH_S)
    with suppress(ControlError):
        await scene.life.switch(on=True)
    await asyncio.sleep(2)


async def countdown(scene: Scene) -> None:
    """Count down, toggle, reload other settings, and lose the cloud and find it again."""
    await scene.life.ask("set", values={"count_down": 3})
    await asyncio.sleep(3.5)
    await scene.life.ask("toggle")
    with suppress(ControlError):
        await scene.life.ask("set", values={"count_down": 10**9})
    reporting = {"min_interval_s": 1, "max_interval_s": 4}
    await scene.reload({"device.reporting": reporting})
    await scene.life.ask("toggle")
    scene.emulator.add_fault({"kind": "drop"})
    await scene.online(is_up=False)
    await asyncio.sleep(1)
    scene.emulator.clear_faults()
    await scene.online(is_up=True)
    await asyncio.sleep(1)
    await scene.cloud_switch(on=False)
    await scene.reload({"device": {"clouds": []}, "device.reporting": reporting})
    await asyncio.sleep(2)


INCIDENTS: Final[Mapping[str, Callable[[Scene], Awaitable[None]]]] = {
    "overload": overload,
    "silence": silence,
    "countdown": countdown,
}


@asynccontextmanager
async def scene(folder: Path) -> AsyncGenerator[Scene]:
    """Start an agent with a light, in a world of its own, and wait until its cloud has it."""
    async with Emulator() as emulator:
        sections: dict[str, dict[str, object]] = {
            "device": {"clouds": ["tencent"]},
            "device.indicator": {"driver": "simulated"},
            "device.relay.on_start": dict.fromkeys(("restart", "crash"), "off"),
            "clouds.tencent": {
                "product_id": DEMO_DEVICE.product,
                "device_name": DEMO_DEVICE.name,
                "device_secret": DEMO_DEVICE.secret,
                "host": "127.0.0.1",
                "port": emulator.ports.tencent.mqtt,
                "tls": False,
            },
        }
        stage = Stage(folder=folder, state=folder / "state")
        async with world(stage, 60, sections) as made, living(stage) as life:
            await life.ready()
            port: dict[str, object] = {"driver": "hlw8032", "port": made.port}
            found = Scene(
                life=life,
                stage=stage,
                world=made,
                emulator=emulator,
                sections={**sections, "device.meter": port},
            )
            await found.online(is_up=True)
            yield found


async def record(name: str, target: Path, *, ends_with_agent: bool = False) -> None:
    """Let the incident happen while the command `polycloud record` runs."""
    with TemporaryDirectory(prefix="polycloud-incident-") as folder:
        async with scene(Path(folder)) as found:
            command = [sys.executable, "-m", "agent", "record", "--out", str(target)]
            process = await asyncio.create_subprocess_exec(
                *command, "--socket", str(found.stage.control), stderr=asyncio.subprocess.PIPE
            )
            assert process.stderr is not None
            begun = (await process.stderr.readline()).decode()
            if not begun.startswith("recording"):
                raise RuntimeError(begun)
            await INCIDENTS[name](found)
            if ends_with_agent:
                await found.life.stop()
            else:
                process.send_signal(signal.SIGINT)
            await process.wait()


async def main(folder: Path, names: Sequence[str]) -> None:
    """Record the incidents of these names, or all, into files that are not there yet."""
    for name in names or list(INCIDENTS):
        target = folder / f"{name}.jsonl"
        await record(name, target, ends_with_agent=name == "silence")
        print(target)
