"""Line requests that the service manager holds while no process of ours does."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import structlog

from agent.errors import DriverError
from agent.ports import HeldLine, Line, Relay
from agent.settings.relays import ContactSettings, StartPolicy
from agent.systemd import Notifier

log: Final = structlog.get_logger()

PREFIX: Final = "relay"
NOT_OURS: Final = "it is not a claim on the line that is configured"
Probe = Callable[[int], HeldLine | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A line that came back: under which name, as which descriptor, and where it stands."""

    name: str
    descriptor: int
    is_on: bool


class HeldLines:
    """What came back from the service manager, and what is given to it.

    Whatever is not taken for what it was given as is closed, removed and told.
    """

    def __init__(self, notifier: Notifier, passed: Collection[tuple[str, int]] = ()) -> None:
        self._notifier = notifier
        self._passed = list(passed)

    def close_others(self, device_ids: Collection[str]) -> tuple[str, ...]:
        """Refuse what belongs to none of these devices; return the names."""
        others = [each for each in self._passed if _owner(each[0]) not in device_ids]
        for name, descriptor in others:
            self._refuse(name, descriptor, "no such device is configured")
        return tuple(name for name, _ in others)

    def take(self, device_id: str, probes: Mapping[str, Probe]) -> Mapping[str, Taken]:
        """Take back the lines of a device by output, each where its own came and no other."""
        mine = [each for each in self._passed if _owner(each[0]) == device_id]
        if len(mine) > len(probes):
            for name, descriptor in mine:
                self._refuse(name, descriptor, "more than one came back")
            return {}
        taken: dict[str, Taken] = {}
        for name, descriptor in mine:
            self._take_one((name, descriptor), device_id, probes, taken)
        return taken

    def _take_one(
        self,
        passed: tuple[str, int],
        device_id: str,
        probes: Mapping[str, Probe],
        taken: dict[str, Taken],
    ) -> None:
        name, descriptor = passed
        reason = NOT_OURS
        for output, probe in probes.items():
            found, why = _probed(descriptor, probe)
            if found is not None and output not in taken:
                if line_name(device_id, found.line) == name:
                    self._passed.remove(passed)
                    log.info("line.taken_back", device=device_id, is_on=found.is_on)
                    taken[output] = Taken(name=name, descriptor=descriptor, is_on=found.is_on)
                    return
            elif why:
                reason = why
        self._refuse(name, descriptor, reason)

    def settle(self, name: str, relay: Relay, taken: Taken | None) -> None:
        """Have the line of *relay* held as *name* from now on, or no longer where it has none.

        Not before the guard's file tells the name: a guard that does not know it finds the line
        in use and cannot open it.
        """
        if name and relay.descriptor is not None:
            self._notifier.keep(relay.descriptor, name)
        elif taken is not None:
            self.drop(taken.name)

    def abandon(self, taken: Taken, probe: Probe) -> None:
        """Close what was taken and is not driven, here and at the manager."""
        found, _ = _probed(taken.descriptor, probe)
        if found is not None:  # else whoever failed to drive it has closed it
            os.close(taken.descriptor)
        self.drop(taken.name)

    def drop(self, name: str) -> None:
        """Have the line held no longer, if it has a name."""
        if name:
            self._notifier.drop(name)

    def _refuse(self, name: str, descriptor: int, reason: str) -> None:
        self._passed.remove((name, descriptor))
        os.close(descriptor)
        self._notifier.drop(name)
        log.warning("line.refused", name=name, reason=reason, now="closed, to be opened anew")


def line_name(device_id: str, line: Line) -> str:
    """Name a held line after its device and all that makes it the same line."""
    facts = f"{line.driver}\n{line.address}\n{line.active_high}"
    return f"{PREFIX}.{device_id}.{sha256(facts.encode()).hexdigest()[:16]}"


def name_to_keep(device_id: str, relay: Relay, settings: ContactSettings) -> str:
    """Name the line that is to be held through a restart; empty where none is, or can be."""
    line = relay.line
    if line is None or relay.descriptor is None or not is_worth_keeping(settings):
        return ""
    return line_name(device_id, line)


def is_worth_keeping(settings: ContactSettings) -> bool:
    """Tell whether a start of this boot would close the contact again, so that it need not move."""
    policy = settings.on_start
    if isinstance(policy, StartPolicy):
        return {policy.restart, policy.crash, policy.update} != {"off"}
    return policy != "off"


def _owner(name: str) -> str | None:
    """Read the device's id, which may hold dots itself."""
    prefix, _, rest = name.partition(".")
    device_id, dot, _ = rest.rpartition(".")
    return device_id if prefix == PREFIX and dot else None


def _probed(descriptor: int, probe: Probe) -> tuple[HeldLine | None, str]:
    try:
        return probe(descriptor), ""
    except DriverError as error:
        return None, str(error)
