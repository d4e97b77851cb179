"""Boards: what a board's name presets, and what its owner has to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from agent.settings.device import SocketSettings
from agent.settings.meters import (
    Bl0942MeterSettings,
    MeterSettings,
    OtherMeterSettings,
    PulseMeterSettings,
    PzemSettings,
)
from agent.settings.relays import RelaySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The presets of a board; a key that is written in the file wins over its preset."""

    kv: float
    ki: float
    kp: float
    voltage_from: Literal["load", "mains"]
    active_high: bool = True


BOARDS: Final[Mapping[str, Board]] = {
    # Code504 smart socket: its author's calibration; the voltage transformer is behind the relay.
    "code504": Board(kv=3.069, ki=1.007, kp=3.108, voltage_from="load"),
    # HLW8032 data sheet, pages 15-16: 4 x 470 kohm over 1 kohm, a shunt of 1 mohm, Kp = Kv x Ki.
    "direct": Board(kv=1.88, ki=1.0, kp=1.88, voltage_from="mains"),
}

OTHER_CHIPS: Final = (Bl0942MeterSettings, PulseMeterSettings)
"""Sections of chips that sit on none of the boards: those are HLW8032 boards."""

COEFFICIENTS: Final = ("kv", "ki", "kp")

ISOLATOR_NOTICE: Final = (
    "board 'direct': the meter's ground is live: an isolator (opto-coupler) between meter and"
    " gateway is mandatory; without one, touching the gateway can kill"
)


LIVE_CHIP_NOTICE: Final = (
    "boards with such a chip have a live ground: isolators (opto-couplers) between every line of"
    " the chip and the gateway are mandatory, unless its current and voltage come through"
    " transformers; without them, touching the gateway can kill"
)


def live_ground(device: SocketSettings) -> str:
    """Tell of a ground that is live by the board, or usually so by the chip; empty: neither."""
    if device.board == "direct":
        return ISOLATOR_NOTICE
    meter = device.meter
    is_usually = isinstance(meter, OTHER_CHIPS) or (
        isinstance(meter, MeterSettings) and meter.driver != "hlw8032" and device.board == "custom"
    )
    return f"meter {meter.driver!r}: {LIVE_CHIP_NOTICE}" if is_usually else ""


def with_presets(device: SocketSettings) -> SocketSettings:
    """Fill in what the board presets and the file does not say."""
    board = BOARDS.get(device.board)
    if board is None:
        return device
    meter, relay = device.meter, device.relay
    if not isinstance(meter, PzemSettings | OtherMeterSettings):
        presets = {name: getattr(board, name) for name in (*COEFFICIENTS, "voltage_from")}
        unset = {key: each for key, each in presets.items() if key not in meter.model_fields_set}
        meter = meter.model_copy(update=unset)
    if isinstance(relay, RelaySettings) and "active_high" not in relay.model_fields_set:
        relay = relay.model_copy(update={"active_high": board.active_high})
    return device.model_copy(update={"meter": meter, "relay": relay})


def missing_coefficients(device: SocketSettings) -> tuple[str, ...]:
    """List the coefficients that a board without presets still needs."""
    if device.board in BOARDS or isinstance(device.meter, PzemSettings | OtherMeterSettings):
        return ()
    return tuple(name for name in COEFFICIENTS if name not in device.meter.model_fields_set)


def foreign_meter(device: SocketSettings) -> str:
    """Name the meter's driver where the board's presets are not those of its chip; else empty."""
    is_foreign = device.board in BOARDS and isinstance(device.meter, OTHER_CHIPS)
    return device.meter.driver if is_foreign else ""
