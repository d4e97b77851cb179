"""What a store has on the disk after it was closed."""

from contextlib import closing

from agent.store import Store
from agent.store.statefile import StateFile


async def kept(path, device="socket-1"):
    async with Store(path) as store:
        return store.load(device)


def contents_of(path):
    """Open the file as a start does, and close it."""
    with closing(StateFile(path)) as file:
        return file.open()
