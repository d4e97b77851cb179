"""What the live view of a declared device shows: a screen as lines of text, from values alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.demo.screen import (
    BOLD,
    CLEAR,
    DIM,
    RED,
    RESET,
    WIDTH,
    CloudView,
    cell,
    network_of,
    plain,
    text,
)
from agent.model import Snapshot
from agent.thing import Field

NAMES: Final = 26
DEVICE: Final = 14
MOST_ROWS: Final = 10
"""What fits on 24 lines with the rest."""

KEYS: Final = "j k choose a row   space turn it over   + - move it   x break or mend a sensor"
NETWORK: Final = "c turn it over from the cloud   n cut or mend the network   q quit"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnScene:
    """Everything that the screen shows at one moment; `views` are the values by cloud."""

    title: str
    fields: Sequence[Field]
    snapshot: Snapshot
    unknown: Mapping[str, str]
    chosen: str
    network_is_cut: bool
    clouds: Sequence[CloudView]
    views: Sequence[Mapping[str, Any]]
    commanding: int
    log: Sequence[str]


def draw(scene: OwnScene) -> str:
    """Draw the screen, top left to bottom, as text with ANSI colours."""
    width = (WIDTH - NAMES - DEVICE) // len(scene.clouds)
    fields, more = _window(scene)
    lines = [_title(scene), "", _heads(scene, width), _networks(scene, width)]
    lines += [_row(scene, each, width) for each in fields]
    lines += [more, _why(scene)]
    lines += [f"{DIM}{plain(line)[:WIDTH]}{RESET}" for line in scene.log]
    lines += ["", KEYS, NETWORK + _numbers(scene)]
    return f"{CLEAR}\r\n".join(lines) + CLEAR


def _window(scene: OwnScene) -> tuple[Sequence[Field], str]:
    """Choose the rows that fit, with the chosen one among them."""
    names = [each.name for each in scene.fields]
    first = max(0, min(names.index(scene.chosen) - MOST_ROWS + 1, len(names) - MOST_ROWS))
    hidden = len(names) - MOST_ROWS
    more = f"{DIM}{hidden} more: j k{RESET}" if hidden > 0 else ""
    return scene.fields[first : first + MOST_ROWS], more


def _title(scene: OwnScene) -> str:
    count = len(scene.clouds)
    what = "a cloud" if count == 1 else f"{count} clouds"
    name = plain(scene.title)[: WIDTH // 2]
    return f"{BOLD}{name}{RESET} — simulated parts, the real agent, {what} on loopback"


def _heads(scene: OwnScene, width: int) -> str:
    heads = [_head(scene, index, width) for index in range(len(scene.clouds))]
    return f"{'':{NAMES}}{BOLD}{cell('Device', DEVICE)}{RESET}{''.join(heads)}"


def _head(scene: OwnScene, index: int, width: int) -> str:
    dialect = scene.clouds[index].dialect
    if len(scene.clouds) == 1:
        return f"{BOLD}{cell(dialect.title, width)}{RESET}"
    mark = "›" if index == scene.commanding else " "
    style = BOLD if index == scene.commanding else ""
    return f"{style}{cell(f'{mark}{index + 1} {dialect.short}', width)}{RESET}"


def _networks(scene: OwnScene, width: int) -> str:
    cells = [cell(network_of(each, is_cut=scene.network_is_cut), width) for each in scene.clouds]
    return f"{'  Network':<{NAMES}}{'':{DEVICE}}{''.join(cells)}"


def _row(scene: OwnScene, field: Field, width: int) -> str:
    mark = "›" if field.name == scene.chosen else " "
    unit = f" {field.unit}" if field.unit else ""
    name = plain(f"{field.name}{unit}")[: NAMES - 3]
    own = cell(text(scene.snapshot.get(field.name)), DEVICE)
    cells = [cell(text(view.get(field.name)), width) for view in scene.views]
    style = BOLD if field.name == scene.chosen else ""
    return f"{style}{mark} {name:<{NAMES - 2}}{own}{''.join(cells)}{RESET}"


def _why(scene: OwnScene) -> str:
    """Say why the first values that are not known are not."""
    found = plain("; ".join(f"{name}: {why}" for name, why in scene.unknown.items()))
    short = found if len(found) <= WIDTH else f"{found[: WIDTH - 1]}…"
    return f"{RED}{short}{RESET}" if short else ""


def _numbers(scene: OwnScene) -> str:
    if len(scene.clouds) == 1:
        return ""
    return f"   {' '.join(str(number + 1) for number in range(len(scene.clouds)))} (›)"
