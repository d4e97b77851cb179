"""`polycloud record`: the running agent tells all that enters a device; this writes it down."""

import os
import signal
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO, cast

import click

from agent.cli.asking import JSON_OPTION, SOCKET_OPTION, end, of_device, row, say_json
from agent.cli.helping import examples
from agent.control.client import ControlClient, UnreachableError, find_socket
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, ControlError
from agent.recording.forms import dump

MEGABYTE: Final = 2**20
MINUTE_S: Final = 60.0
DAY_S: Final = 86_400.0
MODE: Final = 0o600
INTERRUPTED: Final = "interrupted by a person (Ctrl-C)"
GONE: Final = "the agent went away"


@click.command(
    epilog=examples(
        "polycloud record socket-1 --minutes 5 --out incident.jsonl",
        "polycloud replay incident.jsonl",
    )
)
@click.argument("device", required=False)
@click.option("--out", "path", required=True, type=click.Path(), help="The file to write.")
@click.option("--seconds", type=click.FloatRange(0.1, DAY_S), help="End after so long.")
@click.option("--minutes", type=click.FloatRange(0.01, DAY_S / MINUTE_S), help="The same.")
@click.option(
    "--max-mb",
    default=16.0,
    show_default=True,
    type=click.FloatRange(0.02, 64),
    help="End when the file is so large; a minute takes about 0.1.",
)
@SOCKET_OPTION
@JSON_OPTION
def record(  # noqa: PLR0913 - the command's options
    device: str | None,
    path: str,
    seconds: float | None,
    minutes: float | None,
    max_mb: float,
    *,
    socket_path: str | None,
    as_json: bool,
) -> None:
    """Keep everything that enters a device, and what it decides, in FILE, until Ctrl-C.

    The file has no secret in it: the meter's bytes, button, commands, links, clock, the device's
    settings and state. It is for whoever mends the agent; nobody but you may read it.
    """
    if seconds is not None and minutes is not None:
        raise click.UsageError("--seconds or --minutes, not both")
    length_s = seconds if minutes is None else minutes * MINUTE_S
    fetching = _Fetching(ControlClient(find_socket(socket_path, os.environ)), device)
    try:
        with _opened(Path(path)) as file:
            fetching.begin(int(max_mb * MEGABYTE))
            _write(file, fetching.lines(length_s))
    except UnreachableError as error:
        Path(path).unlink(missing_ok=True)
        end(str(error), EXIT_UNREACHABLE)
    except ControlError as error:
        Path(path).unlink(missing_ok=True)
        end(str(error), EXIT_FAILED)
    except OSError as error:
        end(f"{path}: {error.strerror or error}", EXIT_FAILED)
    size = Path(path).stat().st_size
    click.echo(f"{path}: {size} bytes; ended: {fetching.why}", err=True)
    if as_json:
        say_json({"file": path, "bytes": size, "ended": fetching.why})


class _Fetching:
    """A recording at the agent, fetched piece by piece; `why` says how it ended."""

    def __init__(self, client: ControlClient, device: str | None) -> None:
        self.why = ""
        self._client = client
        self._device: dict[str, object] = of_device(device)
        self._first: Sequence[str] = ()

    def begin(self, most_bytes: int) -> None:
        """Have the agent begin."""
        params = {**self._device, "max_bytes": most_bytes}
        answer = row(self._client.call("record_begin", params))
        self._device = {"device": answer.get("device"), "recording": answer.get("recording")}
        self._first = _lines(answer.get("lines"))
        click.echo(f"recording {answer.get('device')}; Ctrl-C ends it", err=True)

    def lines(self, length_s: float | None) -> Iterator[str]:
        """Give the lines as they come, the last one says why it ended."""
        yield from self._first
        until = None if length_s is None else time.monotonic() + length_s
        with _noted(signal.SIGINT, signal.SIGTERM) as signals:
            while not self.why:
                is_due = until is not None and time.monotonic() >= until
                asked = f"{length_s:g} s had been asked for" if is_due else ""
                yield from self._next(INTERRUPTED if signals else asked)

    def _next(self, why: str) -> Sequence[str]:
        """Fetch what came, and end it where *why* says why; an agent that is gone ends it too."""
        try:
            if why:
                answer = row(self._client.call("record_end", {**self._device, "why": why}))
            else:
                answer = row(self._client.call("record_read", self._device))
        except ControlError:
            self.why = GONE
            return [dump({"end": GONE})]
        lines = _lines(answer.get("lines"))
        if answer.get("is_over"):
            self.why = _reason(lines)
            with suppress(ControlError):  # thanks for the last: one that stops waits for it
                self._client.call("record_read", self._device)
        return lines


@contextmanager
def _noted(*numbers: signal.Signals) -> Generator[list[int]]:
    """Note signals and interrupt nothing: what the agent has handed over must not be lost."""
    seen: list[int] = []

    def note(found: int, frame: object) -> None:
        del frame
        seen.append(found)

    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reason(lines: Sequence[str]) -> str:
    import json  # noqa: PLC0415 - once, at the end

    return str(row(json.loads(lines[-1])).get("end")) if lines else GONE


def _lines(value: object) -> Sequence[str]:
    return [str(line) for line in cast("list[object]", value)] if isinstance(value, list) else []


@contextmanager
def _opened(path: Path) -> Generator[TextIO]:
    """Open a new file that only its owner may read; one that is there is left alone."""

    def private(name: str, flags: int) -> int:
        return os.open(name, flags, MODE)

    opener: Callable[[str, int], int] = private
    try:
        file = open(path, "x", encoding="ascii", opener=opener)  # noqa: SIM115 - Path.open has no opener
    except FileExistsError:
        end(f"{path} is there already: name another file, or remove it", EXIT_FAILED)
    with file:
        yield file


def _write(file: TextIO, lines: Iterator[str]) -> None:
    """Write each piece as it comes, so that what is cut short is there up to the cut."""
    for line in lines:
        file.write(line + "\n")
        file.flush()
