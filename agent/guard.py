"""`polycloud-guard`: open the relays that a dead agent left driven (systemd's ExecStopPost).

It reads the file of driven lines and how the service ended, and nothing else. It imports as
little as it can, because a relay waits for it: no dataclasses, no log library.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from agent.errors import EXIT_CONFIG, DriverError, LineBusyError
from agent.ways import WAYS, Line

DEFAULT_FOLDER: Final = "/run/polycloud"
FILE_NAME: Final = "lines.jsonl"
MAX_BYTES: Final = 1 << 23
"""Some thirty thousand lines."""
BUSY_S: Final = 5.0
"""How long lines may stay in use after the manager was told to close what it holds of them: to give
up leaves a contact closed. With the telling it stays below the unit's TimeoutStopSec."""

TELL_S: Final = 2.0

BUSY_POLL_S: Final = 0.02
USAGE: Final = """\
usage: polycloud-guard [FILE]

Opens the relays of an agent that has ended. FILE is its file of driven lines, by default
$RUNTIME_DIRECTORY/lines.jsonl. How it ended is read from $SERVICE_RESULT, $EXIT_CODE and
$EXIT_STATUS, as systemd sets them for ExecStopPost; without them everything is opened.

Example: polycloud-guard /run/polycloud/lines.jsonl
"""


class Ending(NamedTuple):
    """How the service ended, in systemd's words."""

    result: str
    code: str
    status: str


def main() -> None:
    """Run the guard once and exit: 0 when nothing failed, 1 otherwise."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        sys.stdout.write(USAGE)
        sys.exit(0)
    # The manager's patience (TimeoutStopSec) ends in SIGTERM: late is better than closed for ever.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or DEFAULT_FOLDER
    path = arguments[0] if arguments else os.path.join(folder, FILE_NAME)  # noqa: PTH118 - pathlib is slow to import
    sys.exit(run(path, os.environ))


def run(path: str, environ: Mapping[str, str]) -> int:
    """Open every line of *path* that nobody will supervise; return the exit status."""
    ending = Ending(
        environ.get("SERVICE_RESULT", ""),
        environ.get("EXIT_CODE", ""),
        environ.get("EXIT_STATUS", ""),
    )
    lines, failures = read(path)
    if lines:
        _say(f"the agent ended: {' '.join(ending).strip() or 'nobody says how'}")
    left = [line for line in lines if not opens(line, ending)]
    if any(_is_left_to_restart(line, ending) for line in left) and not _forget(path, lines):
        left = []
    for line in left:
        _say(f"{line.device}: left as it is ({line.driver} {line.address})")
    failures += open_lines([line for line in lines if line not in left], environ)
    return 1 if failures else 0


def open_lines(lines: Sequence[Line], environ: Mapping[str, str]) -> int:
    """Open *lines*, which the service manager is to hold no longer; count the failures.

    A line that is in use keeps no other from being opened, nor does a board that is silent: pins
    come first, and what is left of such a board last.
    """
    _let_go([line.kept_as for line in lines if line.kept_as], environ.get("NOTIFY_SOCKET", ""))
    give_up_at = time.monotonic() + BUSY_S
    failures, waiting = 0, sorted(lines, key=lambda line: bool(_board(line)))
    while waiting:
        is_last = time.monotonic() >= give_up_at
        results = _in_turn(waiting, is_last=is_last)
        failures += sum(result is False for _, result in results)
        waiting = [line for line, result in results if result is None]
        if waiting:
            time.sleep(BUSY_POLL_S)
    return failures


def _in_turn(lines: Sequence[Line], *, is_last: bool) -> list[tuple[Line, bool | None]]:
    """Open what can be, in order, and what is left of boards that have failed in the end."""
    failed: set[str] = set()
    left: list[Line] = []
    results: list[tuple[Line, bool | None]] = []
    for line in lines:
        board = _board(line)
        if board in failed:
            left.append(line)
            continue
        result = _opened(line, is_last=is_last)
        if board and result is False:
            failed.add(board)
        results.append((line, result))
    return results + [(line, _opened(line, is_last=is_last)) for line in left]


def _board(line: Line) -> str:
    """Name the board of which it is a contact; empty: it is a pin, which answers at once."""
    if line.driver == "modbus":
        unit, _, contact = line.address.partition(" ")
        return f"{unit} {contact.partition(' ')[2]}"
    return line.address.partition(" ")[2] if line.driver == "usb_serial" else ""


def opens(line: Line, ending: Ending) -> bool:
    """Tell whether *line* must be opened now."""
    if not ending.result or ending == Ending("exit-code", "exited", str(EXIT_CONFIG)):
        return True
    if ending.result == "success" and ending.code == "exited":
        return line.on_stop != "keep"
    return not _is_left_to_restart(line, ending)


def _is_left_to_restart(line: Line, ending: Ending) -> bool:
    """Tell whether a restart is certain to follow a crash and will decide on the contact itself.

    'success' without an exit, and 'timeout', may be the end of a stop: nothing follows them.
    """
    is_crash = ending.result not in ("", "success", "timeout")
    is_final = ending.code == "exited" and ending.status == str(EXIT_CONFIG)
    return is_crash and not is_final and line.on_crash != "off"


def _forget(path: str, lines: list[Line]) -> bool:
    """Leave a line to a restart only once: if that dies before it takes over, open."""
    fresh = f"{path}.{os.getpid()}"
    rows = [{**line._asdict(), "on_crash": "off"} for line in lines]
    try:
        with open(fresh, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib is slow to import
            file.writelines(json.dumps(row) + "\n" for row in rows)
        os.replace(fresh, path)  # noqa: PTH105 - pathlib is slow to import
    except OSError as error:
        _say(f"{path}: {error}: opening, because a failed restart could not be noticed")
        return False
    return True


def read(path: str) -> tuple[list[Line], int]:
    """Read the lines that can be understood, and count those that cannot."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            rows = file.read(MAX_BYTES).splitlines()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        _say(f"{path}: {error}")
        return [], 1
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        line = _line(row)
        if line is None:
            _say(f"{path}:{number}: not a driven line: {row[:200]!r}")
        else:
            lines.append(line)
    return lines, len(rows) - len(lines)


