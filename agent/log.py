"""The log: events with keys, on stderr, in the form that its reader needs."""

import json
import logging
from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TextIO, cast

import structlog

Event = MutableMapping[str, object]
Keep = Callable[[object, str, Event], Event]

LEVELS: Final[Mapping[str, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
PRIORITIES: Final[Mapping[str, int]] = {
    "critical": 2,
    "error": 3,
    "exception": 3,
    "warning": 4,
    "info": 6,
    "debug": 7,
}
"""syslog priorities, which the journal takes from the start of a line (sd-daemon(3))."""

SECRET_WORDS: Final = ("secret", "password", "token", "key")
REDACTED: Final = "***"
MAX_LINE: Final = 8192


class LogForm(StrEnum):
    """Who reads: a person at a terminal, the journal, or a program."""

    HUMAN = "human"
    JOURNAL = "journal"
    JSON = "json"


def configure(
    stream: TextIO,
    environ: Mapping[str, str],
    *,
    level: str = "info",
    form: LogForm | None = None,
    keep: Keep | None = None,
) -> None:
    """Set the log up for this process; *form* None chooses by where *stream* leads.

    *keep* is shown every event as it is written: secrets are blank already.
    """
    chosen = form or choose_form(environ, is_terminal=stream.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            redact,
            *([] if keep is None else [keep]),
            RENDERERS[chosen],
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_FromLibraries()], level=logging.WARNING, force=True)


def choose_form(environ: Mapping[str, str], *, is_terminal: bool) -> LogForm:
    """Choose: the journal says who it is, a terminal is for a person, the rest reads JSON."""
    if is_terminal:
        return LogForm.HUMAN
    return LogForm.JOURNAL if "JOURNAL_STREAM" in environ else LogForm.JSON


def redact(logger: object, method: str, event: Event) -> Event:
    """Blank the value of every key whose name sounds like a secret, however deep."""
    del logger, method
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: object) -> object:
    if value is not None and any(word in key.lower() for word in SECRET_WORDS):
        return REDACTED
    if isinstance(value, Mapping):
        inner = cast("Mapping[object, object]", value)
        return {str(name): _redacted(str(name), item) for name, item in inner.items()}
    if isinstance(value, list | tuple):
        items = cast("list[object]", value)
        return [_redacted(key, item) for item in items]
    return value


# ── forms ───────────────────────────────────────────────────────────────────────────────────


def _human(logger: object, method: str, event: Event) -> str:
    del logger, method
    time = f"{datetime.now().astimezone():%H:%M:%S}"
    name, level, trace = _parts(event)
    line = f"{time} {level:<8} {name:<20} {_pairs(event)}".rstrip()
    return f"{line}\n{trace}" if trace else line


def _journal(logger: object, method: str, event: Event) -> str:
    """Make one entry; every line of a trace has the priority, or it would lose it."""
    del logger, method
    name, level, trace = _parts(event)
    prefix = f"<{PRIORITIES.get(level, 6)}>"
    line = f"{prefix}{name} {_pairs(event)}".rstrip()
    return "\n".join([line, *(prefix + row for row in trace.splitlines())])


def _json(logger: object, method: str, event: Event) -> str:
    del logger, method
    time = datetime.now().astimezone().isoformat(timespec="milliseconds")
    name, level, trace = _parts(event)
    entry = {"time": time, "level": level, "event": name, **event}
    if trace:
        entry["trace"] = trace
    return json.dumps(entry, default=str, ensure_ascii=False)


Renderer = Callable[[object, str, Event], str]
RENDERERS: Final[Mapping[LogForm, Renderer]] = {
    LogForm.HUMAN: _human,
    LogForm.JOURNAL: _journal,
    LogForm.JSON: _json,
}


def _parts(event: Event) -> tuple[str, str, str]:
    """Take name, level and trace out of *event*."""
    name = str(event.pop("event", ""))
    return _one_line(name), str(event.pop("level", "info")), str(event.pop("exception", ""))


def _pairs(event: Event) -> str:
    text = " ".join(f"{key}={_text(value)}" for key, value in event.items())
    return text if len(text) <= MAX_LINE else text[:MAX_LINE] + "…"


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, dict | list):
        return _one_line(json.dumps(value, default=str, ensure_ascii=False))
    text = str(value)
    is_plain = text.isprintable() and not any(c in ' "=' for c in text)
    return text if text and is_plain else json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _FromLibraries(logging.Handler):
    """Takes what libraries write to the standard log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass *record* on; asyncio's own are bugs that must be seen."""
        log = structlog.get_logger()
        trace = record.exc_info if record.exc_info and record.exc_info[0] else None
        log.log(
            record.levelno,
            "library.logged",
            library=record.name,
            text=record.getMessage(),
            **({"exc_info": trace} if trace else {}),
        )
