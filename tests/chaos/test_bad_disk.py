"""A disk that takes nothing: protection and control go on, and it is said once."""

from contextlib import contextmanager

import pytest

from bench.figures import Spread
from chaos.disks import bad_disk
from chaos.disks.mounts import drive, fill, small_disk
from chaos.report import Verdict
from chaos.stage import Stage, living
from chaos.world import world
from tests.chaos.needs import needs_fuse, needs_root
from tests.integration.process import until

pytestmark = pytest.mark.unmeasured

LAMP_W = 60.0
FAR_TOO_MUCH_W = 3680.0


@contextmanager
def full(folder):
    """A small file system that can be filled, and emptied again."""
    with small_disk(folder / "small", 256) as disk:
        yield disk, lambda: fill(disk), (disk / "filler").unlink


@contextmanager
def faulty(folder, fault):
    with drive(folder / "faulty") as disk:
        yield disk.folder, lambda: disk.misbehave(fault), lambda: disk.misbehave("none")


def read_only(folder):
    return faulty(folder, "readonly")


async def is_tripped(life):
    return (await life.ask("status"))["devices"][0]["trip"]


@pytest.mark.parametrize(
    "bad_disk",
    [pytest.param(full, marks=needs_root), pytest.param(read_only, marks=needs_fuse)],
)
async def test_a_disk_that_takes_nothing_holds_up_neither_protection_nor_control(
    tmp_path, bad_disk
):
    with bad_disk(tmp_path) as (folder, spoil, mend):
        stage = Stage(folder=tmp_path, state=folder)
        async with world(stage, LAMP_W) as around, living(stage) as life:
            await life.ready()
            await life.switch(on=True)
            await until(lambda: around.contact.is_closed, "the contact closes")
            spoil()
            around.plug(FAR_TOO_MUCH_W)
            await until(lambda: not around.contact.is_closed, "the trip")
            assert await is_tripped(life)
            around.plug(LAMP_W)
            await life.switch(on=True)
            await life.switch(on=False)
            assert not (await life.properties())["power_switch"]
            await until(lambda: stage.entries("store.failed"), "the warning")
            mend()
            await until(lambda: stage.entries("store.recovered"), "the recovery")
            await life.stop()
        (failed,), (recovered,) = stage.entries("store.failed"), stage.entries("store.recovered")
    assert failed["level"] == recovered["level"] == "warning"
    assert recovered["failures"] >= 1


@needs_fuse
async def test_a_disk_that_syncs_for_seconds_holds_up_neither_protection_nor_control(tmp_path):
    with faulty(tmp_path, "slow-2") as (folder, spoil, mend):
        stage = Stage(folder=tmp_path, state=folder)
        async with world(stage, LAMP_W) as around, living(stage) as life:
            await life.ready()
            await life.switch(on=True)
            spoil()
            await life.switch(on=False)  # the sync of this one is what the trip must not wait for
            await life.switch(on=True)
            await until(lambda: around.contact.is_closed, "the contact closes")
            around.plug(FAR_TOO_MUCH_W)
            await until(lambda: not around.contact.is_closed, "the trip")
            assert await is_tripped(life)
            mend()
            await life.stop()
        assert stage.entries("store.failed") == []


def test_a_slower_relay_and_one_that_is_stuck_are_told_from_noise():
    calm = measured(0.5)
    found = {"good": calm, "good again": measured(0.6), "full": measured(0.9), "slow": None}
    fine, stuck = bad_disk.rows(found)
    assert fine.verdict is Verdict.HELD
    assert stuck.verdict is Verdict.BROKEN
    late, missed = bad_disk.rows({**found, "full": measured(1.0), "slow": measured(0.5, missed=1)})
    assert late.verdict is missed.verdict is Verdict.BROKEN
    (nothing,) = bad_disk.rows({**found, "good": None})
    assert nothing.verdict is Verdict.BROKEN


def measured(p99_ms, missed=0):
    spread = Spread(p50=0.4, p99=p99_ms, most=p99_ms, least=0.3, count=100)
    return bad_disk.Measured(spread=spread, missed=missed, failures=0)
