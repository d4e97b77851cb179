"""`polycloud-guard`: open the relays that a dead agent left driven (systemd's ExecStopPost).

It reads the file of driven lines and how the service ended, and nothing else. It imports as
little as it can, because a relay waits for it: no dataclasses, no log library.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from agent.errors import EXIT_CONFIG, DriverError

DEFAULT_FOLDER: Final = "/run/polycloud"
FILE_NAME: Final = "lines.jsonl"
MAX_BYTES: Final = 1 << 16
COMMAND_TIMEOUT_S: Final = 2
USAGE: Final = """\
usage: polycloud-guard [FILE]

Opens the relays of an agent that has ended. FILE is its file of driven lines, by default
$RUNTIME_DIRECTORY/lines.jsonl. How it ended is read from $SERVICE_RESULT, $EXIT_CODE and
$EXIT_STATUS, as systemd sets them for ExecStopPost; without them everything is opened.

Example: polycloud-guard /run/polycloud/lines.jsonl
"""


class Line(NamedTuple):
    """One driven line, as the agent wrote it."""

    device: str
    driver: str
    address: str
    active_high: bool
    on_stop: str
    on_crash: str


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
    for line in lines:
        if line in left:
            _say(f"{line.device}: left as it is ({line.driver} {line.address})")
        else:
            failures += not _opened(line)
    return 1 if failures else 0


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
    policies = [str(fields.get(key, "off")) for key in ("on_stop", "on_crash")]
    return Line(str(fields.get("device", "relay")), driver, address, active_high, *policies)


def _opened(line: Line) -> bool:
    """Try every way to open *line*; tell whether one of them worked."""
    ways = WAYS.get(line.driver, ())
    reasons = [] if ways else [f"unknown driver {line.driver!r}"]
    for way in ways:
        try:
            way(line)
        except DriverError as error:
            reasons.append(str(error))
        else:
            _say(f"{line.device}: opened ({line.driver} {line.address})")
            return True
    _say(f"{line.device}: NOT OPENED, unplug it ({line.address}): {'; '.join(reasons)}")
    return False


# ── the ways to a line ──────────────────────────────────────────────────────────────────────


def _write_state_file(line: Line) -> None:
    fresh = f"{line.address}.guard"
    try:
        with open(fresh, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import
            file.write(str(_level(line)))
        os.replace(fresh, line.address)  # noqa: PTH105 - pathlib is slow to import
    except OSError as error:
        raise DriverError(str(error)) from error


def _request(line: Line) -> None:
    """Drive the line of a chip with libgpiod's own package, where it is installed."""
    chip, _, offset = line.address.rpartition(":")
    try:
        import gpiod  # noqa: PLC0415 - only a gpiod line pays for it

        settings = gpiod.LineSettings(
            direction=gpiod.line.Direction.OUTPUT,
            output_value=gpiod.line.Value.INACTIVE,
            active_low=not line.active_high,
        )
        gpiod.request_lines(
            chip, config={int(offset): settings}, consumer="polycloud-guard"
        ).release()
    except (OSError, ValueError, ImportError, AttributeError) as error:
        raise DriverError(f"gpiod: {error}") from error


def _gpioset(line: Line) -> None:
    """Drive the line of a chip with the command of libgpiod 2, or that of libgpiod 1."""
    chip, _, offset = line.address.rpartition(":")
    level = f"{offset}={_level(line)}"
    try:
        _execute("gpioset", "--toggle", "0", "--chip", chip, level)
    except DriverError:
        _execute("gpioset", chip, level)


def _gpioset_by_name(line: Line) -> None:
    _execute("gpioset", "--toggle", "0", f"{line.address}={_level(line)}")


def _pinctrl(line: Line) -> None:
    _execute("pinctrl", "set", _pin_number(line), "op", _drive(line))


def _raspi_gpio(line: Line) -> None:
    _execute("raspi-gpio", "set", _pin_number(line), "op", _drive(line))


WAYS: Final[Mapping[str, tuple[Callable[[Line], None], ...]]] = {
    "simulated": (_write_state_file,),
    "gpiod": (_request, _gpioset),
    "gpiozero": (_pinctrl, _raspi_gpio, _gpioset_by_name),
}


def _level(line: Line) -> int:
    return 0 if line.active_high else 1


def _drive(line: Line) -> str:
    return "dl" if line.active_high else "dh"


def _pin_number(line: Line) -> str:
    number = line.address.removeprefix("GPIO")
    if not (number.isascii() and number.isdigit()):
        raise DriverError(f"{line.address} is not a pin like GPIO17")
    return number


def _execute(*command: str) -> None:
    import subprocess  # noqa: PLC0415 - most endings need no command

    try:
        subprocess.run(  # noqa: S603 - a fixed command; its arguments are the agent's own file
            command,
            check=True,
            timeout=COMMAND_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except subprocess.CalledProcessError as error:
        raise DriverError(
            f"{command[0]}: {error.stderr.decode(errors='replace').strip()}"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DriverError(f"{command[0]}: {error}") from error


def _say(text: str) -> None:
    sys.stderr.write(f"polycloud-guard: {text}\n")


if __name__ == "__main__":
    main()
