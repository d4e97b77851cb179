"""Credentials that end: a session is replaced before, at a quiet moment.

Whether a platform cuts a session whose credentials have ended is not known; so none gets there.
"""

from collections.abc import Callable
from typing import Final

from agent.errors import TransportError
from agent.ports import Clock, ConnectParams

EARLIEST: Final = 0.85
SPREAD: Final = 0.10
"""Of their time: many devices that were switched on together come back one after the other."""
LATEST: Final = 0.97
"""From then on a reply or a report that is under way is waited for no longer."""
LONGEST_S: Final = 400 * 86_400.0
"""What holds longer was signed so that it need not be renewed."""
MOST_S: Final = 600.0
"""So long at most a quiet moment is waited for."""
QUIET_EVERY_S: Final = 1.0


class RenewalDueError(TransportError):
    """The session was ended here, so that the next one is signed anew."""


async def renew(
    params: ConnectParams, clock: Clock, *, jitter: float, is_quiet: Callable[[], bool]
) -> None:
    """Wait until a session should be replaced, and raise `RenewalDueError`; return for never.

    *jitter* is drawn from [0, 1). *is_quiet* tells whether nothing is under way.
    """
    wall = clock.wall_time()
    if params.valid_until is None or wall is None or params.valid_until - wall > LONGEST_S:
        return
    life_s = max(0.0, params.valid_until - wall)
    due_s = (EARLIEST + SPREAD * jitter) * life_s
    last = clock.now() + min(LATEST * life_s, due_s + MOST_S)
    await clock.sleep(due_s)
    while clock.now() < last and not is_quiet():
        await clock.sleep(QUIET_EVERY_S)
    raise RenewalDueError("the credentials end soon: connecting with new ones")
