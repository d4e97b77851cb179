"""The agent's driver, runtime and store on one line: `python -m chaos.disks.reader PORT FOLDER`.

Every frame is the one that makes the device trip, and every trip is kept in FOLDER. Ends with
the line, and prints when the relay was driven and how often the store failed.
"""

import asyncio
import json
import sys
from pathlib import Path

from agent.store import Store
from bench.reader import StampedRelay, measure
from chaos.kept import STATE_FILE, quiet
from chaos.stage import DEVICE


async def run(port: int, folder: Path) -> None:
    """Read the line to its end."""
    relay = StampedRelay()
    async with Store(folder / STATE_FILE) as store:
        store.save(DEVICE, {})
        await store.flush()
        await measure(port, relay, lambda save: store.save(DEVICE, save.saved, cause=save.cause))
        print(json.dumps({"driven": relay.stamps, "failures": store.failures}), flush=True)


if __name__ == "__main__":
    quiet()
    asyncio.run(run(int(sys.argv[1]), Path(sys.argv[2])))
