"""What a sensor gave becomes a value, or is not known: scale, range, filter, step, warm-up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Final

from agent.devices.generic.state import SensorState, State, Unknown
from agent.devices.inputs import Sensed
from agent.settings.sensors import SensorSettings
from agent.settings.smoothing import Smoothing, parse_filter, parse_warm_up

SILENT_S: Final = 30.0
"""So much longer than three intervals, and a sensor that gives nothing is not known any more."""

WIDEST_INT: Final = 2**31 - 1


def begun(section: SensorSettings, now: float) -> SensorState:
    """Begin: nothing is known, and the sensor warms up."""
    return SensorState(ready_at=now + parse_warm_up(section.warm_up))


def sensed(state: State, event: Sensed, section: SensorSettings, now: float) -> State:
    """Take in what a sensor gave, or that it could not be read."""
    after = _taken(replace(state.sensors[event.sensor], heard_at=now), event, section, now)
    return replace(state, sensors={**state.sensors, event.sensor: after})


def silenced(state: State, sections: Mapping[str, SensorSettings], now: float) -> State:
    """Let what was not heard of for too long not be known any more."""
    silent = {
        name: _unknown(each, Unknown.SILENT)
        for name, each in state.sensors.items()
        if (at := silent_at(each, sections[name])) is not None and now >= at
    }
    return replace(state, sensors={**state.sensors, **silent}) if silent else state


def silent_at(known: SensorState, section: SensorSettings) -> float | None:
    """Tell when a sensor counts as silent; None where nothing is known of it anyway."""
    if known.value is None or known.heard_at is None:
        return None
    return known.heard_at + 3 * section.interval_s + SILENT_S


def is_whole(section: SensorSettings) -> bool:
    """Tell whether all its values are whole numbers, of 32 bits as clouds take them."""
    whole = (bound.is_integer() and abs(bound) <= WIDEST_INT for bound in section.range)
    return section.step.is_integer() and all(whole)


def _taken(known: SensorState, event: Sensed, section: SensorSettings, now: float) -> SensorState:
    raw = event.value
    if raw is None:
        return _unknown(known, Unknown.LOST)
    if known.why in (Unknown.LOST, Unknown.SILENT):  # it may have been without power
        known = replace(known, ready_at=now + parse_warm_up(section.warm_up), why=Unknown.NEW)
    if now < known.ready_at:
        return _unknown(known, Unknown.WARMING)
    if section.is_binary:
        is_either = raw in (0, 1)
        why = Unknown.NEW if is_either else Unknown.OUTSIDE
        return replace(known, value=bool(raw) if is_either else None, why=why)
    value = float(raw) * section.scale + section.offset
    low, high = section.range
    if not low <= value <= high:  # nor is what is no number
        # A value grows old while others are none: after an hour the filter must not know it.
        return replace(known, value=None, why=Unknown.OUTSIDE, recent=known.recent[1:])
    smoothing = parse_filter(section.filter)
    recent = (*known.recent, value)[-smoothing.count :]
    shown = _stepped(_smoothed(recent, smoothing), section)
    return replace(known, value=shown, why=Unknown.NEW, recent=recent)


def _unknown(known: SensorState, why: Unknown) -> SensorState:
    return replace(known, value=None, why=why, recent=())


def _smoothed(recent: Sequence[float], smoothing: Smoothing) -> float:
    return fmean(recent) if smoothing.kind == "mean" else median(recent)


def _stepped(value: float, section: SensorSettings) -> float:
    """Round to the step, within the range."""
    low, high = section.range
    rounded = round(value / section.step) * section.step
    bounded = min(high, max(low, rounded))
    if is_whole(section):
        return int(bounded)
    return round(bounded, _digits(section.step)) + 0.0


def _digits(step: float) -> int:
    """Tell how many digits behind the point a multiple of *step* may have, and a little more."""
    return max(0, 6 - math.floor(math.log10(step)))
