"""Load profiles from the mains to the contact: what tripped, on how much evidence, how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.settings.device import SocketSettings
from bench.chain import Chain
from bench.figures import Row
from bench.profile_table import PROFILES, Profile, Window

SHIFT_S: Final = 0.137
"""From one phase to the next; eight of them go round the chip's second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a profile once; times are seconds from the step.

    *shown_s* is when the first frame told of the load: nobody can know earlier.
    """

    cause: str | None
    opened_s: float | None
    shown_s: float | None
    measurements: int
    said: Sequence[tuple[float, str]]


def play(profile: Profile, phase: int = 0) -> Played:
    """Play *profile* on a new chain."""
    meter = {"voltage_from": profile.voltage_from}
    settings = SocketSettings.model_validate(
        {"id": "bench", "kind": "socket", "meter": meter, **profile.settings}
    )
    chain = Chain(
        settings,
        limit=profile.limit,
        mains_v=profile.mains_v,
    )
    profile.scene(chain, phase * SHIFT_S)
    trip, opened_at, shown_at = chain.state.trip, chain.opened_at, chain.watcher.first_at
    return Played(
        cause=None if trip is None else trip.cause,
        opened_s=None if opened_at is None else opened_at - chain.step_at,
        shown_s=None if shown_at is None else shown_at - chain.step_at,
        measurements=chain.watcher.measurements,
        said=[(at - chain.step_at, name) for at, name in chain.said],
    )


def faults(profile: Profile, played: Played) -> list[str]:
    """List in words where *played* is not what the rules say."""
    found: list[str] = []
    if played.cause != profile.cause:
        found.append(f"trip {played.cause} instead of {profile.cause}")
    elif profile.cause is not None and not _is_within(played.opened_s, profile.opens_s):
        found.append(f"open after {played.opened_s} s instead of {_text(profile.opens_s)}")
    heard: dict[str, list[float]] = {}
    for at, name in played.said:
        heard.setdefault(name, []).append(at)
    for name, window in profile.says.items():
        times = heard.pop(name, [])
        if len(times) != 1 or not _is_within(times[0], window):
            found.append(f"{name} at {times} instead of once in {_text(window)}")
    if profile.cause is not None:
        heard.pop("overload_warning", None)  # a warning before a trip is no surprise
    found += [f"{name} at {times}, which nothing called for" for name, times in heard.items()]
    return found


async def measure(profiles: Sequence[Profile] = PROFILES) -> Sequence[Row]:
    """Play them, each in all its phases."""
    return [_row(profile) for profile in profiles]


def _row(profile: Profile) -> Row:
    played = [play(profile, phase) for phase in range(profile.phases)]
    wrong = [fault for one in played for fault in faults(profile, one)]
    worst = max(played, key=lambda one: one.opened_s or 0.0)
    return Row(
        what=profile.name,
        agent=_outcome(played),
        floor="" if worst.shown_s is None else f"{worst.shown_s * 1000:.0f} ms",
        compared=_measurements(played),
        aim=_aim(profile),
        is_met=not wrong,
    )


def _outcome(played: Sequence[Played]) -> str:
    causes = {one.cause or "none" for one in played} | {
        name for one in played for _, name in one.said
    }
    times = [one.opened_s * 1000 for one in played if one.cause and one.opened_s is not None]
    text = ", ".join(sorted(causes))
    if not times:
        return text
    least, most = round(min(times)), round(max(times))
    return f"{text} {most} ms" if least == most else f"{text} {least}-{most} ms"


def _measurements(played: Sequence[Played]) -> str:
    counts = [one.measurements for one in played]
    least, most = min(counts), max(counts)
    return f"{most} meas." if least == most else f"{least}-{most} meas."


def _aim(profile: Profile) -> str:
    parts = [f"{name} {_text(window)}" for name, window in profile.says.items()]
    if profile.cause is not None:
        parts.insert(0, f"{profile.cause} {_text(profile.opens_s)}")
    return ", ".join(parts) or "none"


def _is_within(seconds: float | None, window: Window) -> bool:
    return seconds is not None and window[0] <= seconds <= window[1]


def _text(window: Window) -> str:
    return f"{window[0]:g}-{window[1]:g} s"
