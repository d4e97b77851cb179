"""Why a process starts, in what that means for what an earlier one kept."""

from typing import Final

from agent.model import StartCause

SAME_BOOT: Final = frozenset({StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE})
"""Starts across which the monotonic clock, and so every kept time, goes on."""

CLEAN: Final = frozenset({StartCause.RESTART, StartCause.UPDATE, StartCause.REBOOT})
"""Starts before which everything was kept at the stop."""

UNWATCHED_S: Final = 15.0
"""So long at most nobody watches after a crash."""
