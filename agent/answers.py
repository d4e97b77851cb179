"""Requests and their outcomes as they are remembered: a key, and a text that reads back."""

import hashlib
import json
from collections import OrderedDict
from typing import Final, cast

from agent.memory import KEPT
from agent.messages import Outcome, PropertySet, PropertyToggle, Refusal, RefusalKind, Request
from agent.model import Value

REMEMBERED_S: Final = 300.0
_STORED: Final = "stored:"
_VALUES: Final = (bool, int, float, str)


def key_of(cloud: str, request: Request | PropertyToggle) -> str:
    """Name a request by its cloud, method, id and payload: the same text in every version."""
    name = "" if isinstance(request, PropertySet) else request.name
    values = {} if isinstance(request, PropertyToggle) else dict(request.values)
    ends_in = request.ends_in if isinstance(request, PropertySet) else None
    known_ever = (cloud, type(request).__name__, request.request_id, name, values)
    parts = known_ever if ends_in is None else (*known_ever, ends_in)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def stored_key(identity: str) -> str:
    """Name the stored command of an identity: a platform keeps one."""
    return _STORED + identity


def is_stored_key(key: str) -> bool:
    """Tell whether *key* names a stored command."""
    return key.startswith(_STORED)


def write_outcome(outcome: Outcome) -> str:
    """Put an outcome into a text."""
    refusal = outcome.refusal
    said = None if refusal is None else {"kind": refusal.kind.value, "reason": refusal.reason}
    return json.dumps({"refusal": said, "values": dict(outcome.values)})


def read_outcome(text: str | None) -> Outcome | None:
    """Read it back; None where there is no outcome in it, or none that this version knows."""
    try:
        return None if text is None else _outcome(json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _outcome(body: dict[str, object]) -> Outcome:
    found = dict(cast("dict[str, object]", body["values"]))
    if not all(isinstance(value, _VALUES) for value in found.values()):
        raise TypeError("an action's output is true, false, a number or a text")
    values = cast("dict[str, Value]", found)
    said = body["refusal"]
    if said is None:
        return Outcome(values=values)
    told = cast("dict[str, object]", said)
    refusal = Refusal(kind=RefusalKind(str(told["kind"])), reason=str(told["reason"]))
    return Outcome(refusal=refusal, values=values)


class Recent:
    """The outcomes of the last 5 minutes, 256 at most."""

    def __init__(self) -> None:
        self._outcomes: OrderedDict[str, tuple[float, Outcome]] = OrderedDict()

    def find(self, key: str, now: float) -> Outcome | None:
        """Find what *key* was answered with, if that is not too long ago."""
        at, outcome = self._outcomes.get(key, (0.0, None))
        return outcome if now - at < REMEMBERED_S else None

    def add(self, key: str, outcome: Outcome, now: float) -> None:
        """Remember an answer given *now*; the oldest makes room."""
        self._outcomes[key] = (now, outcome)
        self._outcomes.move_to_end(key)
        if len(self._outcomes) > KEPT:
            self._outcomes.popitem(last=False)
