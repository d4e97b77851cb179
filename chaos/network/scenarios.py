"""Inside a network of its own: one agent, three clouds, and the ways in which a network fails.

Run by `chaos.network.network`; prints its findings as one JSON list.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from agent.demo.api import CloudApi, over_http
from agent.emulator.identity import DeviceIdentity, sample_device
from chaos.gate import Gate, closest_s, gate
from chaos.kept import quiet
from chaos.network import wreck
from chaos.network.dips import Dips, arrived
from chaos.stage import ENVIRON, Stage, living
from chaos.world import world

FLOORS_S: Final[Mapping[str, float]] = {"tencent": 5.0, "aliyun": 12.0, "onenet": 5.0}
"""The shortest time between two CONNECTs of one device, by the platforms' documents."""
MEASURED_S: Final = 0.1
UP_S: Final = 60.0
NOTICED_S: Final = 60.0
BACK_S: Final = 90.0
DRAINED_S: Final = 60
LASTED_S: Final = 31.0
"""A session that ended sooner may have been kicked, and after three the agent waits minutes."""
POLL_S: Final = 0.1
LOST_PERCENT: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row to be: what was done, the figures, and what did not hold."""

    done: str
    figures: str
    faults: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way to fail: after *age_s* of every session; to be noticed within *most_s*."""

    done: str
    age_s: float
    most_s: float
    begin: Callable[[str, int], Awaitable[None]]


class Scene:
    """The running agent, its clouds' gates, and what its log has said so far."""

    def __init__(self, stage: Stage, gates: Mapping[str, Gate], ports: Mapping[str, int]) -> None:
        self._stage = stage
        self.gates = gates
        self.ports = ports

    def count(self, event: str, name: str) -> int:
        """Count what the log says of one cloud."""
        return sum(each.get("cloud") == name for each in self._stage.entries(event))

    async def until(self, event: str, name: str, more_than: int, limit_s: float) -> float:
        """Wait until the log says it once more; tell how long that took, infinity for never."""
        began = time.monotonic()
        while (waited_s := time.monotonic() - began) < limit_s:
            if self.count(event, name) > more_than:
                return waited_s
            await asyncio.sleep(POLL_S)
        return float("inf")


async def nothing(name: str, port: int) -> None:
    """Do nothing for one cloud: the scenario is done for all at once."""
    del name, port


SCENARIOS: Final = (
    Scenario(done="reset (RST)", age_s=0, most_s=15, begin=wreck.reset),
    Scenario(
        done="black hole there",
        age_s=12,
        most_s=40,
        begin=lambda name, port: wreck.swallow(name, port, "dport"),
    ),
    Scenario(
        done="black hole back",
        age_s=12,
        most_s=40,
        begin=lambda name, port: wreck.swallow(name, port, "sport"),
    ),
    Scenario(
        done="black hole both ways",
        age_s=12,
        most_s=40,
        begin=lambda name, port: wreck.swallow(name, port, "dport", "sport"),
    ),
)
SHORT: Final = ("tencent",)
"""The cloud of the short form: its floor is the lowest."""
MOVE: Final = Scenario(done="another address", age_s=LASTED_S, most_s=5, begin=nothing)


async def play(scene: Scene, scenario: Scenario) -> Finding:
    """Break every cloud's network, mend each when the agent has noticed, and wait for it."""
    await asyncio.sleep(scenario.age_s)
    names = list(scene.ports)
    ups = {name: scene.count("cloud.up", name) for name in names}
    downs = {name: scene.count("cloud.down", name) for name in names}
    if scenario.begin is nothing:
        await wreck.move(wreck.address(1), wreck.address(2))

    async def one(name: str) -> tuple[float, float]:
        await scenario.begin(name, scene.ports[name])
        noticed_s = await scene.until("cloud.down", name, downs[name], NOTICED_S)
        await wreck.mend(name)
        back_s = await scene.until("cloud.up", name, ups[name], BACK_S)
        return noticed_s, back_s

    times = dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))
    faults = [
        f"{name}: noticed after {noticed:.1f} s (<= {scenario.most_s:g}), back after {back:.1f} s"
        for name, (noticed, back) in times.items()
        if noticed > scenario.most_s or back > BACK_S
    ]
    figures = ", ".join(f"{name} {seen:.1f}/{back:.1f} s" for name, (seen, back) in times.items())
    return Finding(done=scenario.done, figures=f"noticed/back: {figures}", faults=faults)


async def lose(scene: Scene, lasts_s: float) -> Finding:
    """Lose a fifth of all packets for a while; sessions may end and come back."""
    before = {name: scene.count("cloud.down", name) for name in scene.ports}
    for name in scene.ports:
        await wreck.lose(name, LOST_PERCENT)
    await asyncio.sleep(lasts_s)
    for name in scene.ports:
        await wreck.mend(name)
    ended = {name: scene.count("cloud.down", name) - before[name] for name in scene.ports}
    figures = ", ".join(f"{name} {count}" for name, count in ended.items())
    return Finding(
        done=f"{LOST_PERCENT} % of packets lost for {lasts_s:g} s",
        figures=f"sessions ended: {figures}",
    )


