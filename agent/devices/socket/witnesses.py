"""What the witnesses say of one frame: the load that each of them claims, and what is proved."""

from dataclasses import dataclass

from agent.devices.socket.evidence import (
    WINDOW_S,
    Evidence,
    is_overclaimed,
    last_step_w,
    least_power_w,
    mean_power_w,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What flows: a current (a power divided by the last good voltage) and a power."""

    current_a: float
    power_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The current and the power above which a band counts, and how long it bears that."""

    current_a: float
    power_w: float
    factor: float = 1.0
    trip_s: float = 0.0

    def is_exceeded(self, load: Load) -> bool:
        """Tell whether *load* is over the band, by current or by power."""
        return load.current_a > self.current_a or load.power_w > self.power_w


NO_LOAD = Load(current_a=0.0, power_w=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """The load by each witness: what it claims now, and what two measurements of it say.

    A power is heard only where the counter bears it out. The counter moves in every frame, so
    what it says has been measured twice. `step` is its last step alone.
    """

    power: Load
    current: Load
    counter: Load
    power_twice: Load
    current_twice: Load
    current_newest_a: float
    current_earlier_a: float
    step: Load

    @property
    def named(self) -> tuple[tuple[str, Load], ...]:
        """Every claim under the witness' name."""
        return (
            ("power register", self.power),
            ("current register", self.current),
            ("pulse counter", self.counter),
        )

    def is_heard_over(self, band: Band) -> bool:
        """Tell whether any witness claims a load over *band*."""
        return (
            band.is_exceeded(self.power)
            or band.is_exceeded(self.current)
            or band.is_exceeded(self.counter)
        )

    def is_current_over(self, band: Band, below: Band) -> bool:
        """Tell whether the newest measured current is over *band*, and the one before over *below*.

        The chip measures over a second: what begins within it shows as less at first.
        """
        return self.current_newest_a > band.current_a and self.current_earlier_a > below.current_a

    def is_measured_over(self, band: Band) -> bool:
        """Tell whether two measurements of one witness are over *band*."""
        return (
            band.is_exceeded(self.power_twice)
            or band.is_exceeded(self.current_twice)
            or band.is_exceeded(self.counter)
        )

    def is_borne_out_over(self, band: Band) -> bool:
        """Tell whether two witnesses, or two measurements, are over *band*."""
        return band.is_exceeded(self.power) or self.is_measured_over(band)


def hear(evidence: Evidence) -> Witnesses:
    """Hear every witness; a power that the counter denies is not heard."""
    volts = evidence.good_voltage_v
    samples, pulse_j = evidence.samples, evidence.pulse_j
    power, current = evidence.power, evidence.current
    is_borne_out = _bears_out(evidence, power.value)
    twice_w = power.twice if _denies(evidence, power.twice) is False else 0.0

    def of_power(power_w: float) -> Load:
        return Load(current_a=power_w / volts, power_w=power_w)

    return Witnesses(
        power=of_power(power.value) if is_borne_out else NO_LOAD,
        current=Load(current_a=current.value, power_w=0.0),
        counter=of_power(least_power_w(samples, pulse_j)),
        power_twice=of_power(twice_w),
        current_twice=Load(current_a=current.twice, power_w=0.0),
        current_newest_a=min(current.value, current.measured),
        current_earlier_a=current.earlier,
        step=of_power(last_step_w(samples, pulse_j)),
    )


def agree(evidence: Evidence, said: Witnesses, band: Band) -> bool:
    """Tell whether a register that spoke a frame ago and the counter's last step agree."""
    if not band.is_exceeded(said.step):
        return False
    volts = evidence.good_voltage_v
    power_w = 0.0 if _denies(evidence, evidence.power.spoken) else evidence.power.spoken
    by_power = Load(current_a=power_w / volts, power_w=power_w)
    by_current = Load(current_a=evidence.current.spoken, power_w=0.0)
    return band.is_exceeded(by_power) or band.is_exceeded(by_current)


def _denies(evidence: Evidence, power_w: float) -> bool | None:
    """Tell whether the counter denies that *power_w* flows; None: too early to say."""
    mean_w = mean_power_w(evidence.samples, evidence.pulse_j)
    if mean_w is None:
        return None
    if is_overclaimed(evidence.samples, evidence.pulse_j):
        return True
    return mean_w + 2 * evidence.pulse_j / WINDOW_S < power_w / 2


def _bears_out(evidence: Evidence, power_w: float) -> bool:
    """Tell whether the counter bears a power register out, within its own steps."""
    if is_overclaimed(evidence.samples, evidence.pulse_j):
        return False
    mean_w = mean_power_w(evidence.samples, evidence.pulse_j) or 0.0
    return power_w <= 2 * mean_w + 4 * evidence.pulse_j / WINDOW_S
