"""The stop guard as systemd runs it, and what it is given: for the tests of the guard."""

import subprocess
import sys

from agent.lines import DrivenLine
from agent.ports import Line as PortLine

CLEAN = {"SERVICE_RESULT": "success", "EXIT_CODE": "exited", "EXIT_STATUS": "0"}
KILLED = {"SERVICE_RESULT": "signal", "EXIT_CODE": "killed", "EXIT_STATUS": "KILL"}
WATCHDOG = {"SERVICE_RESULT": "watchdog", "EXIT_CODE": "dumped", "EXIT_STATUS": "ABRT"}
BUG = {"SERVICE_RESULT": "exit-code", "EXIT_CODE": "exited", "EXIT_STATUS": "1"}
CONFIG = {"SERVICE_RESULT": "exit-code", "EXIT_CODE": "exited", "EXIT_STATUS": "78"}
TERM = {"SERVICE_RESULT": "success", "EXIT_CODE": "killed", "EXIT_STATUS": "TERM"}
STOP_TIMEOUT = {"SERVICE_RESULT": "timeout", "EXIT_CODE": "killed", "EXIT_STATUS": "KILL"}


def driven(
    address, *, driver="simulated", active_high=True, on_stop="off", on_crash="off", kept_as=""
):
    line = PortLine(driver=driver, address=str(address), active_high=active_high)
    return DrivenLine(
        device_id="socket-1", line=line, on_stop=on_stop, on_crash=on_crash, kept_as=kept_as
    )


def guard(folder, ending, *, path=None):
    with started_guard(folder, ending, path=path) as process:
        out, err = process.communicate(timeout=20)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def started_guard(folder, ending, *, path=None):
    environ = {"RUNTIME_DIRECTORY": str(folder), "PATH": path or "/nonexistent", **ending}
    command = [sys.executable, "-I", "-m", "agent.guard"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environ, stdout=pipe, stderr=pipe, text=True)


def level_of(contact):
    """The level of the line now: the file holds every level that it ever had."""
    return contact.read_text()[-1]
