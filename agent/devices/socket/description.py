"""A socket in words and numbers that its properties do not hold: for `status`."""

from collections.abc import Mapping
from dataclasses import asdict

from agent.devices.socket.contact import TEXTS
from agent.devices.socket.energy import PJ_PER_MJ
from agent.devices.socket.state import State
from agent.devices.socket.switching import countdown_end
from agent.devices.socket.thing_table import MJ_PER_KWH


def description(state: State, now: float) -> Mapping[str, object]:
    """Describe the trip, a fault, what is out of bounds, the countdown, and the meter."""
    return {
        "trip": _trip(state, now),
        "countdown": _countdown(state, now),
        "closes_in_s": _left_s(state.waits_until, now),
        "fault": _fault(state),
        "alerts": alerts(state),
        "temperature_c": state.warmth.socket_c,
        "energy": energy_of(state),
        "meter": _meter(state),
    }


def alerts(state: State) -> list[str]:
    """List what is out of its bounds and has not opened the contact."""
    found = {
        "overload": state.is_overloaded,
        "high_voltage": state.voltage.told == "high_voltage",
        "low_voltage": state.voltage.told == "low_voltage",
        "high_temperature": state.warmth.is_warm,
        "high_cpu_temperature": state.warmth.is_cpu_warm,
    }
    return [name for name, is_so in found.items() if is_so]


def _left_s(at: float | None, now: float) -> float | None:
    return None if at is None else round(at - now, 1)


def _fault(state: State) -> Mapping[str, object] | None:
    if state.fault is None:
        return None
    return {"name": state.fault, "text": TEXTS[state.fault]}


def _trip(state: State, now: float) -> Mapping[str, object] | None:
    if state.trip is None:
        return None
    row = asdict(state.trip)
    del row["at"]
    return {**row, "text": state.trip.describe(), "age_s": round(now - state.trip.at, 1)}


def _countdown(state: State, now: float) -> Mapping[str, object] | None:
    if state.countdown_at is None:
        return None
    left_s = max(0.0, state.countdown_at - now)
    return {"left_s": round(left_s, 1), "to": "on" if countdown_end(state) else "off"}


def _meter(state: State) -> str:
    if state.metering.last_at is None:
        return "no frame yet"
    return "silent" if state.metering.is_silent else "speaks"


def energy_of(state: State) -> Mapping[str, object]:
    """Tell what was used, in kWh: in all, since the reset, and by the books."""
    energy, books = state.energy, state.books
    total_mj = energy.total_mj
    return {
        "total_kwh": _kwh(total_mj),
        "since_reset_kwh": _kwh(total_mj - state.energy_base_mj),
        "day": books.day,
        "today_kwh": _kwh(total_mj - books.day_base_mj),
        "yesterday_kwh": _kwh(books.yesterday_mj),
        "month_kwh": _kwh(total_mj - books.month_base_mj),
        "last_month_kwh": _kwh(books.last_month_mj),
        "on_disk_kwh": _kwh(state.published_mj),
        "total_mj": total_mj,
        "counter": energy.counter,
        "pulse_mj": round(energy.pulse_pj / PJ_PER_MJ, 6),
    }


def _kwh(energy_mj: int) -> float:
    return round(energy_mj / MJ_PER_KWH, 6)
