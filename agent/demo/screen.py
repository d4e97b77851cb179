"""What the live view shows: a screen as lines of text, from values alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.demo.dialects import Dialect
from agent.model import Color, Snapshot

WIDTH: Final = 78
NAMES: Final = 14
SOCKET: Final = 12
WIDE: Final = 30
"""A column has room for the platform's own identifier beside a value."""

RESET: Final = "\x1b[0m"
BOLD: Final = "\x1b[1m"
DIM: Final = "\x1b[2m"
RED: Final = "\x1b[31m"
CLEAR: Final = "\x1b[K"

ROWS: Final = (
    ("power_switch", "Switch"),
    ("voltage", "Voltage V"),
    ("current", "Current A"),
    ("active_power", "Power W"),
    ("power_factor", "Power factor"),
    ("total_energy", "Energy kWh"),
    ("count_down", "Countdown s"),
)
PLUGS: Final = "plug in: l lamp  k kettle  p phone charger  m compressor  o overload"
NETWORK: Final = "n cut or mend the network   q quit"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudView:
    """One cloud: the device as its app shows it, and how the agent's link to it is."""

    dialect: Dialect
    device: Mapping[str, Any]
    is_online: bool
    pending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that the screen shows at one moment; `commanding` counts clouds from 0."""

    snapshot: Snapshot
    described: Mapping[str, Any]
    color: Color
    plugged: str
    network_is_cut: bool
    clouds: Sequence[CloudView]
    commanding: int
    log: Sequence[str]


def draw(scene: Scene) -> str:
    """Draw the screen, top left to bottom, as text with ANSI colours."""
    width = (WIDTH - NAMES - SOCKET) // len(scene.clouds)
    lines = [_title(len(scene.clouds)), "", _heads(scene, width), _networks(scene, width)]
    lines += [_values(scene, name, title, width) for name, title in ROWS]
    lines += [_trips(scene, width), "", _state(scene)]
    lines += [f"{DIM}{plain(line)[:WIDTH]}{RESET}" for line in scene.log]
    lines += ["", _keys(len(scene.clouds)), PLUGS, NETWORK]
    return f"{CLEAR}\r\n".join(lines) + CLEAR


def _title(clouds: int) -> str:
    what = "a cloud" if clouds == 1 else f"{clouds} clouds"
    return f"{BOLD}Polycloud Agent{RESET} — a simulated socket, the real agent, {what} on loopback"


def _heads(scene: Scene, width: int) -> str:
    socket = f"{_lamp(scene.color)} {BOLD}{'Socket':>{SOCKET - 2}}{RESET}"
    heads = [_head(scene, index, width) for index in range(len(scene.clouds))]
    return " " * NAMES + socket + "".join(heads)


def _head(scene: Scene, index: int, width: int) -> str:
    """Name a cloud; of several each has its key, and the one that commands is marked."""
    dialect = scene.clouds[index].dialect
    if len(scene.clouds) == 1:
        return f"{BOLD}{cell(dialect.title, width)}{RESET}"
    mark = "›" if index == scene.commanding else " "
    style = BOLD if index == scene.commanding else ""
    return f"{style}{cell(f'{mark}{index + 1} {dialect.short}', width)}{RESET}"


def _networks(scene: Scene, width: int) -> str:
    cells = [cell(network_of(each, is_cut=scene.network_is_cut), width) for each in scene.clouds]
    return f"{'Network':<{NAMES}}{'':{SOCKET}}{''.join(cells)}"


def network_of(cloud: CloudView, *, is_cut: bool) -> str:
    """Tell how a cloud is reached, and what waits for it."""
    state = "cut" if is_cut else "online" if cloud.is_online else "offline"
    return f"{state}, {cloud.pending} wait" if cloud.pending else state


def _values(scene: Scene, name: str, title: str, width: int) -> str:
    own = cell(text(scene.snapshot.get(name)), SOCKET)
    cells = [cell(_reported(each, name, width), width) for each in scene.clouds]
    return f"{title:<{NAMES}}{own}{''.join(cells)}"


def _reported(cloud: CloudView, name: str, width: int) -> str:
    shown = text(cloud.dialect.values(cloud.device).get(name))
    return f"{cloud.dialect.wire_id(name)}  {shown:>10}" if width >= WIDE else shown


def _trips(scene: Scene, width: int) -> str:
    own = scene.described.get("trip")
    cells = [cell(_told(each), width) for each in scene.clouds]
    cause = RED + cell(own["cause"], SOCKET) + RESET if own else cell("—", SOCKET)
    return f"{'Trip':<{NAMES}}{cause}{''.join(cells)}"


def _told(cloud: CloudView) -> str:
    causes = cloud.dialect.trips(cloud.device)
    if not causes:
        return "—"
    return f"{len(causes)}: {causes[-1]}" if cloud.dialect.has_events else causes[-1]


def _state(scene: Scene) -> str:
    plugged = f"plugged in: {scene.plugged}; "
    trip = scene.described.get("trip")
    if trip is None:
        return f"{plugged}meter {scene.described.get('meter', '')}"
    return f"{plugged}{RED}tripped: {trip['text'][: WIDTH - len(plugged) - 9]}{RESET}"


def _keys(clouds: int) -> str:
    if clouds == 1:
        return "space click the button   c cloud on/off   d cloud countdown 10 s"
    numbers = " ".join(str(number + 1) for number in range(clouds))
    return f"space click   {numbers} which cloud commands (›)   c on/off   d countdown 10 s"


def _lamp(color: Color) -> str:
    return f"\x1b[38;2;{color.red};{color.green};{color.blue}m●{RESET}"


def text(value: object) -> str:
    """Write a value for people."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def cell(content: str, width: int) -> str:
    """Write *content* at the right of a column, after a space; what is too long is cut."""
    room = width - 1
    line = plain(content)
    short = line if len(line) <= room else f"{line[: room - 1]}…"
    return f"{short:>{width}}"


def plain(content: str) -> str:
    """Put a mark for what would move the cursor."""
    return "".join(each if each.isprintable() else "�" for each in content)
