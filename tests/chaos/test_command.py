"""`python -m chaos`: its table, its exit status, its mistakes."""

import sys

import pytest

from chaos.apart import ROOT
from tests.chaos.needs import needs_fuse
from tests.integration.process import environment, finished

pytestmark = pytest.mark.unmeasured


async def chaos(*arguments):
    program = [sys.executable, "-m", "chaos", *arguments]
    return await finished(program, environment(PYTHONPATH=str(ROOT)))


@needs_fuse
async def test_a_part_prints_its_rows_and_how_many_held():
    status, out, _ = await chaos("prefix", "--rounds", "1")
    lines = out.splitlines()
    assert status == 0
    assert lines[1].split() == ["part", "what", "was", "done", "figures", "verdict"]
    assert all(line.startswith("prefix ") and line.endswith(" ok") for line in lines[2:-1])
    assert lines[-1].startswith("4 of 4 rows held; ")


@needs_fuse
async def test_a_part_that_takes_too_long_has_failed():
    status, out, _ = await chaos("prefix", "--seconds", "0")
    assert status == 1
    assert "FAILED: the part took too long" in out


async def test_a_part_that_there_is_not_is_named_with_those_that_there_are():
    status, _, err = await chaos("nonsense")
    assert status == 2
    parts = (
        "kill, prefix, disk, starts, power, clocks, outage, faults, flaps, network, crowd, replay"
    )
    assert f"'nonsense' is not a part; there are {parts}" in err
