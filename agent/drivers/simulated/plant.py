"""The mains, one contact, and what is plugged in behind it."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from agent.drivers.simulated.appliances import NO_DRAW, NOMINAL_V, Appliance

_CHANGES_KEPT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What can be measured at one moment."""

    mains_v: float
    load_v: float
    current_a: float
    power_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    since: float
    mains_v: float
    appliance: Appliance | None
    is_closed: bool
    powered_at: float


class Plant:
    """Mains, contact and appliance; every change carries its time.

    The last changes are kept, so that who looks late still sees each moment as it was.
    """

    def __init__(
        self, appliance: Appliance | None = None, *, mains_v: float = NOMINAL_V, now: float = 0.0
    ) -> None:
        first = _Scene(
            since=now, mains_v=mains_v, appliance=appliance, is_closed=False, powered_at=now
        )
        self._scenes = deque([first], maxlen=_CHANGES_KEPT)

    @property
    def is_closed(self) -> bool:
        """Tell whether the contact is closed."""
        return self._scenes[-1].is_closed

    def set_contact(self, *, on: bool, now: float) -> None:
        """Close or open the contact; to where it stands already changes nothing."""
        scene = self._scenes[-1]
        if on != scene.is_closed:
            self._scenes.append(replace(scene, since=now, is_closed=on, powered_at=now))

    def plug(self, appliance: Appliance | None, *, now: float) -> None:
        """Put another appliance in, or none."""
        scene = self._scenes[-1]
        self._scenes.append(replace(scene, since=now, appliance=appliance, powered_at=now))

    def set_mains(self, mains_v: float, *, now: float) -> None:
        """Change the voltage of the mains."""
        self._scenes.append(replace(self._scenes[-1], since=now, mains_v=mains_v))

    def at(self, moment: float) -> Supply:
        """Tell what can be measured at *moment*."""
        scene = self._scenes[0]
        for later in reversed(self._scenes):
            if later.since <= moment:
                scene = later
                break
        draw = NO_DRAW
        if scene.is_closed and scene.appliance is not None:
            draw = scene.appliance(max(0.0, moment - scene.powered_at), scene.mains_v)
        load_v = scene.mains_v if scene.is_closed else 0.0
        return Supply(
            mains_v=scene.mains_v, load_v=load_v, current_a=draw.current_a, power_w=draw.power_w
        )
