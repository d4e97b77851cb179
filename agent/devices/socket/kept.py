"""What a socket has kept on disk, as it is read back: no faulty part spoils the others."""

from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, ValidationError

from agent.devices.automated.kept_plan import KeptPlan
from agent.devices.automated.rules_kept import KeptRules
from agent.devices.effects import Saved
from agent.devices.socket.calibration import KeptCalibration
from agent.devices.socket.energy import Energy


class Kept(BaseModel):
    """A part of what is kept; unknown keys, of a later version, are passed over."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)


class KeptEnergy(Kept):
    """The count, and the chip's counter that it was taken at."""

    total_mj: NonNegativeInt = 0
    rest_pj: NonNegativeInt = 0
    counter: NonNegativeInt | None = None
    counter_at: float | None = None
    chip: list[int] = []
    pulse_pj: NonNegativeInt = 0
    power_w: NonNegativeFloat = 0.0

    def energy(self) -> Energy:
        """Make the count that was kept."""
        return Energy(
            total_mj=self.total_mj,
            rest_pj=self.rest_pj,
            counter=self.counter,
            counter_at=self.counter_at,
            chip=tuple(self.chip),
            pulse_pj=self.pulse_pj,
            power_w=self.power_w,
        )


class KeptTrip(Kept):
    """A trip, latched across starts."""

    cause: str
    value: float
    limit: float
    duration_s: float
    evidence: str
    at: float
    rule: str = ""


class KeptAsked(Kept):
    """Who asked for a countdown."""

    by: str
    request: str = ""


class KeptBooks(Kept):
    """Where the day and the month began."""

    day: str | None = None
    day_base_mj: int = 0
    yesterday_mj: int = 0
    month_base_mj: int = 0
    last_month_mj: int = 0


class KeptSocket(Kept):
    """A socket's state on disk; times are monotonic seconds of the boot that wrote them.

    `opened_at`: the contact was opened at the stop, though `relay_on` says what to restore.
    `buckets` is None where an earlier version wrote none.
    """

    relay_on: bool = False
    changed_at: float | None = None
    opened_at: float | None = None
    saved_at: float | None = None
    trip: KeptTrip | None = None
    resets: list[float] = []
    limit_a: float | None = None
    child_lock: bool | None = None
    energy: KeptEnergy = KeptEnergy()
    energy_base_mj: int = 0
    books: KeptBooks = KeptBooks()
    buckets: list[NonNegativeFloat] | None = None
    countdown_at: float | None = None
    countdown_closes: bool = True
    countdown_to: bool | None = None
    countdown_by: KeptAsked | None = None
    fault: str | None = None
    calibrations: list[KeptCalibration] = []
    rules: KeptRules = KeptRules()
    plan: KeptPlan = KeptPlan()


def read(saved: Saved) -> tuple[KeptSocket, tuple[str, ...]]:
    """Understand what was kept, and name the parts that could not be.

    The count outlives anything else that is wrong with it, and a version without books has the
    days begin with the total that it had.
    """
    known = {name: value for name, value in saved.items() if name in KeptSocket.model_fields}
    parts = {name: value for name, value in known.items() if _fits(name, value)}
    dropped = tuple(name for name in known if name not in parts)
    if "energy" in dropped:
        parts["energy"] = _energy(saved["energy"])
    kept = KeptSocket.model_validate(parts)
    if "books" not in parts:
        total_mj = kept.energy.total_mj
        books = KeptBooks(day_base_mj=total_mj, month_base_mj=total_mj)
        kept = kept.model_copy(update={"books": books})
    return kept, dropped


def _fits(name: str, value: object) -> bool:
    try:
        KeptSocket.model_validate({name: value})
    except ValidationError:
        return False
    return True


def _energy(value: object) -> Mapping[str, int]:
    """Save of a count what can be saved: the total above all."""
    if not isinstance(value, Mapping):
        return {"total_mj": 0}
    total = cast("Mapping[str, object]", value).get("total_mj")
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        return {"total_mj": 0}
    return {"total_mj": total}
