"""What the profiles plug in: currents over time, and the lies that a meter tells about them."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from agent.drivers.hlw8032.frame import (
    CURRENT_NEAR_ZERO,
    CURRENT_UPDATED,
    POWER_NEAR_ZERO,
    POWER_UPDATED,
    STATE_FLAGS,
    STATE_GOOD,
    parse,
    serialize,
)
from agent.drivers.simulated.appliances import Appliance, Draw
from agent.drivers.simulated.faults import Faults, Line

Tamper = Callable[[bytes], bytes]
"""What a bad line or a lying meter makes of a frame; b'' where nothing arrives."""

FANTASY_PERIOD: Final = 128
"""A register so small says 124 kW or 124 A: real chips have sent it."""


def honest(frame: bytes) -> bytes:
    """Let the frame pass."""
    return frame


def amps(current_a: float, power_factor: float = 1.0) -> Appliance:
    """Draw a current, whatever the voltage."""

    def draw(since_s: float, volts: float) -> Draw:
        del since_s
        return Draw(current_a, current_a * volts * power_factor)

    return draw


def creep(from_a: float, per_s: float) -> Appliance:
    """Draw slowly more and more."""

    def draw(since_s: float, volts: float) -> Draw:
        current_a = from_a + per_s * since_s
        return Draw(current_a, current_a * volts)

    return draw


def burst(current_a: float, lasts_s: float, then: Appliance) -> Appliance:
    """Draw *current_a* for a while, then what *then* draws."""

    def draw(since_s: float, volts: float) -> Draw:
        if since_s < lasts_s:
            return Draw(current_a, current_a * volts)
        return then(since_s - lasts_s, volts)

    return draw


def cycle(current_a: float, on_s: float, off_s: float, *, rests_a: float = 0.0) -> Appliance:
    """Draw *current_a* and *rests_a* in turn."""

    def draw(since_s: float, volts: float) -> Draw:
        drawn_a = current_a if since_s % (on_s + off_s) < on_s else rests_a
        return Draw(drawn_a, drawn_a * volts)

    return draw


def stalled(current_a: float, power_factor: float, starts_s: float) -> Appliance:
    """Draw as a motor that runs up for *starts_s* and then stalls."""
    return burst(current_a / 2, starts_s, amps(current_a, power_factor))


def fantasy(*, power: bool, current: bool, is_changing: bool, frames: int = 8) -> Tamper:
    """Lie in the registers of the next *frames* frames; the counter tells the truth."""
    left = frames

    def lie(data: bytes) -> bytes:
        nonlocal left
        if left == 0:
            return data
        left -= 1
        frame = parse(data)
        period = FANTASY_PERIOD + (left if is_changing else 0)
        update = (
            frame.update | (POWER_UPDATED if power else 0) | (CURRENT_UPDATED if current else 0)
        )
        frame = replace(frame, state=STATE_GOOD, update=update)
        frame = replace(frame, pr=period) if power else frame
        return serialize(replace(frame, ir=period * 4) if current else frame)

    return lie


def says_nothing_flows(data: bytes) -> bytes:
    """Make the frame say 0 W and 0 A; the counter goes on."""
    state = STATE_FLAGS | POWER_NEAR_ZERO | CURRENT_NEAR_ZERO
    return serialize(replace(parse(data), state=state))


def loses(share: float, seed: int) -> Tamper:
    """Lose whole frames at random."""
    chance = random.Random(seed)  # noqa: S311 - losses to be repeated, no secret

    def carry(data: bytes) -> bytes:
        return b"" if chance.random() < share else data

    return carry


def flips(share: float, seed: int) -> Tamper:
    """Flip a bit of so many bytes, and lose and repeat a few."""
    line = Line(Faults(flip=share, drop=share / 10, duplicate=share / 10), seed=seed)

    def carry(data: bytes) -> bytes:
        return b"".join(line.carry(data))

    return carry


def silent(data: bytes) -> bytes:
    """Let nothing arrive."""
    del data
    return b""
