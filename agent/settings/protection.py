"""`[device.protection]`: the limits of the socket, each bounded by what the hardware allows."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agent.settings.section import Section

Band = tuple[float, float]
"""(times the rating, seconds above it until the relay opens)."""

SLOWEST: Final[tuple[Band, ...]] = (
    (1.02, 300.0),
    (1.1, 60.0),
    (1.3, 10.0),
    (1.6, 3.0),
    (2.5, 0.0),
)
"""The default, and the slowest that is accepted."""

MOST_BANDS: Final = 8
_BANDS_TEXT: Final = (
    "a list of [times the rating, seconds], such as"
    " [[1.02, 300], [1.1, 60], [1.3, 10], [1.6, 3], [2.5, 0]]"
)

AnyBands = Annotated[tuple[Band, ...], Field(description=_BANDS_TEXT)]


class ProtectionSettings(Section):
    """The limits of the socket; no cloud, page or command moves them past the hardware."""

    rated_current_a: Annotated[float, Field(gt=0, le=16)] = 5.0
    rated_power_w: Annotated[float, Field(gt=0, le=4000)] = 1100.0
    profile: Literal["bands", "reference"] = "bands"
    """reference: also anything above the rated current at the first confirmed measurement."""
    bands: AnyBands = SLOWEST
    overload_warn_s: Annotated[float, Field(ge=0, le=300)] = 60
    inrush_s: Annotated[float, Field(ge=0, le=2)] = 2
    inrush_trip_s: Annotated[float, Field(ge=0, le=1)] = 1
    high_voltage_v: Annotated[float, Field(ge=100, le=275)] = 250
    high_voltage_s: Annotated[float, Field(ge=0, le=60)] = 5
    overvoltage_v: Annotated[float, Field(ge=110, le=300)] = 275
    overvoltage_s: Annotated[float, Field(ge=0, le=5)] = 1
    low_voltage_v: Annotated[float, Field(ge=60, le=240)] = 187
    low_voltage_s: Annotated[float, Field(ge=0, le=60)] = 5
    meter_lost: Literal["open", "keep"] = "open"
    meter_lost_s: Annotated[float, Field(ge=1, le=10)] = 5
    welded_after_s: Annotated[float, Field(ge=2, le=10)] = 2
    warn_c: Annotated[float, Field(ge=30, le=85)] = 70
    open_c: Annotated[float, Field(ge=40, le=100)] = 85
    close_below_c: Annotated[float, Field(ge=20, le=85)] = 60
    cpu_warn_c: Annotated[float, Field(ge=40, le=100)] = 80
    reset: Literal["any", "local"] = "any"
    cloud_reset_after_s: Annotated[float, Field(ge=10, le=3600)] = 10
    cloud_resets_per_hour: Annotated[int, Field(ge=0, le=3)] = 3
    accept_stored_on: bool = True

    @field_validator("bands")
    @classmethod
    def _bands_are_no_slower(cls, bands: Sequence[Band]) -> Sequence[Band]:
        """Refuse a curve that is slower than the default anywhere, or out of order."""
        reason = _fault_of(bands)
        if reason:
            raise PydanticCustomError("bands", "bands", {"allowed": _BANDS_TEXT, "hint": reason})
        return bands

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> "ProtectionSettings":
        pairs = (
            ("low_voltage_v", "high_voltage_v"),
            ("high_voltage_v", "overvoltage_v"),
            ("close_below_c", "warn_c"),
            ("warn_c", "open_c"),
        )
        for low, high in pairs:
            if getattr(self, low) >= getattr(self, high):
                context = {"key": low, "allowed": f"less than {high}"}
                raise PydanticCustomError("limit_order", "not less than {key}", context)
        return self


def _fault_of(bands: Sequence[Band]) -> str:
    """Tell what is wrong with *bands*; empty when nothing is."""
    if not 1 <= len(bands) <= MOST_BANDS:
        return f"1 to {MOST_BANDS} bands are taken"
    factors, delays = [band[0] for band in bands], [band[1] for band in bands]
    if factors != sorted(set(factors)) or factors[0] <= 1:
        return "the first numbers must rise, each above 1"
    if delays != sorted(delays, reverse=True) or delays[-1] != 0:
        return "the seconds must fall, to 0 in the last band"
    for factor, seconds in SLOWEST:
        if not any(f <= factor and s <= seconds for f, s in bands):
            return f"above {factor:g} times the rating it must open within {seconds:g} s"
    return ""
