"""A clock that goes with the event loop: nothing of it outlives the process."""

import asyncio

from agent.model import Stamp
from agent.timeline import stamp_of


class LoopClock:
    """The time of the loop that runs when it is asked; what kind it is says the time of day.

    A kind overrides only what differs: all else follows from its `now` and its `wall_time`.
    """

    def now(self) -> float:
        """Tell the loop's time."""
        return asyncio.get_running_loop().time()

    def since_boot(self) -> float:
        """Tell the same: the machine booted when the loop's time began."""
        return self.now()

    def wall_time(self) -> float | None:
        """Tell that the time of day is not known."""
        return None

    def wall_time_at(self, at: float) -> float | None:
        """Tell the time of day at *at*."""
        now = self.wall_time()
        return None if now is None else now - (self.since_boot() - at)

    def stamp(self) -> Stamp:
        """Tell the moment."""
        return stamp_of(self.since_boot(), self.wall_time())

    def learn(self, wall_time: float) -> None:
        """Take nobody's word."""

    def tls_is_possible(self) -> bool:
        """Tell that nothing is encrypted here."""
        return True

    async def sleep(self, seconds: float) -> None:
        """Wait in the loop's time."""
        await asyncio.sleep(seconds)
