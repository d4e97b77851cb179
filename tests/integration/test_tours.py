"""The demo in real time, over TLS and HTTP, with several clouds at once."""

import asyncio

import pytest

from agent.demo.declared.file import read_settings
from agent.demo.declared.stage import open_own_stage
from agent.demo.declared.steps import off, switched
from agent.demo.dialects import DIALECTS, choose
from agent.demo.network import online
from agent.demo.stage import open_stage
from agent.demo.tour import STEPS, WITH_SEVERAL, play
from tests.docs.pages import ROOT
from tests.integration.process import command, environment, finished

OWN = {"environment": 7, "nightlight": 8, "lamp": 5}
"""The steps of each shipped file's tour."""

SHORT = {name: {**STEPS, **WITH_SEVERAL}[name] for name in ("online", "clouds", "why")}
LIMIT_S = 90.0
SETS = [
    *([name] for name in DIALECTS if name != "tencent"),
    ["tencent", "aliyun", "onenet"],
    ["onenet-legacy", "aliyun", "tencent"],
]


async def test_three_clouds_at_once_switch_the_socket_in_turn():
    async with open_stage(choose(["tencent", "aliyun", "onenet"])) as stage:
        found = [each async for each in play(stage, SHORT)]
    assert [(step, happened) for step, happened, _ in found] == [(step, True) for step in SHORT]


@pytest.mark.tours
@pytest.mark.timeout(2 * LIMIT_S)
@pytest.mark.parametrize("names", SETS, ids="-".join)
async def test_the_whole_tour_of_clouds_other_than_tencent_takes_90_s_at_most(tmp_path, names):
    env = environment(HOME=str(tmp_path), TMPDIR=str(tmp_path))
    clouds = [f"--cloud={name}" for name in names]
    async with asyncio.timeout(LIMIT_S):
        status, out, err = await finished(command("demo", *clouds), env)
    assert status == 0, out + err
    assert len(out.splitlines()) == len(STEPS) + (len(WITH_SEVERAL) if len(names) > 1 else 0)
    assert not list(tmp_path.iterdir()), "it leaves nothing behind"


@pytest.mark.tours
@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("cloud", DIALECTS)
@pytest.mark.timeout(2 * LIMIT_S)
async def test_the_tour_of_a_shipped_file_takes_30_s_at_tencent(tmp_path, name, cloud):
    env = environment(HOME=str(tmp_path), TMPDIR=str(tmp_path))
    path = str(ROOT / "config" / f"{name}.toml")
    async with asyncio.timeout(30 if cloud == "tencent" else LIMIT_S):
        status, out, err = await finished(
            command("demo", "--config", path, f"--cloud={cloud}"), env
        )
    assert status == 0, out + err
    old = cloud == "onenet-legacy" and name != "environment"
    assert len(out.splitlines()) == OWN[name] + old
    assert not list(tmp_path.iterdir()), "it leaves nothing behind"


async def test_a_shipped_file_is_shown_at_two_clouds_at_once():
    settings = read_settings(ROOT / "config" / "lamp.toml")
    async with open_own_stage(choose(["tencent", "aliyun"]), settings) as stage:
        found = [await online(stage), await switched(stage), await off(stage)]
    assert "Lamp on in " in found[1]
    assert found[2] == "Lamp off from aliyun"
