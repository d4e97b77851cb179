"""A device that a run went without: its times are of an earlier boot, and nobody takes them so."""

import pytest

from agent.model import Condition, StartCause
from agent.store import Store
from agent.store.contents import RESTORED_RUN, Changes, Run
from agent.store.statefile import StateFile


def kept(path, run, **devices):
    file = StateFile(path)
    file.open()
    file.write(Changes(saved=devices, run=run))
    file.close()


async def a_run(path, boot_id, *, present):
    """Begin a run without the devices that are not *present*, and stop it cleanly."""
    async with Store(path, boot_id=boot_id) as store:
        await store.begin_run(boot_id, "1", present=present)
        await store.end_run()


@pytest.mark.parametrize(
    ("boots", "cause"),
    [
        (("first", "first", "first"), StartCause.CRASH),
        (("first", "second", "second"), StartCause.POWER_LOSS),
        (("first", "second", "first"), StartCause.CRASH),
        (("first", "", ""), StartCause.POWER_LOSS),
    ],
)
async def test_it_starts_by_what_its_own_times_mean(tmp_path, boots, cause):
    path = tmp_path / "state.db"
    before, without, now = boots
    kept(path, Run(boot_id=before, version="1"), cellar='{"on": true}', kitchen="{}")
    await a_run(path, without, present=["kitchen"])
    await a_run(path, without, present=["kitchen"])  # a second one changes nothing
    async with Store(path, boot_id=now) as store:
        assert store.cause_of("cellar", now, "1") is cause
        assert store.cause_of("kitchen", now, "1") is store.cause(now, "1")
        assert store.cause_of("new", now, "1") is store.cause(now, "1")
        assert store.load("cellar") == {"on": True}
        assert store.condition("cellar") is Condition.GOOD


async def test_the_mark_goes_with_the_next_save(tmp_path):
    path = tmp_path / "state.db"
    kept(path, Run(boot_id="first", version="1"), cellar='{"on": true}')
    await a_run(path, "second", present=[])
    async with Store(path, boot_id="second") as store:
        store.save("cellar", {"on": False})
        await store.begin_run("second", "1", present=[])
        await store.end_run()
    async with Store(path, boot_id="second") as store:
        assert store.cause_of("cellar", "second", "1") is StartCause.RESTART
        assert store.load("cellar") == {"on": False}


async def test_what_a_person_put_in_place_stays_so_until_it_is_used(tmp_path):
    path = tmp_path / "state.db"
    kept(path, RESTORED_RUN, cellar='{"on": true}')
    await a_run(path, "boot", present=["kitchen"])
    async with Store(path, boot_id="boot") as store:
        assert store.condition("cellar") is Condition.RESTORED


async def test_what_cannot_be_read_is_not_touched(tmp_path):
    path = tmp_path / "state.db"
    kept(path, Run(boot_id="first", version="1"), cellar="[1]")
    await a_run(path, "second", present=[])
    async with Store(path, boot_id="second") as store:
        assert store.condition("cellar") is Condition.LOST
        assert store.cause_of("cellar", "second", "1") is StartCause.RESTART
