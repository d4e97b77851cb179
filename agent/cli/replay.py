"""`polycloud replay`: a recording runs again through the same code, here."""

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from agent.cli.asking import end, say, say_json
from agent.cli.helping import examples
from agent.errors import EXIT_FAILED

if TYPE_CHECKING:
    from agent.recording.lines import Recording
    from agent.replay.player import Replayed

MOST_BYTES: Final = 2**28


@click.command(
    epilog=examples(
        "polycloud record --minutes 5 --out incident.jsonl", "polycloud replay incident.jsonl"
    )
)
@click.argument("file", type=click.Path())
@click.option(
    "--write",
    type=click.Path(),
    help="Write it anew, with what is decided now: where a difference is meant.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def replay(file: str, *, write: str | None, as_json: bool) -> None:
    """Run a recording again through this version's code, and tell whether it decides the same.

    Nothing is driven and nobody is told. Exits with 0 when every decision is the same, byte for
    byte, and with 1 at the first difference, or where FILE is no recording of a device.
    """
    from agent.recording.forms import RecordingError  # noqa: PLC0415 - heavy, as all below
    from agent.recording.text import read_recording  # noqa: PLC0415
    from agent.replay.player import replay as played  # noqa: PLC0415
    from agent.replay.player import rewritten  # noqa: PLC0415

    text = _text(Path(file))
    try:
        with _silence():
            recording = read_recording(text)
            result = played(recording)
            anew = "" if write is None else rewritten(recording, text)
    except RecordingError as error:
        end(f"{file}: {error}", EXIT_FAILED)
    if write is not None:
        _write(Path(write), anew)
    _say(recording, result, as_json=as_json)
    sys.exit(0 if result.difference is None else EXIT_FAILED)


@contextmanager
def _silence() -> Generator[None]:
    """Keep what the device would log out of the story."""
    import structlog  # noqa: PLC0415

    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    try:
        yield
    finally:
        structlog.configure(**before)


def _say(recording: "Recording", result: "Replayed", *, as_json: bool) -> None:
    from agent.cli.story import story  # noqa: PLC0415

    lines = story(recording)
    first = None if result.difference is None else asdict(result.difference)
    if as_json:
        facts = {"identical": first is None, "inputs": result.inputs}
        ended = "cut" if recording.end is None else recording.end.why
        more = {"decisions": result.decisions, "difference": first, "ended": ended}
        say_json({**facts, **more, "story": lines})
        return
    say("\n".join(lines))
    same = f"{result.inputs} inputs, {result.decisions} decisions, identical"
    say(same if first is None else _told(first, recording.header.at))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="ascii")
    except OSError as error:
        end(f"{path}: {error.strerror}", EXIT_FAILED)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            end(f"{path}: is larger than any recording", EXIT_FAILED)
        return path.read_bytes().decode("ascii")
    except OSError as error:
        end(f"{path}: {error.strerror or os.strerror(error.errno or 0)}", EXIT_FAILED)
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is not ASCII; allowed: what polycloud record writes"
        end(f"{path}: {found}", EXIT_FAILED)


def _told(first: Mapping[str, object], began: float) -> str:
    at = first["at"]
    when = f"+{at - began:.3f} s" if isinstance(at, float) else "?"
    return (
        f"DIFFERENT at {when}, line {first['line']}, {first['turn']}:\n"
        f"  recorded: {first['expected']}\n  now:      {first['got']}"
    )
