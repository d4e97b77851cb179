"""Why the process starts, told from how its last run ended."""

from pathlib import Path
from typing import Final

import structlog

from agent.model import StartCause
from agent.store.contents import Run

log = structlog.get_logger()

BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")
NO_BOOT_ID: Final = (
    "every start counts as a reboot or a power loss: countdowns are dropped and on_start.reboot"
    " or on_start.power_loss holds; is /proc mounted and readable for the agent?"
)


def start_cause(
    last: Run | None, boot_id: str, version: str, *, was_readable: bool = True
) -> StartCause:
    """Tell why the process starts, from how the last run ended.

    Where the file could not be read, nobody knows how it ended: that counts as a power loss.
    """
    if last is None:
        return StartCause.FIRST if was_readable else StartCause.POWER_LOSS
    if not boot_id or last.boot_id != boot_id:
        return StartCause.REBOOT if last.is_clean_stop else StartCause.POWER_LOSS
    if not last.is_clean_stop:
        return StartCause.CRASH
    return StartCause.RESTART if last.version == version else StartCause.UPDATE


def read_boot_id(path: Path = BOOT_ID_FILE) -> str:
    """Read the kernel's id of this boot; empty where there is none, which matches nothing."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        log.warning("boot_id.missing", file=str(path), error=str(error), means=NO_BOOT_ID)
        return ""
