"""Calibration: dated factors over the configured coefficients; the last one is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from agent.devices.effects import Effect, Log, Record, Rescale
from agent.devices.inputs import Calibrate
from agent.messages import DONE, Outcome, RefusalKind, refused
from agent.model import Factors, OriginKind
from agent.settings.meters import AnyMeterSettings

CALIBRATIONS_KEPT: Final = 5

MOST_COEFFICIENT: Final = 1000.0
"""The configuration's own bound on `kv`, `ki` and `kp`; a calibration stays within it."""

COEFFICIENTS: Final = ("kv", "ki", "kp")

LOCAL_ONLY: Final = "calibration is done on the gateway only, with polycloud calibrate"
NOTHING_TO_UNDO: Final = "there is no calibration to take back (the last 5 changes are kept)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One change of the factors: what held before, what holds since, who did it and from what.

    `at` is Unix seconds, None where the clock was not trusted.
    """

    factors: Factors
    before: Factors
    at: float | None
    by: str
    made_from: Mapping[str, float]
    is_undo: bool = False


Factor = Annotated[FiniteFloat, Field(gt=0)]


class KeptFactors(BaseModel):
    """What multiplies the configured coefficients, on disk."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    voltage: Factor
    current: Factor
    power: Factor

    def factors(self) -> Factors:
        """Take them back."""
        return Factors(voltage=self.voltage, current=self.current, power=self.power)


class KeptCalibration(BaseModel):
    """A `Calibration` on disk."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    factors: KeptFactors
    before: KeptFactors
    at: float | None
    by: str
    made_from: dict[str, float]
    is_undo: bool

    def calibration(self) -> Calibration:
        """Take it back."""
        return Calibration(
            factors=self.factors.factors(),
            before=self.before.factors(),
            at=self.at,
            by=self.by,
            made_from=self.made_from,
            is_undo=self.is_undo,
        )


class Calibrated(NamedTuple):
    """What came of a wish to calibrate; refused, the rows are as they were."""

    rows: tuple[Calibration, ...]
    outcome: Outcome
    effects: tuple[Effect, ...]


def in_force(rows: Sequence[Calibration], meter: AnyMeterSettings) -> Factors:
    """Tell the factors that hold now; none where the file's coefficients leave no room for them."""
    if not rows or not is_possible(meter, rows[-1].factors):
        return Factors()
    return rows[-1].factors


def coefficients(meter: AnyMeterSettings, factors: Factors) -> Mapping[str, float]:
    """Tell the coefficients that the meter works with."""
    return {
        "kv": meter.kv * factors.voltage,
        "ki": meter.ki * factors.current,
        "kp": meter.kp * factors.power,
    }


MOST_MOVED: Final = 2.0
"""No calibration, and no number of them, moves a coefficient further from the file's."""


def is_possible(meter: AnyMeterSettings, factors: Factors) -> bool:
    """Tell whether protection still means something with *factors*.

    Every coefficient stays within what a configuration may hold, and none is moved by more than
    a factor of two in all: a board that is further off is another board.
    """
    scaled = coefficients(meter, factors).values()
    moved = (factors.voltage, factors.current, factors.power)
    return all(0 < value <= MOST_COEFFICIENT for value in scaled) and all(
        1 / MOST_MOVED <= factor <= MOST_MOVED for factor in moved
    )


def calibrated(
    rows: tuple[Calibration, ...],
    event: Calibrate,
    meter: AnyMeterSettings,
    energy_facts: Mapping[str, object],
) -> Calibrated:
    """Put new factors in force, or those before the last calibration; say why not.

    *energy_facts* stand in every row of the journal about energy.
    """
    if event.origin.kind is not OriginKind.LOCAL:
        return Calibrated(rows, refused(RefusalKind.NOT_ALLOWED, LOCAL_ONLY), ())
    factors = event.factors
    if factors is None:
        last = _last_standing(rows)
        if last is None:
            return Calibrated(rows, refused(RefusalKind.FAILED, NOTHING_TO_UNDO), ())
        factors = last.before
    if not is_possible(meter, factors):
        reason = _impossible(meter, factors)
        return Calibrated(rows, refused(RefusalKind.OUT_OF_RANGE, reason), ())
    configured = {f"configured_{name}": getattr(meter, name) for name in COEFFICIENTS}
    row = Calibration(
        factors=factors,
        before=in_force(rows, meter),
        at=event.wall_time,
        by=event.origin.name,
        made_from={**event.made_from, **configured},
        is_undo=event.factors is None,
    )
    return Calibrated((*rows, row)[-CALIBRATIONS_KEPT:], DONE, _effects(row, energy_facts))


def at_start(rows: Sequence[Calibration], meter: AnyMeterSettings) -> tuple[Effect, ...]:
    """Give the meter its factors, before it is opened; say where the file no longer fits them."""
    if not rows:
        return ()
    last = rows[-1]
    rescale = Rescale(factors=in_force(rows, meter))
    if not is_possible(meter, last.factors):
        unfit = Log(
            event="calibration.unfit",
            details={"reason": _impossible(meter, last.factors), "holds": "as configured"},
            is_warning=True,
        )
        return rescale, unfit
    made_for = {name: last.made_from.get(f"configured_{name}") for name in COEFFICIENTS}
    now = {name: getattr(meter, name) for name in COEFFICIENTS}
    if made_for == now:
        return (rescale,)
    changed = Log(
        event="calibration.file_changed",
        details={
            "made_for": made_for,
            "configured": now,
            "advice": "the factors multiply the new coefficients: calibrate again, or undo",
        },
        is_warning=True,
    )
    return rescale, changed


def _last_standing(rows: Sequence[Calibration]) -> Calibration | None:
    """Find the last calibration that has not been taken back; None where it is not kept."""
    standing: list[Calibration] = []
    for row in rows:
        if not row.is_undo:
            standing.append(row)
        elif standing:
            standing.pop()
    return standing[-1] if standing else None


def _effects(row: Calibration, energy_facts: Mapping[str, object]) -> tuple[Effect, ...]:
    details: dict[str, object] = {
        "old": asdict(row.before),
        "new": asdict(row.factors),
        "made_from": dict(row.made_from),
        "by": row.by,
        "is_undo": row.is_undo,
    }
    return (
        Rescale(factors=row.factors),
        Record(topic="energy", name="calibration_changed", details={**energy_facts, **details}),
        Log(event="calibration.changed", details=details, is_warning=True),
    )


def _impossible(meter: AnyMeterSettings, factors: Factors) -> str:
    scaled = coefficients(meter, factors)
    listed = ", ".join(f"{name} = {value:g}" for name, value in scaled.items())
    return (
        f"this would make {listed}; allowed: above 0, at most {MOST_COEFFICIENT:g}:"
        " check kv, ki, kp in the configuration"
    )
