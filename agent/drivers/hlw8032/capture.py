"""A recording of the meter's bytes → one record a frame, and a summary."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from agent.drivers.hlw8032.decoder import Coefficients, Decoded, Decoder
from agent.drivers.hlw8032.frame import FRAME_SIZE, Frame
from agent.drivers.hlw8032.framer import Framer, Rejection, Sighting
from agent.drivers.hlw8032.track import Quantity, Status

PARAMETERS_UNUSABLE: Final = "parameters_unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One frame, or one place where a frame should stand.

    A quantity is None when the frame gives none or it is held. *status* is `ok`, `hold`
    where a quantity was not refreshed or awaits confirmation, or why the frame is no use.
    """

    offset: int
    state: str
    update: str | None
    pulses: int | None
    voltage_v: float | None
    current_a: float | None
    power_w: float | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many good frames there were, and how many bytes belong to none."""

    frames: int
    bytes_skipped: int


def records(chunks: Iterable[bytes], coefficients: Coefficients) -> Iterator[Record | Summary]:
    """Decode a recording piece by piece; the summary comes last."""
    framer = Framer()
    decoder = Decoder(coefficients, trusts_first=True)
    for chunk in chunks:
        for sighting in framer.feed(chunk):
            yield _record(sighting, decoder)
    skipped = framer.offset - framer.frames * FRAME_SIZE
    yield Summary(frames=framer.frames, bytes_skipped=skipped)


def _record(sighting: Sighting, decoder: Decoder) -> Record:
    frame, rejection = sighting.frame, sighting.rejection
    if rejection is not None:
        return _rejected(sighting.offset, frame, rejection)
    decoded = decoder.decode(frame)
    return Record(
        offset=sighting.offset,
        state=_hex(frame.state),
        update=_hex(frame.update),
        pulses=frame.pulses,
        voltage_v=_fresh(decoded.voltage),
        current_a=_fresh(decoded.current),
        power_w=_fresh(decoded.power),
        status=_status(frame, decoded),
    )


def _rejected(offset: int, frame: Frame, rejection: Rejection) -> Record:
    is_intact = rejection is not Rejection.BAD_CHECKSUM
    return Record(
        offset=offset,
        state=_hex(frame.state),
        update=_hex(frame.update) if is_intact else None,
        pulses=frame.pulses if is_intact else None,
        voltage_v=None,
        current_a=None,
        power_w=None,
        status=rejection.value,
    )


def _fresh(quantity: Quantity) -> float | None:
    return quantity.value if quantity.status is Status.OK else None


def _status(frame: Frame, decoded: Decoded) -> str:
    if not frame.has_usable_parameters:
        return PARAMETERS_UNUSABLE
    quantities = (decoded.voltage, decoded.current, decoded.power)
    is_complete = all(quantity.status is Status.OK for quantity in quantities)
    return (Status.OK if is_complete else Status.HOLD).value


def _hex(byte: int) -> str:
    return f"0x{byte:02X}"
