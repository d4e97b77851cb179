"""Samples against reference meters: new factors, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Protocol

from agent.devices.socket.sampling import NEEDED, STALE_S, Sampler
from agent.model import Factors

LEAST_V: Final = 80.0
LEAST_W: Final = 40.0
LEAST_POWER_FACTOR: Final = 0.97

LEAST_POWER_FACTOR_KNOWN: Final = 0.9
"""Where references for all three agree that the load is resistive, a lower one is the board's."""

MOST_SPREAD: Final = 0.01
MOST_MOVE: Final = 0.2
MOST_DISAGREEMENT: Final = 0.03

NO_LOAD: Final = (
    f"no load is measured: plug in a kettle, a heater or a filament lamp of {LEAST_W:g} W or more"
)
CONTACT_OPEN: Final = "the contact is open: switch the socket on, with the load plugged in"
NO_REFERENCE: Final = "no reference is given: at least one of voltage, current and power is needed"
_UNITS: Final[Mapping[str, str]] = {"voltage": "V", "current": "A", "power": "W"}
QUANTITIES: Final = tuple(_UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What the reference meters say; None is not known."""

    voltage: float | None = None
    current: float | None = None
    power: float | None = None

    @property
    def given(self) -> Mapping[str, float]:
        """Those that are known, by quantity."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in every.items() if value is not None}


class Scale(Protocol):
    """What a board can measure with the factors in force."""

    @property
    def most_v(self) -> float:
        """The highest voltage that can be read."""
        ...

    @property
    def most_a(self) -> float:
        """The highest current that can be read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A `Scale` in numbers."""

    most_v: float
    most_a: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where it is measured: the factors in force, the board's scale with them, the contact."""

    factors: Factors
    scale: Scale
    is_on: bool
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One quantity: its mean, its reference, and how far its factor moves (0.02 is 2 % up)."""

    measured: float
    reference: float

    @property
    def move(self) -> float:
        """The change of the factor, as a share."""
        return self.reference / self.measured - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """New factors, what they come from, and what a person should know about it."""

    factors: Factors
    compared: Mapping[str, Compared]
    made_from: Mapping[str, float]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why there are no new factors: each with what was measured and what is allowed."""

    reasons: tuple[str, ...]


def judge(
    sampler: Sampler, references: References, bench: Bench, *, is_forced: bool = False
) -> Proposal | Refused:
    """Compare; *is_forced* allows a factor to move further than a board is usually wrong."""
    faults = _reference_faults(references, bench.scale)
    if faults:
        return Refused(reasons=faults)
    whole, notes = _completed(references)
    wanted = tuple(whole.given)
    is_known = len(references.given) == len(QUANTITIES)
    missing = waiting(sampler, bench, wanted)
    unfit_for = unfit(sampler, is_known_resistive=is_known)
    if missing or unfit_for:
        return Refused(reasons=(*missing, *unfit_for))
    means = _means(sampler)
    compared = {
        name: Compared(measured=means[name], reference=reference)
        for name, reference in whole.given.items()
    }
    moved = tuple(_moved(name, row) for name, row in compared.items() if abs(row.move) > MOST_MOVE)
    if moved and not is_forced:
        return Refused(reasons=moved)
    return Proposal(
        factors=_moved_factors(bench.factors, compared),
        compared=compared,
        made_from=_made_from(means, whole),
        notes=notes,
    )


def waiting(
    sampler: Sampler, bench: Bench, wanted: tuple[str, ...] = QUANTITIES
) -> tuple[str, ...]:
    """List what must still come before the *wanted* quantities can be calibrated."""
    if not bench.is_on:
        return (CONTACT_OPEN,)
    if sampler.at is None or bench.now - sampler.at > STALE_S:
        return (f"the meter is silent: no frame for {STALE_S:g} s or more",)
    means = _means(sampler)
    if "power" not in means or "current" not in means:
        return (NO_LOAD,)
    if "voltage" not in means:
        return ("voltage: nothing is measured yet",)
    return tuple(text for name in wanted if (text := _unsettled(sampler, name)))


def unfit(sampler: Sampler, *, is_known_resistive: bool = False) -> tuple[str, ...]:
    """Tell why this load cannot calibrate, however long one waits."""
    means = _means(sampler)
    if len(means) < len(QUANTITIES):
        return ()
    least = LEAST_POWER_FACTOR_KNOWN if is_known_resistive else LEAST_POWER_FACTOR
    return _unfit(means, least)


def power_factor(sampler: Sampler) -> float | None:
    """Tell the power factor of the means; above 1 where the board is not calibrated yet."""
    means = _means(sampler)
    return _power_factor(means) if len(means) == len(QUANTITIES) else None


def _power_factor(means: Mapping[str, float]) -> float:
    return means["power"] / (means["voltage"] * means["current"])


def _means(sampler: Sampler) -> dict[str, float]:
    every = {name: getattr(sampler, name).mean for name in QUANTITIES}
    return {name: mean for name, mean in every.items() if mean is not None}


def _unsettled(sampler: Sampler, name: str) -> str:
    series = getattr(sampler, name)
    if len(series.values) < NEEDED:
        return f"{name}: {len(series.values)} of {NEEDED} measurements so far"
    if series.spread > MOST_SPREAD:
        return (
            f"{name}: varies by ±{series.spread:.1%}, at most ±{MOST_SPREAD:.0%} is allowed:"
            " wait until the load is steady"
        )
    return ""


def _unfit(means: Mapping[str, float], least_power_factor: float) -> tuple[str, ...]:
    reasons: list[str] = []
    if means["voltage"] < LEAST_V:
        measured = means["voltage"]
        reasons.append(f"voltage: measured {measured:.1f} V, at least {LEAST_V:g} V is needed")
    if means["power"] < LEAST_W:
        measured = means["power"]
        reasons.append(
            f"power: measured {measured:.1f} W, at least {LEAST_W:g} W is needed:"
            " take a bigger load"
        )
    found = _power_factor(means)
    if found < least_power_factor:
        reasons.append(
            f"power factor: measured {found:.2f}, at least {least_power_factor:.2f} is needed:"
            " a motor, a charger or electronics cannot calibrate. If it surely is a heater or a"
            " filament lamp, give voltage, current and power of the reference meter, all three"
        )
    return tuple(reasons)


def _reference_faults(references: References, scale: Scale) -> tuple[str, ...]:
    """Tell what no reference meter can have said of a load that is fit."""
    given = references.given
    if not given:
        return (NO_REFERENCE,)
    allowed = {
        "voltage": (LEAST_V, scale.most_v),
        "current": (LEAST_W / scale.most_v, scale.most_a),
        "power": (LEAST_W, scale.most_v * scale.most_a),
    }
    outside = tuple(
        f"reference {name} {value:g} {_UNITS[name]}: allowed is"
        f" {allowed[name][0]:.3g} to {allowed[name][1]:.0f} {_UNITS[name]}"
        for name, value in given.items()
        if not allowed[name][0] <= value <= allowed[name][1]
    )
    return outside or _disagreement(given)


def _disagreement(given: Mapping[str, float]) -> tuple[str, ...]:
    if len(given) < len(QUANTITIES):
        return ()
    expected = given["voltage"] * given["current"]
    apart = given["power"] / expected - 1
    if abs(apart) <= MOST_DISAGREEMENT:
        return ()
    text = (
        f"the references disagree: {given['voltage']:g} V × {given['current']:g} A ="
        f" {expected:.1f} W, but the power is {given['power']:g} W ({apart:+.1%}); allowed is"
        f" ±{MOST_DISAGREEMENT:.0%}: is the load a heater or a filament lamp, and were all three"
        " read at the same time?"
    )
    return (text,)


def _completed(references: References) -> tuple[References, tuple[str, ...]]:
    """Derive the current where a plug-in meter gives voltage and power only."""
    voltage, power = references.voltage, references.power
    if references.current is not None or voltage is None or power is None:
        return references, ()
    current = power / voltage
    note = (
        f"the current's reference is derived: {power:g} W / {voltage:g} V = {current:.3f} A,"
        " which holds for a heater or a filament lamp only (power factor 1)"
    )
    return replace(references, current=current), (note,)


def _moved(name: str, row: Compared) -> str:
    unit = _UNITS[name]
    return (
        f"{name}: measured {row.measured:.3f} {unit}, reference {row.reference:g} {unit}: the"
        f" factor would move by {row.move:+.1%}, allowed is ±{MOST_MOVE:.0%}: check the reference"
        " and the board's kv, ki, kp; --force allows it"
    )


def _moved_factors(factors: Factors, compared: Mapping[str, Compared]) -> Factors:
    changes = {name: getattr(factors, name) * (1 + row.move) for name, row in compared.items()}
    return replace(factors, **changes)


def _made_from(means: Mapping[str, float], references: References) -> dict[str, float]:
    measured = {f"measured_{name}": value for name, value in means.items()}
    return measured | {f"reference_{name}": value for name, value in references.given.items()}
