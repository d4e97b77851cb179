"""The mains, contacts, and what is plugged in behind them."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from agent.devices.effects import MAIN
from agent.drivers.simulated.appliances import NOMINAL_V, Appliance

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
    closed: Mapping[str, float] = field(default_factory=dict[str, float])
    """Since when each closed contact gives power."""


class Plant:
    """Mains, contacts and an appliance behind each; every change carries its time.

    The last changes are kept, so that who looks late still sees each moment as it was.
    """

    def __init__(
        self, appliance: Appliance | None = None, *, mains_v: float = NOMINAL_V, now: float = 0.0
    ) -> None:
        first = _Scene(since=now, mains_v=mains_v, appliance=appliance)
        self._scenes = deque([first], maxlen=_CHANGES_KEPT)

    @property
    def is_closed(self) -> bool:
        """Tell whether any contact is closed."""
        return bool(self._scenes[-1].closed)

    def set_contact(self, *, on: bool, now: float, output: str = MAIN) -> None:
        """Close or open a contact; to where it stands already changes nothing."""
        scene = self._scenes[-1]
        if on is (output in scene.closed):
            return
        others = {name: at for name, at in scene.closed.items() if name != output}
        closed = {**others, output: now} if on else others
        self._scenes.append(replace(scene, since=now, closed=closed))

    def plug(self, appliance: Appliance | None, *, now: float) -> None:
        """Put another appliance behind every contact, or none."""
        scene = self._scenes[-1]
        closed = dict.fromkeys(scene.closed, now)
        self._scenes.append(replace(scene, since=now, appliance=appliance, closed=closed))

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
        appliance, closed = scene.appliance, scene.closed.values()
        draws = (
            []
            if appliance is None
            else [appliance(max(0.0, moment - at), scene.mains_v) for at in closed]
        )
        return Supply(
            mains_v=scene.mains_v,
            load_v=scene.mains_v if scene.closed else 0.0,
            current_a=sum(draw.current_a for draw in draws),
            power_w=sum(draw.power_w for draw in draws),
        )
