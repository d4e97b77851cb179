"""Protection by temperature: warm is told, hot opens, and only what has cooled closes again."""

from dataclasses import dataclass
from typing import Final

from agent.devices.socket.protection import Verdict
from agent.settings.protection import ProtectionSettings

WARM_AGAIN_C: Final = 3.0
"""So far below its limit a temperature counts as normal again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmth:
    """What the sensors say; None where there is none, or where it cannot be read.

    `is_hot`: it was so hot that the contact must not close before it has cooled. `is_over`: the
    last measurement was so hot: one alone opens nothing, a sensor may show 85 °C as it wakes.
    """

    socket_c: float | None = None
    cpu_c: float | None = None
    is_warm: bool = False
    is_hot: bool = False
    is_over: bool = False
    is_cpu_warm: bool = False


UNKNOWN: Final = Warmth()


def felt(
    warmth: Warmth, celsius: float | None, settings: ProtectionSettings
) -> tuple[Warmth, Verdict | None]:
    """Take the socket's temperature; two measurements in a row that are too hot open."""
    is_over = celsius is not None and celsius >= settings.open_c
    is_proved = is_over and warmth.is_over
    is_warm = _is_over(celsius, settings.warn_c, was_over=warmth.is_warm)
    after = Warmth(
        socket_c=celsius,
        cpu_c=warmth.cpu_c,
        is_warm=is_warm,
        is_hot=is_proved or _stays_hot(warmth, celsius, settings),
        is_over=is_over,
        is_cpu_warm=warmth.is_cpu_warm,
    )
    if celsius is None or not is_proved:
        return after, None
    return after, Verdict(
        cause="overtemperature",
        value=round(celsius, 1),
        limit=settings.open_c,
        duration_s=0.0,
        evidence="temperature sensor",
        rule=f"from {settings.open_c:g} °C on",
    )


def felt_by_cpu(warmth: Warmth, celsius: float | None, settings: ProtectionSettings) -> Warmth:
    """Take the processor's temperature, which only warns."""
    is_cpu_warm = _is_over(celsius, settings.cpu_warn_c, was_over=warmth.is_cpu_warm)
    return Warmth(
        socket_c=warmth.socket_c,
        cpu_c=celsius,
        is_warm=warmth.is_warm,
        is_hot=warmth.is_hot,
        is_over=warmth.is_over,
        is_cpu_warm=is_cpu_warm,
    )


UNREAD: Final = (
    "its temperature cannot be read; check the sensor, or switch on at the socket:"
    " the button, or polycloud on"
)


def refusal(
    warmth: Warmth, settings: ProtectionSettings, *, has_tripped: bool, is_local: bool
) -> str:
    """Say why the contact must not close; empty where it may.

    A trip for heat is known after a restart too. Where nothing can be read only a person who is
    there may decide.
    """
    celsius = warmth.socket_c
    if not warmth.is_hot and not has_tripped:
        return ""
    if celsius is None:
        return "" if is_local else UNREAD
    if celsius < settings.close_below_c:
        return ""
    below_c = f"{settings.close_below_c:g} °C"
    return f"the socket is still {celsius:.0f} °C; it can be switched on below {below_c}"


def _stays_hot(warmth: Warmth, celsius: float | None, settings: ProtectionSettings) -> bool:
    return warmth.is_hot and (celsius is None or celsius >= settings.close_below_c)


def _is_over(celsius: float | None, limit_c: float, *, was_over: bool) -> bool:
    if celsius is None:
        return False
    return celsius >= limit_c - (WARM_AGAIN_C if was_over else 0.0)
