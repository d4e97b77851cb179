"""What a store has on the disk after it was closed."""

from agent.store import Store


async def kept(path, device="socket-1"):
    async with Store(path) as store:
        return store.load(device)
