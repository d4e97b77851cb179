"""A cut of seconds over real sockets: what was switched is told, in order and as it was."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

from agent.demo.dialects import DIALECTS, Dialect
from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.emulator.values import DeviceKey
from chaos.heard import Heard, heard, resolution
from chaos.report import Row, judged
from chaos.stage import Life, Stage, living

CUT_S: Final = 4.0
SWITCHED: Final = (True, False, True)
EACH_S: Final = 1.2
"""Two switchings are never within one second, which is all that some stamps tell."""

BACK_S: Final = 40.0
NEAR_S: Final = 0.5


@dataclass(slots=True, kw_only=True)
class Cut:
    """What came of one cut."""

    switched_at: list[float] = field(default_factory=list[float])
    told: list[tuple[bool, Heard]] = field(default_factory=list[tuple[bool, Heard]])
    back_s: float | None = None
    cloud: Mapping[str, object] = field(default_factory=dict[str, object])


async def run(part: str) -> list[Row]:
    """Cut every dialect off at once, each with an agent of its own."""
    devices = tuple(dialect.identity() for dialect in DIALECTS.values())
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="polycloud-chaos-")))
        options = EmulatorOptions(clouds=tuple(DIALECTS), devices=devices)
        emulator = await stack.enter_async_context(Emulator(options))
        keys = {
            each.cloud: DeviceKey(cloud=each.cloud, product=each.product, name=each.name)
            for each in devices
        }
        secrets = {each.cloud: each.secret for each in devices}
        cuts = await asyncio.gather(
            *(
                _cut(folder / name, dialect, emulator, keys[name], secrets[name])
                for name, dialect in DIALECTS.items()
            )
        )
    return [row(part, name, cut) for name, cut in zip(DIALECTS, cuts, strict=True)]


async def _cut(
    folder: Path, dialect: Dialect, emulator: Emulator, key: DeviceKey, secret: str
) -> Cut:
    folder.mkdir()  # noqa: ASYNC240 - nothing else runs yet
    stage = Stage(folder=folder, state=folder / "state")
    product, name, secret_key = dialect.keys
    section: dict[str, object] = {
        product: key.product,
        name: key.name,
        secret_key: secret,
        "host": "127.0.0.1",
        "port": emulator.ports.clouds[dialect.name].mqtt,
        **dialect.extra,
        "tls": False,
    }
    stage.write({"device": {"clouds": [dialect.section]}, f"clouds.{dialect.section}": section})
    cut, device = Cut(), f"{key.cloud}/{key.product}/{key.name}"
    async with living(stage) as life:
        await life.ready()
        async with asyncio.timeout(BACK_S):
            await emulator.wait_until(lambda: emulator.is_online(key))
        await asyncio.sleep(2)
        first = max((entry.number for entry in emulator.messages(key)), default=0)
        emulator.add_fault({"kind": "drop", "device": device, "seconds": CUT_S})
        for on in SWITCHED:
            await asyncio.sleep(EACH_S)
            cut.switched_at.append(time.time())
            await life.switch(on=on)
        await _come_back(life, dialect, cut)
        for entry in emulator.messages(key, after=first):
            if entry.direction == "up":
                cut.told += _switches(dialect, heard(dialect.name, entry))
        await life.stop()
    return cut


async def _come_back(life: Life, dialect: Dialect, cut: Cut) -> None:
    began = time.monotonic()
    while time.monotonic() < began + BACK_S:
        answer = cast("Mapping[str, Sequence[Mapping[str, object]]]", await life.ask("status"))
        clouds = cast("Mapping[str, Mapping[str, object]]", answer["devices"][0]["clouds"])
        cut.cloud = clouds[dialect.section]
        if cut.cloud["connected"] and not cut.cloud["pending"]:
            cut.back_s = time.monotonic() - began
            return
        await asyncio.sleep(0.2)


def _switches(dialect: Dialect, told: Sequence[Heard]) -> list[tuple[bool, Heard]]:
    name = dialect.wire_id("power_switch")
    return [(each.values[name] == dialect.on, each) for each in told if name in each.values]


def row(part: str, cloud: str, cut: Cut) -> Row:
    """Judge one cut."""
    faults = list(_untold(cloud, cut))
    if cut.back_s is None:
        faults.append(f"not everything was told in {BACK_S:g} s")
    if cut.cloud.get("lost") or cut.cloud.get("unconfirmed"):
        faults.append(f"{cut.cloud['lost']} lost, {cut.cloud['unconfirmed']} unconfirmed")
    back = "-" if cut.back_s is None else f"{cut.back_s:.1f} s"
    figures = f"{len(cut.told)} positions told; everything {back} after the last switching"
    done = f"{cloud}: {CUT_S:g} s over real sockets, switched {len(SWITCHED)} times"
    return judged(part, done, figures, faults)


def _untold(cloud: str, cut: Cut) -> Iterator[str]:
    """Find each position with its time, in order; what is young goes to one platform without."""
    rest = iter(cut.told)
    for on, at in zip(SWITCHED, cut.switched_at, strict=True):
        if not any(told == on and _is_of(cloud, each, at) for told, each in rest):
            yield f"{'on' if on else 'off'} was not told in its place and with its time"


def _is_of(cloud: str, told: Heard, at: float) -> bool:
    if told.stamp is None:
        return cloud == "onenet-legacy"
    per_s = resolution(cloud)
    return -1 / per_s <= told.stamp / per_s - at + 1 / per_s <= NEAR_S + 1 / per_s
