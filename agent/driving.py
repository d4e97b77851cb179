"""Outputs as they are driven: one that does not obey is tried again until it does."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

import structlog

from agent.devices.effects import MAIN, SetLevel, SetRelay
from agent.errors import DriverError
from agent.ports import Clock, Dimmer, Relay
from agent.timeline import earliest

log: Final = structlog.get_logger()

RELAY_RETRY_S: Final = 1.0

Output = Relay | Dimmer
Outputs = Mapping[str, Output]
"""What a device drives, by name; `MAIN` where it has one contact only."""

Drive = SetRelay | SetLevel


class Driving:
    """Drives one output; `stuck` is what it has not obeyed yet, and `error` why."""

    def __init__(self, name: str, output: str = MAIN) -> None:
        self.stuck: Drive | None = None
        self.error = ""
        self.retry_at = 0.0
        self._told: Final = {"device": name} | ({"output": output} if output else {})

    def drive(self, output: Output, effect: Drive, clock: Clock) -> bool:
        """Drive it, and tell whether it has just ceased to obey."""
        try:
            if isinstance(effect, SetRelay):
                cast("Relay", output).set(on=effect.on)
            else:
                cast("Dimmer", output).set(level=effect.level)
        except DriverError as error:
            is_news = self.stuck is None
            if is_news:
                log.critical("relay.failed", **self._told, **_asked(effect), error=str(error))
            self.stuck, self.error = effect, str(error)
            self.retry_at = clock.now() + RELAY_RETRY_S
            return is_news
        if self.stuck is not None:
            log.warning("relay.obeys", **self._told, **_asked(effect))
        self.stuck, self.error = None, ""
        return False


class Drivings:
    """Drives all outputs of one device."""

    def __init__(self, name: str) -> None:
        self.main: Final = Driving(name)
        """Of the device's one contact, where it has no more."""
        self._all = {MAIN: self.main}
        self._name = name

    def drive(self, outputs: Outputs, effect: Drive, clock: Clock) -> bool:
        """Drive the output that *effect* is for, and tell whether it has just ceased to obey."""
        return self._of(effect.output).drive(outputs[effect.output], effect, clock)

    def stuck(self, now: float) -> Sequence[Drive]:
        """List what is to be tried again by now."""
        if self.retry_at is None:
            return ()
        return [
            each.stuck
            for each in self._all.values()
            if each.stuck is not None and now >= each.retry_at
        ]

    @property
    def errors(self) -> Mapping[str, str]:
        """Why outputs do not obey, by output."""
        return {name: each.error for name, each in self._all.items() if each.stuck is not None}

    def is_stuck(self, output: str) -> bool:
        """Tell whether an output does not obey."""
        return self._of(output).stuck is not None

    @property
    def retry_at(self) -> float | None:
        """When the next of them is tried again; None: all obey."""
        first: float | None = None
        for each in self._all.values():
            if each.stuck is not None:
                first = earliest(first, each.retry_at)
        return first

    def retry_soon(self, now: float) -> None:
        """Try all of them again at the next occasion."""
        for each in self._all.values():
            each.retry_at = now

    def _of(self, output: str) -> Driving:
        if output not in self._all:
            self._all[output] = Driving(self._name, output)
        return self._all[output]


def _asked(effect: Drive) -> Mapping[str, object]:
    return {"on": effect.on} if isinstance(effect, SetRelay) else {"level": effect.level}
