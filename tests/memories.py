"""A disk that is slow, that refuses, and that outlives the process that writes to it."""

import asyncio

from agent.memory import Attempt, ProcessMemory


class Disk(ProcessMemory):
    """Takes each write, unless told otherwise, after *delay_s*; a killed writer's may be lost.

    `is_refusing`: nothing is taken or, where it `is_late`, only after False was said.
    `holds`: writes wait until it is set.
    """

    def __init__(self, delay_s: float = 0.0) -> None:
        super().__init__()
        self.delay_s = delay_s
        self.is_refusing = False
        self.is_late = False
        self.holds = asyncio.Event()
        self.holds.set()
        self.written: list[tuple[str, str | None]] = []

    async def remember(self, device_id: str, key: str, answer: str | None) -> bool:
        await self._turn()
        if self.is_refusing and not self.is_late:
            return False
        await super().remember(device_id, key, answer)
        if self.is_refusing:
            return False
        self.written.append((key, answer))
        await self._turn()
        return True

    async def note_attempt(self, identity: str, attempt: Attempt) -> bool:
        await self._turn()
        if self.is_refusing:
            return False
        await super().note_attempt(identity, attempt)
        await self._turn()
        return True

    async def _turn(self) -> None:
        await self.holds.wait()
        await asyncio.sleep(self.delay_s / 2)
