"""The devices of a start: made each by itself, and left out where others can run without."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Final

import structlog

from agent.app.parts import Parts
from agent.app.trouble import attempt
from agent.errors import ConfigError
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.root import Config, DeviceConfig, LeftOut

log: Final = structlog.get_logger()

MOST_TOLD: Final = 20
"""So many faults of a file are logged; `polycloud status` has all."""

Made = tuple[DeviceConfig, Parts]


def make_all(
    config: Config, make: Callable[[DeviceConfig], Parts]
) -> tuple[list[Made], list[LeftOut]]:
    """Make the parts of every device, and tell which cannot be made.

    Raise what *make* does where none can.
    """
    made: list[Made] = []
    failed: list[tuple[DeviceConfig, Exception]] = []
    for each in config.devices:
        parts = attempt(partial(make, each))
        if isinstance(parts, Exception):
            failed.append((each, parts))
        else:
            made.append((each, parts))
    if not made:
        raise _of_all(config, [error for _, error in failed])
    left = [*config.left_out, *(_left_out(each, error) for each, error in failed)]
    for one in left:
        _tell(one)
    return made, left


def faults_told(left: Sequence[LeftOut]) -> list[dict[str, object]]:
    """Give what is wrong with files that were left out, as JSON holds it."""
    return [
        {"device": each.device_id, **asdict(fault), "text": str(fault)}
        for each in left
        for fault in each.faults
    ]


def _of_all(config: Config, errors: Sequence[Exception]) -> Exception:
    """Say all there is to mend; a bug, or the fault of the only file, as it is."""
    faults = [fault for each in config.left_out for fault in each.faults]
    for error in errors:
        if not isinstance(error, ConfigFaults):
            return error
        faults += error.faults
    return errors[0] if len(errors) == 1 and not config.left_out else ConfigFaults(faults)


def _left_out(config: DeviceConfig, error: Exception) -> LeftOut:
    if isinstance(error, ConfigFaults):
        faults = error.faults
    else:
        if not isinstance(error, ConfigError):
            log.critical("device.failed", device=config.device.id, exc_info=error)
        text = str(error) if isinstance(error, ConfigError) else repr(error)
        faults = (Fault(file=str(config.path), line=None, key="", found=text, allowed=""),)
    return LeftOut(path=config.path, device_id=config.device.id, faults=faults)


def _tell(left: LeftOut) -> None:
    for fault in left.faults[:MOST_TOLD]:
        log.warning("device.left_out", device=left.device_id, file=str(left.path), error=str(fault))
    more = len(left.faults) - MOST_TOLD
    if more > 0:
        log.warning("device.left_out", device=left.device_id, file=str(left.path), more=more)