def _line(row: bytes) -> Line | None:
    """Understand one row; a policy that cannot be understood is 'off'."""
    try:
        fields = json.loads(row)
        driver, address, active_high = fields["driver"], fields["address"], fields["active_high"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (isinstance(driver, str) and isinstance(address, str) and isinstance(active_high, bool)):
        return None
    on_stop, on_crash = (str(fields.get(key, "off")) for key in ("on_stop", "on_crash"))
    kept_as = " ".join(str(fields.get("kept_as", "")).split())
    device = str(fields.get("device", "relay"))
    return Line(device, driver, address, active_high, on_stop, on_crash, kept_as)


def _let_go(names: Sequence[str], notify_socket: str) -> None:
    """Have the service manager close the descriptors that keep lines claimed.

    It takes this from a control process where the unit says NotifyAccess=exec.
    """
    if not names or notify_socket[:1] not in ("/", "@"):
        return
    import socket  # noqa: PLC0415 - only a line that is held pays for it

    address = "\0" + notify_socket[1:] if notify_socket.startswith("@") else notify_socket
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(TELL_S)
            for name in names:
                sender.sendto(f"FDSTOREREMOVE=1\nFDNAME={name}".encode(), address)
    except OSError as error:
        _say(f"{notify_socket}: {error}: the service manager still holds {', '.join(names)}")


def _opened(line: Line, *, is_last: bool) -> bool | None:
    """Tell whether a way to open *line* worked; None where it is in use and to be tried again."""
    reasons, is_busy = _tried(line)
    if not reasons:
        _say(f"{line.device}: opened ({line.driver} {line.address})")
        return True
    if is_busy and not is_last:
        return None
    _say(f"{line.device}: NOT OPENED, unplug it ({line.address}): {'; '.join(reasons)}")
    return False


def _tried(line: Line) -> tuple[list[str], bool]:
    """Tell why no way has worked (nothing: one has), and whether the line was in use."""
    ways = WAYS.get(line.driver, ())
    reasons = [] if ways else [f"unknown driver {line.driver!r}"]
    is_busy = False
    for way in ways:
        try:
            way(line)
        except DriverError as error:
            reasons.append(str(error))
            is_busy |= isinstance(error, LineBusyError)
        else:
            return [], False
    return reasons, is_busy


def _say(text: str) -> None:
    sys.stderr.write(f"polycloud-guard: {text}\n")


if __name__ == "__main__":
    main()
