"""The newest lines of the log, kept in memory for whoever asks; bounded."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from typing import Final, cast

MOST_LINES: Final = 500
MOST_BYTES: Final = 256 * 1024
LONGEST: Final = 8192
"""A line that is longer keeps its name, and the beginning of the rest as `text`."""
LONGEST_NAME: Final = 200

Line = Mapping[str, object]


class LogRing:
    """Keeps lines as JSON text; `heard` is called with each new one, in the thread that logs."""

    def __init__(self) -> None:
        self.heard: Callable[[str], None] | None = None
        self._lines: deque[str] = deque()
        self._bytes = 0
        self._number = 0
        self._lock = threading.Lock()

    def keep(
        self, logger: object, method: str, event: MutableMapping[str, object]
    ) -> MutableMapping[str, object]:
        """Keep an event that is fit to be seen, and pass it on (structlog's processor)."""
        del logger, method
        with self._lock:
            self._number += 1
            text = _text(self._number, event)
            self._lines.append(text)
            self._bytes += len(text)
            while len(self._lines) > MOST_LINES or self._bytes > MOST_BYTES:
                self._bytes -= len(self._lines.popleft())
        heard = self.heard
        if heard is not None:
            heard(text)
        return event

    def lines(self) -> list[Line]:
        """Give what is kept, oldest first, with `number`, Unix `time`, `level` and `event`."""
        with self._lock:
            texts = list(self._lines)
        return [parsed(text) for text in texts]


def parsed(text: str) -> Line:
    """Read a line back."""
    return cast("Line", json.loads(text))


def _text(number: int, event: Mapping[str, object]) -> str:
    head = {
        "number": number,
        "time": round(time.time(), 3),
        "level": str(event.get("level", "info")),
        "event": str(event.get("event", ""))[:LONGEST_NAME],
    }
    whole = {**head, **{key: value for key, value in event.items() if key not in head}}
    try:
        text = json.dumps(whole, default=str, allow_nan=False)
    except ValueError:  # no number, or something that holds itself
        text = repr(whole)
    else:
        if len(text) <= LONGEST:
            return text
    return json.dumps({**head, "text": text[: LONGEST // 2]})
