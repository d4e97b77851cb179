"""Commands on a kept state, and what is in it afterwards."""

from agent.store import Store, read_boot_id
from tests.cli.inprocess import in_text

SAVED = {
    "trip": {"cause": "overcurrent", "value": 7.3},
    "energy": {"total_mj": 7_200_000_000},
    "calibration": {"kv": 3.07},
}


def polycloud(*arguments):
    done = in_text(*arguments)
    return done.returncode, done.stdout, done.stderr


async def keep(folder, saved=SAVED, device="socket-1"):
    """Keep a state in *folder* as an agent does that stopped in order."""
    boot_id = read_boot_id()
    async with Store(folder / "state.db", boot_id=boot_id) as store:
        store.save(device, saved)
        store.record(device, "energy", "calibrated", {"kv": 3.07})
        assert await store.remember(device, "tencent/1", "{}")
        await store.begin_run(boot_id, "1")
        await store.end_run()


async def loaded(folder, device="socket-1"):
    async with Store(folder / "state.db") as store:
        cause = store.cause(read_boot_id(), "1")
        return store.load(device), cause, list(await store.records(device))
