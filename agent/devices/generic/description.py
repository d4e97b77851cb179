"""A generic device in words that its properties do not hold: for `status`."""

from collections.abc import Iterator, Mapping

from agent.devices.generic.state import State, Unknown


def description(state: State, now: float) -> Mapping[str, object]:
    """Describe what is not known and why, and what closes later."""
    closing = dict(_closing(state, now))
    return {
        "trip": None,
        "countdown": None,
        "closes_in_s": min(closing.values(), default=None),
        "closing": closing,
        "unknown": dict(_unknown(state, now)),
    }


def _closing(state: State, now: float) -> Iterator[tuple[str, float]]:
    for name, contact in state.switches.items():
        if contact.closing_at is not None:
            yield name, round(contact.closing_at - now, 1)


def _unknown(state: State, now: float) -> Iterator[tuple[str, str]]:
    for name, sensor in state.sensors.items():
        if sensor.value is not None:
            continue
        left_s = sensor.ready_at - now
        is_warming = sensor.why in (Unknown.NEW, Unknown.WARMING) and left_s > 0
        yield name, f"{Unknown.WARMING.value}, {left_s:.0f} s left" if is_warming else sensor.why
