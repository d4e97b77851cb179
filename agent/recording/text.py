"""The text of a recording: a header, then a line for each thing that happened.

A line is a JSON object. `in` begins a turn, the lines after it are what came of that; `serial` are
bytes of the meter, `end` says why nothing follows.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from agent.model import Stamp, Trust
from agent.recording.forms import TAG, RecordingError, dump, plain, tagged, typed
from agent.recording.lines import FORM, End, Header, Line, Moment, Recording, Serial, Taken
from agent.recording.turns import KINDS, FromBytes, Turn, Woken

KIND: Final = "device"
"""What the header says that the file is."""

CAME: Final = ("relay", "answer", "tell", "log", "light", "record", "save", "rescale", "bug")
"""How a line begins that says what came of a turn."""

OPENED: Final = "opened"
_SHORT: Final[Mapping[str, Turn]] = {"wake": Woken(), "reading": FromBytes()}
_STAMP: Final[Mapping[str, Any]] = {"wall": float | None, "boot": float, "trust": Trust}
_END: Final = {"t": "at", "end": "why"}
_SHORT_NAMES: Final[Mapping[type, str]] = {type(turn): name for name, turn in _SHORT.items()}
_DIALOGUE: Final = (
    "this is a recording of a dialogue between a link and a cloud, not of a device: the tests"
    " replay those, see CONTRIBUTING.md"
)


def write_header(header: Header) -> str:
    """Write the first line."""
    return dump({TAG: KIND, **cast("dict[str, object]", plain(header))})


def write_turn(moment: Moment, turn: Turn) -> str:
    """Write what entered, with all that the clock said."""
    short = _SHORT_NAMES.get(type(turn))
    return dump({"t": moment.at, **_plain_stamp(moment.stamp), "in": short or tagged(turn)})


def _plain_stamp(stamp: Stamp | None) -> Mapping[str, object]:
    if stamp is None:
        return {}
    found = {"wall": stamp.wall_time, "boot": stamp.at, "trust": stamp.trust.value}
    return {name: value for name, value in found.items() if value is not None}


def write_serial(serial: Serial) -> str:
    """Write what was heard of the meter."""
    return dump({"t": serial.at, "serial": OPENED if serial.data is None else serial.data.hex()})


def write_end(end: End) -> str:
    """Write the last line."""
    found = {"t": end.at, "end": end.why, "state": end.state}
    return dump({name: value for name, value in found.items() if value is not None})


def read_recording(text: str) -> Recording:
    """Read a file's text; a last line that does not end is passed over.

    Raises `RecordingError` that names the line.
    """
    rows = text.split("\n")[:-1]
    if not rows:
        raise RecordingError("line 1: found nothing that ends; allowed: a recording of a device")
    header = _header(_parse(rows[0], 1))
    return Recording(header=header, lines=tuple(_lines(rows)))


# ── lines ───────────────────────────────────────────────────────────────────────────────────


def _parse(row: str, number: int) -> dict[str, object]:
    try:
        body: object = json.loads(row, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"line {number}: no JSON: {error}") from error
    if not isinstance(body, dict):
        raise RecordingError(f"line {number}: found {row[:40]!r}; allowed: an object")
    return cast("dict[str, object]", body)


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _header(body: dict[str, object]) -> Header:
    kind = body.pop(TAG, None)
    if kind == "dialogue":
        raise RecordingError(_DIALOGUE)
    if kind != KIND:
        raise RecordingError(
            f'line 1: found {str(kind)[:40]!r}; allowed: "{TAG}":"{KIND}", what polycloud record'
            " writes"
        )
    form = body.get("form")
    if form != FORM:
        raise RecordingError(
            f"line 1: form: found {str(form)[:40]}; allowed: {FORM}; it was written by version"
            f" {str(body.get('agent'))[:40]}, replay it there"
        )
    return _read(Header, body, 1)  # type: ignore[no-any-return]


def _lines(rows: Sequence[str]) -> list[Line]:
    found: list[Line] = []
    turn: Taken | None = None
    came: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        body = _parse(row, number)
        if found and isinstance(found[-1], End):
            raise RecordingError(f"line {number}: found more after the end; allowed: nothing")
        if next(iter(body), "") in CAME and turn is not None:
            came.append(row)
            continue
        _close(found, turn, came)
        line = _line(body, number)
        turn = line if isinstance(line, Taken) else None
        came = []
        if turn is None:
            found.append(line)
    _close(found, turn, came)
    return found


def _close(found: list[Line], turn: Taken | None, came: list[str]) -> None:
    if turn is not None:
        found.append(
            Taken(moment=turn.moment, turn=turn.turn, number=turn.number, came=tuple(came))
        )


def _line(body: dict[str, object], number: int) -> Line:
    first = next(iter(body), "")
    if first in CAME:
        raise RecordingError(f"line {number}: found {first}; allowed: only after an input")
    if "end" in body:
        fields = {_END.get(name, name): found for name, found in body.items()}
        return _read(End, fields, number)  # type: ignore[no-any-return]
    at = _read(float, body.get("t"), number, "t")
    if "in" in body:
        moment = Moment(at=at, stamp=_stamp(body, number))
        return Taken(moment=moment, turn=_turn(body["in"], number), number=number)
    if "serial" in body:
        heard = body["serial"]
        data = None if heard == OPENED else _read(bytes, heard, number, "serial")
        return Serial(at=at, data=data)
    names = ", ".join(sorted(body))[:60]
    raise RecordingError(f"line {number}: found {names}; allowed: in, serial, end")


def _stamp(body: dict[str, object], number: int) -> Stamp | None:
    if body.keys().isdisjoint(_STAMP):
        return None
    found = {name: _read(kind, body.get(name), number, name) for name, kind in _STAMP.items()}
    return Stamp(at=found["boot"], wall_time=found["wall"], trust=found["trust"])


def _turn(found: object, number: int) -> Turn:
    if isinstance(found, str) and found in _SHORT:
        return _SHORT[found]
    name = cast("dict[str, object]", found).get(TAG) if isinstance(found, dict) else found
    kind = KINDS.get(str(name))
    if kind is None:
        allowed = ", ".join((*_SHORT, *KINDS))
        raise RecordingError(f"line {number}: in: found {str(name)[:40]!r}; allowed: {allowed}")
    return _read(kind, found, number, "in")  # type: ignore[no-any-return]


def _read(kind: Any, found: object, number: int, at: str = "") -> Any:  # noqa: ANN401 - as `typed`
    try:
        return typed(kind, found, at)
    except RecordingError as error:
        raise RecordingError(f"line {number}: {error}") from error
