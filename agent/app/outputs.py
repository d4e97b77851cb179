"""The outputs of one device: claimed, taken back where they were held, and let go."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from agent.app.following import Following
from agent.app.held import HeldLines, Taken, name_to_keep
from agent.app.parts import Parts
from agent.driving import Output
from agent.errors import DriverError, LineBusyError
from agent.ports import Announced, Clock, Confirmed, Dimmer, Line, Needs, Relay, RelayDriver
from agent.settings.dimmers import DimmerSettings
from agent.settings.relays import ContactSettings

log: Final = structlog.get_logger()

BUSY_S: Final = 2.0
"""How long a line may stay in use: by a service manager that closes what we refused, or a guard."""

BUSY_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """One output that is driven, for the stop guard; `kept_as` names who holds its line next."""

    output: str
    line: Line
    policy: ContactSettings
    kept_as: str = ""


class DeviceOutputs:
    """Claims every output of a device, and knows which of them outlive the process.

    `is_held_closed` is known before the device starts: a contact was found standing closed, its
    line held through the restart. Whoever has left them at their policy sets `has_left`; others
    are switched off as they are let go, and `is_stuck` tells that one did not obey. `is_given_up`
    tells that the opening of one that the guard was told of came to no end.
    """

    def __init__(self, name: str, parts: Parts, needs: Needs, held: HeldLines) -> None:
        self.driven: tuple[Driven, ...] = ()
        self.is_held_closed = False
        self.has_left = False
        self.is_stuck = False
        self.is_given_up = False
        self._name = name
        self._parts = parts
        self._needs = needs
        self._held = held
        self._opening: str | None = None
        self._taken: Mapping[str, Taken] = {}
        self._confirmed: dict[str, Confirmed] = {}

    def take_back(self) -> Mapping[str, bool]:
        """Take back the lines that were held, and tell where each stood."""
        probes = {name: driver.probe for name, driver in self._parts.relays.items()}
        self._taken = self._held.take(self._name, probes)
        found = {name: taken.is_on for name, taken in self._taken.items()}
        self.is_held_closed = any(found.values())
        return found

    async def open(
        self,
        stack: AsyncExitStack,
        clock: Clock,
        at: Mapping[str, bool | float],
        opened: Callable[[], None],
    ) -> dict[str, Output]:
        """Open them all as they shall stand, until *stack* ends; *opened* is called after each.

        What nobody has left by then is switched off before it is let go.
        """
        outputs: dict[str, Output] = {}
        following = Following(self._parts.meter)
        for name, driver in self._parts.relays.items():
            taken = self._taken.get(name)
            descriptor = None if taken is None else taken.descriptor
            is_on = bool(at[name])
            claim = partial(driver.open, on=is_on, held=descriptor)
            stack.callback(self._note_doubt, name)
            self._announce(name, driver, opened)
            relay = await _claimed(stack, claim, clock)
            if isinstance(relay, Confirmed):
                self._confirmed[name] = relay
            relay = following.follow(name, relay, is_on=is_on)
            self._opening = None
            outputs[name] = relay
            stack.callback(self._let_go, partial(relay.set, on=False))
            self._note(name, relay, taken, opened)
        for name, by_level in self._parts.dimmers.items():
            dimmer = await stack.enter_async_context(by_level.open(level=float(at[name])))
            outputs[name] = dimmer
            stack.callback(self._let_go, partial(dimmer.set, level=0.0))
            self._note_dimmer(name, dimmer)
            opened()
        return outputs

    def _announce(self, name: str, driver: RelayDriver, opened: Callable[[], None]) -> None:
        """Tell the guard of a contact that may close long before it is confirmed."""
        if isinstance(driver, Announced) and driver.line is not None:
            self._opening = name
            policy = self._needs.relays[name].policy
            self._add(Driven(output=name, line=driver.line, policy=policy))
            opened()

    def _add(self, driven: Driven) -> None:
        others = (each for each in self.driven if each.output != driven.output)
        self.driven = (*others, driven)

    def _note(
        self, name: str, relay: Relay, taken: Taken | None, opened: Callable[[], None]
    ) -> None:
        policy = self._needs.relays[name].policy
        kept_as = name_to_keep(self._name, relay, policy)
        if relay.line is not None:
            self._add(Driven(output=name, line=relay.line, policy=policy, kept_as=kept_as))
        opened()
        self._held.settle(kept_as, relay, taken)

    def _note_dimmer(self, name: str, dimmer: Dimmer) -> None:
        section = self._needs.dimmers.get(name)
        policy = section.policy if isinstance(section, DimmerSettings) else ContactSettings()
        if dimmer.line is not None:
            self._add(Driven(output=name, line=dimmer.line, policy=policy))

    def watch(self, doubt: Callable[[str], None]) -> None:
        """Call *doubt* with an output that has not confirmed where it stands."""
        for name, output in self._confirmed.items():
            output.on_doubt(partial(doubt, name))

    def _note_doubt(self, name: str) -> None:
        """Take an output that has ended for stuck where nothing confirms how it was left."""
        self.is_given_up |= name == self._opening
        output = self._confirmed.get(name)
        if output is not None and output.is_in_doubt:
            self.is_stuck = True

    def _let_go(self, off: Callable[[], None]) -> None:
        """Switch an output off that nobody has left at its policy, while it can be driven."""
        if self.has_left:
            return
        self.drop(is_clean=False)
        was_stuck, self.is_stuck = self.is_stuck, True
        try:
            off()
        except DriverError as error:
            log.critical("relay.failed", device=self._name, on=False, error=str(error))
        else:
            self.is_stuck = was_stuck

    def abandon(self) -> None:
        """Close and have closed what was taken back and is not driven: for whoever opens it."""
        driven = {each.kept_as for each in self.driven}
        for output, taken in self._taken.items():
            if taken.name not in driven:
                self._held.abandon(taken, self._parts.relays[output].probe)
        self._taken = {}

    def drop(self, *, is_clean: bool) -> None:
        """Have lines held no longer but those that a clean stop leaves as they are."""
        for each in self.driven:
            if not (is_clean and each.policy.on_stop == "keep"):
                self._held.drop(each.kept_as)


async def _claimed(
    stack: AsyncExitStack, claim: Callable[[], AbstractAsyncContextManager[Relay]], clock: Clock
) -> Relay:
    """Open a relay until *stack* ends; wait a moment for a line that is in use."""
    give_up_at = clock.now() + BUSY_S
    while True:
        try:
            return await stack.enter_async_context(claim())
        except LineBusyError:
            if clock.now() >= give_up_at:
                raise
            await clock.sleep(BUSY_POLL_S)
