"""What the live view shows: a screen as lines of text, from values alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.model import Color, Snapshot

WIDTH: Final = 78
HALF: Final = 38
RESET: Final = "\x1b[0m"
BOLD: Final = "\x1b[1m"
DIM: Final = "\x1b[2m"
CLEAR: Final = "\x1b[K"

ROWS: Final = (
    ("power_switch", "Switch", ""),
    ("voltage", "Voltage", "V"),
    ("current", "Current", "A"),
    ("active_power", "Power", "W"),
    ("power_factor", "Power factor", ""),
    ("total_energy", "Energy", "kWh"),
    ("count_down", "Countdown", "s"),
)
WIRE_NAMES: Final = {"total_energy": "total_kwh"}
KEYS: Final = (
    "space click the button   c cloud on/off   d cloud countdown 10 s",
    "plug in: l lamp  k kettle  p phone charger  m compressor  o overload",
    "n cut or mend the network   q quit",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that the screen shows at one moment."""

    snapshot: Snapshot
    described: Mapping[str, Any]
    color: Color
    plugged: str
    network_is_cut: bool
    link: str
    device: Mapping[str, Any]
    log: Sequence[str]


def draw(scene: Scene) -> str:
    """Draw the screen, top left to bottom, as text with ANSI colours."""
    cloud = "cut" if scene.network_is_cut else scene.link
    left = [f"{BOLD}Socket{RESET}   {_lamp(scene.color)}", f"plugged in: {scene.plugged}"]
    right = [f"{BOLD}Tencent IoT Explorer{RESET}", f"network: {cloud}"]
    reported = scene.device.get("properties", {})
    for name, title, unit in ROWS:
        left.append(f"{title:<14}{_value(scene.snapshot.get(name)):>10} {unit}")
        shown = _value(reported.get(WIRE_NAMES.get(name, name)))
        right.append(f"{WIRE_NAMES.get(name, name):<14}{shown:>10} {unit}")
    left.append(_trip(scene.described))
    right.append(_last_event(scene.device))
    lines = [_columns(a, b) for a, b in zip(left, right, strict=True)]
    told = [f"{DIM}{line[:WIDTH]}{RESET}" for line in scene.log]
    return f"{CLEAR}\r\n".join([_title(), "", *lines, "", *told, "", *KEYS]) + CLEAR


def _title() -> str:
    return f"{BOLD}Polycloud Agent{RESET} — a simulated socket, the real agent, a cloud on loopback"


def _lamp(color: Color) -> str:
    return f"\x1b[38;2;{color.red};{color.green};{color.blue}m●{RESET}"


def _value(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _trip(described: Mapping[str, Any]) -> str:
    trip = described.get("trip")
    if trip is None:
        return f"meter {described.get('meter', '')}"
    return f"\x1b[31mtripped: {trip['text']}{RESET}"


def _last_event(device: Mapping[str, Any]) -> str:
    events = device.get("events", [])
    if not events:
        return "no event yet"
    last = events[-1]
    return f"{len(events)} event(s), last: {last['params'].get('message', last['id'])}"


def _columns(left: str, right: str) -> str:
    """Put two texts side by side; escape sequences take no room."""
    return left + " " * max(1, HALF - _visible(left)) + "│ " + right


def _visible(text: str) -> int:
    length, is_escape = 0, False
    for character in text:
        if character == "\x1b":
            is_escape = True
        elif is_escape:
            is_escape = character != "m"
        else:
            length += 1
    return length
