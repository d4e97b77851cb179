"""The file of driven lines: what the stop guard needs to know when the agent is gone."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from agent.errors import DriverError
from agent.ports import Line
from agent.ways import Line as Driven

FILE_NAME: Final = "lines.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenLine:
    """A line that the agent drives, and what is to happen to it without the agent.

    `on_stop` holds for a clean stop. `on_crash` is what a restart after a crash will do: with
    'off' the guard opens at once, otherwise it leaves the line to the restart, once.
    """

    device_id: str
    line: Line
    on_stop: Literal["off", "keep"]
    on_crash: Literal["off", "on", "restore"]
    kept_as: str = ""
    """The name under which the service manager holds the line's descriptor, if it does."""


def lines_file(environ: Mapping[str, str], control_socket: str) -> Path:
    """Tell where the file stands: in the runtime directory, else beside the control socket."""
    runtime = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    folder = Path(runtime) if runtime else Path(control_socket).absolute().parent
    return folder / FILE_NAME


def text_of(lines: Iterable[DrivenLine]) -> str:
    """Write lines down as the file has them."""
    return "".join(json.dumps(_row(line)) + "\n" for line in lines)


def write_lines(path: Path, lines: Iterable[DrivenLine]) -> None:
    """Replace the file in one step, its folders made; raise `DriverError`."""
    write_text(path, text_of(lines))


def write_text(path: Path, text: str) -> None:
    """Replace the file by what `text_of` gave; raise `DriverError`."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        message = (
            f"{path}: {error.strerror}: the stop guard cannot know which relay to open if the"
            f" agent dies; make {path.parent} writable for the agent's user, or start the agent"
            " by its systemd unit"
        )
        raise DriverError(message) from error


def orphan(row: Driven) -> DrivenLine:
    """Keep a line that an earlier process drove and nobody drives yet.

    Whatever ends this process before somebody drives it, it is opened.
    """
    return DrivenLine(
        device_id=row.device,
        line=Line(driver=row.driver, address=row.address, active_high=row.active_high),
        on_stop="off",
        on_crash="off",
        kept_as=row.kept_as,
    )


def _row(driven: DrivenLine) -> dict[str, str | bool]:
    return {
        "device": driven.device_id,
        "driver": driven.line.driver,
        "address": driven.line.address,
        "active_high": driven.line.active_high,
        "on_stop": driven.on_stop,
        "on_crash": driven.on_crash,
        "kept_as": driven.kept_as,
    }
