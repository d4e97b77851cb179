"""A device's labels: names and values that it tells of itself."""

import re
from typing import Final

from agent.emulator.aliyun.dialogue import PARAMETER_ERROR, Outcome, Uplink, failed
from agent.emulator.aliyun.twin import Twin
from agent.emulator.json_text import as_list, as_object
from agent.emulator.values import Json

MAX_IN_UPDATE: Final = 200
MAX_OF_DEVICE: Final = 100

_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_VALUE: Final = re.compile(r"[\u3400-\u9fffA-Za-z0-9_.-]+")


def update(twin: Twin, uplink: Uplink) -> Outcome:
    """Set labels, or none of them when one is wrong."""
    rows = _rows(uplink.params)
    if rows is None:
        return _malformed()
    labels: dict[str, str] = {}
    for row in rows:
        key, value = str(row["attrKey"]), row.get("attrValue")
        # What an SDK tells of itself is in the domain SYSTEM, and in no one's alphabet.
        is_free = row.get("domain") == "SYSTEM"
        if not isinstance(value, str) or not (is_free or _VALUE.fullmatch(value)):
            reason = f"attrValue of {key} is Chinese, letters, digits, '_', '-' and '.'"
            return failed(PARAMETER_ERROR, reason)
        labels[key] = value
    if len(twin.labels | labels) > MAX_OF_DEVICE:
        return failed(PARAMETER_ERROR, f"a device has at most {MAX_OF_DEVICE} labels")
    twin.labels |= labels
    return Outcome()


def delete(twin: Twin, uplink: Uplink) -> Outcome:
    """Delete labels; what is not there may be deleted too."""
    rows = _rows(uplink.params)
    if rows is None:
        return _malformed()
    for row in rows:
        twin.labels.pop(str(row["attrKey"]), None)
    return Outcome()


def _malformed() -> Outcome:
    reason = f"params is a list of 1 to {MAX_IN_UPDATE} objects with an attrKey such as 'Room_1'"
    return failed(PARAMETER_ERROR, reason)


def _rows(params: Json) -> list[dict[str, Json]] | None:
    rows = [as_object(row) for row in as_list(params) or []]
    good = [row for row in rows if row is not None and _is_key(row.get("attrKey"))]
    return good if good and len(good) == len(rows) <= MAX_IN_UPDATE else None


def _is_key(value: Json) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
