"""`polycloud replay`: a recording runs again through the same code, here."""

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from agent.cli.asking import end, say, say_json
from agent.errors import EXIT_FAILED

MOST_BYTES: Final = 2**28


@click.command(
    epilog="Example: polycloud replay incident.jsonl   with what was recorded by: polycloud record"
)
@click.argument("file", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def replay(file: str, *, as_json: bool) -> None:
    """Run a recording again through this version's code, and tell whether it decides the same.

    Nothing is driven and nobody is told. Exits with 0 when every decision is the same, byte for
    byte, and with 1 at the first difference, or where FILE is no recording of a device.
    """
    import structlog  # noqa: PLC0415

    from agent.cli.story import story  # noqa: PLC0415 - heavy: only where it is wanted
    from agent.recording.forms import RecordingError  # noqa: PLC0415
    from agent.recording.text import read_recording  # noqa: PLC0415
    from agent.replay.player import replay as played  # noqa: PLC0415

    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL + 1)
    structlog.configure(wrapper_class=quiet)
    try:
        recording = read_recording(_text(Path(file)))
        result = played(recording)
    except RecordingError as error:
        end(f"{file}: {error}", EXIT_FAILED)
    lines = story(recording)
    first = None if result.difference is None else asdict(result.difference)
    ended = "cut" if recording.end is None else recording.end.why
    if as_json:
        say_json(
            {
                "identical": first is None,
                "inputs": result.inputs,
                "decisions": result.decisions,
                "difference": first,
                "ended": ended,
                "story": lines,
            }
        )
    else:
        say("\n".join(lines))
        same = f"{result.inputs} inputs, {result.decisions} decisions, identical"
        say(same if first is None else _told(first, recording.header.at))
    sys.exit(0 if first is None else EXIT_FAILED)


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
