"""Why a process starts, in what that means for contacts and for times that were kept."""

from typing import Final

from agent.model import StartCause
from agent.settings.relays import ContactSettings, Policy, StartPolicy

SAME_BOOT: Final = frozenset({StartCause.RESTART, StartCause.CRASH, StartCause.UPDATE})
"""Starts across which the monotonic clock, and so every kept time, goes on."""

CLEAN: Final = frozenset({StartCause.RESTART, StartCause.UPDATE, StartCause.REBOOT})
"""Starts before which everything was kept at the stop."""

BOOT_AT: Final = 0.0
"""The monotonic clock begins with the boot, which left the contact open."""

SHORT_OFF_S: Final = 1.0
"""A `min_off_s` up to this spares the contact; a longer one spares a compressor."""

UNWATCHED_S: Final = 15.0
"""So long at most nobody watches after a crash."""


def policy_for(contact: ContactSettings, cause: StartCause) -> Policy:
    """Tell what the contact does when the service starts for *cause*."""
    policy = contact.on_start
    chosen: Policy = getattr(policy, cause.value) if isinstance(policy, StartPolicy) else policy
    return chosen