def floors(scene: Scene) -> Finding:
    """Judge how close the CONNECTs were."""
    closest = {name: closest_s(each.seen) for name, each in scene.gates.items()}
    faults = [
        f"{name}: two CONNECTs {found:.2f} s apart, allowed is {FLOORS_S[name]:g} s"
        for name, found in closest.items()
        if found is not None and found < FLOORS_S[name] - MEASURED_S
    ]
    figures = ", ".join(
        f"{name} {'-' if found is None else f'{found:.1f} s'} (>= {FLOORS_S[name]:g})"
        for name, found in closest.items()
    )
    return Finding(done="all CONNECTs", figures=f"closest: {figures}", faults=faults)


async def compare(dips: Dips, apis: Mapping[str, CloudApi]) -> Finding:
    """Wait until every event that was raised has arrived everywhere, and count."""
    missing: dict[str, list[float]] = {}
    for _ in range(DRAINED_S):
        heard = {name: arrived(await each.messages()) for name, each in apis.items()}
        missing = {name: left for name, each in heard.items() if (left := dips.missing(each))}
        if not missing:
            break
        await asyncio.sleep(1)
    faults = [f"{name}: {len(left)} events never came" for name, left in missing.items()]
    faults += [] if dips.done else ["no event was raised"]
    figures = f"{len(dips.done)} raised, all arrived at {len(apis) - len(missing)} of {len(apis)}"
    return Finding(done="events meanwhile", figures=figures, faults=faults)


async def run(clouds: Sequence[str], scenarios: Sequence[Scenario], loss_s: float) -> list[Finding]:
    """Play everything in one life of the agent."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="polycloud-chaos-")))
        found = await stack.enter_async_context(emulated())
        await wreck.lay_out()
        opened = {
            name: await stack.enter_async_context(gate(found[name]["mqtt"], wreck.SERVER))
            for name in clouds
        }
        ports = {name: port for name, (_, port) in opened.items()}
        await wreck.lay_rules(ports)
        stage = Stage(folder=folder, state=folder / "state")
        mains = await stack.enter_async_context(world(stage, 60.0, sections(ports)))
        life = await stack.enter_async_context(living(stage))
        await life.ready()
        await life.switch(on=True)
        scene = Scene(stage, {name: made for name, (made, _) in opened.items()}, ports)
        for name in ports:
            if await scene.until("cloud.up", name, 0, UP_S) > UP_S:
                raise RuntimeError(f"{name} was never reached")
        dips = Dips(mains.set_mains)
        dipping = asyncio.create_task(dips.run(), name="dips")
        if not loss_s:
            await dips.finish()  # one is enough
        findings = [await lose(scene, loss_s)] if loss_s else []
        findings += [await play(scene, each) for each in scenarios]
        await dips.finish()
        await dipping
        apis = {name: api(found["http"], name) for name in ports}
        return [*findings, await compare(dips, apis), floors(scene)]


@asynccontextmanager
async def emulated() -> AsyncGenerator[Mapping[str, Any]]:
    """Run the platforms in a process of their own; give their ports."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "emulator", *FLOORS_S),
        *("--mqtt-port", "0", "--mqtts-port", "0", "--http-port", "0"),
        env=ENVIRON,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        yield json.loads(await process.stdout.readline())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def api(port: int, name: str) -> CloudApi:
    """Reach a cloud's control API."""
    device = sample_device(name)
    return CloudApi(ask=over_http(port), cloud=name, product=device.product, name=device.name)


def sections(ports: Mapping[str, int]) -> dict[str, dict[str, object]]:
    """Write what a device needs that speaks to every cloud, and tells of each dip at once."""
    made: dict[str, dict[str, object]] = {
        "device": {"clouds": list(ports)},
        "device.protection": {"low_voltage_s": 2.0},
    }
    for name, port in ports.items():
        device = sample_device(name)
        made[f"clouds.{name}"] = {
            **_identity(device),
            "host": wreck.SERVER,
            "port": port,
            "tls": False,
        }
    return made


def _identity(device: DeviceIdentity) -> dict[str, object]:
    product = "product_key" if device.cloud == "aliyun" else "product_id"
    secret = "device_key" if device.cloud == "onenet" else "device_secret"
    return {product: device.product, "device_name": device.name, secret: device.secret}


def main() -> None:
    """Play all scenarios, or only the short ones; print the findings."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    quiet()
    if options.short:
        playing = run(SHORT, [replace(MOVE, age_s=0)], 0.0)
    else:
        playing = run(list(FLOORS_S), (*SCENARIOS, MOVE), 30.0)
    findings = asyncio.run(playing)
    sys.stdout.write(json.dumps([asdict(each) for each in findings]))


if __name__ == "__main__":
    main()
