"""Protection by voltage: high is told, too high opens, low is an event; each needs its time."""

from dataclasses import dataclass
from typing import Final, Literal

from agent.devices.socket.evidence import SILENT, Track, follow_register
from agent.devices.socket.protection import Verdict
from agent.model import Register
from agent.settings.meters import HLW8032_PACE, Pace
from agent.settings.protection import ProtectionSettings

SOME_VOLTAGE_V: Final = 50.0
"""Less than this behind a closed contact is no mains."""

Notice = Literal["high_voltage", "low_voltage", "voltage_normal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoltageWatch:
    """Since when the voltage is out of its bounds, and whether that was told."""

    track: Track = SILENT
    over_since: float | None = None
    high_since: float | None = None
    low_since: float | None = None
    told: Notice | None = None


CALM: Final = VoltageWatch()


def watch(
    voltage: VoltageWatch,
    register: Register,
    settings: ProtectionSettings,
    now: float,
    pace: Pace = HLW8032_PACE,
) -> tuple[VoltageWatch, Verdict | None, Notice | None]:
    """Follow the voltage of a live socket: what must open it, and what is to be told once."""
    volts = register.value
    if volts is None or not is_said(register):
        return voltage, None, None
    is_normal = settings.low_voltage_v <= volts <= settings.high_voltage_v
    if is_normal and voltage is CALM:
        return voltage, None, None
    if is_normal:
        return CALM, None, None if voltage.told is None else "voltage_normal"
    after = VoltageWatch(
        track=follow_register(voltage.track, register, pace.rms, now),
        over_since=_since(voltage.over_since, now) if volts > settings.overvoltage_v else None,
        high_since=_since(voltage.high_since, now) if volts > settings.high_voltage_v else None,
        low_since=_since(voltage.low_since, now) if volts < settings.low_voltage_v else None,
        told=voltage.told,
    )
    verdict = _verdict(after, settings, now)
    notice = _notice(after, settings, now)
    if notice is None:
        return after, verdict, None
    told = VoltageWatch(
        track=after.track,
        over_since=after.over_since,
        high_since=after.high_since,
        low_since=after.low_since,
        told=notice,
    )
    return told, verdict, notice


def is_said(register: Register) -> bool:
    """Tell whether a voltage register says something: 'near zero' has no update bit."""
    return register.is_updated or register.value == 0.0


def _since(since: float | None, now: float) -> float:
    return now if since is None else since


def _verdict(watch: VoltageWatch, settings: ProtectionSettings, now: float) -> Verdict | None:
    """Open on two measurements of a voltage that lasts."""
    limit_v = settings.overvoltage_v
    if watch.over_since is None or now - watch.over_since < settings.overvoltage_s:
        return None
    if watch.track.twice <= limit_v:
        return None
    return Verdict(
        cause="overvoltage",
        value=round(watch.track.value, 1),
        limit=limit_v,
        duration_s=round(now - watch.over_since, 3),
        evidence="voltage register",
        rule=f"above {limit_v:g} V for {settings.overvoltage_s:g} s",
    )


def _notice(watch: VoltageWatch, settings: ProtectionSettings, now: float) -> Notice | None:
    """Tell once of a voltage that stays high or low; which of both is told anew when it turns."""
    high, low = watch.high_since, watch.low_since
    if high is not None and now - high >= settings.high_voltage_s:
        return None if watch.told == "high_voltage" else "high_voltage"
    if low is not None and now - low >= settings.low_voltage_s:
        return None if watch.told == "low_voltage" else "low_voltage"
    return None
