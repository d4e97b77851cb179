"""A stand-in for the agent that does what it is told: its service's life, and nothing else.

It drives a simulated contact (a file), writes the file of driven lines, and speaks the notify
protocol. The words in `/etc/polycloud/orders` choose what goes wrong.
"""

import os
import signal
import sys
from pathlib import Path

from agent import levels
from agent.errors import EXIT_CONFIG
from agent.lines import DrivenLine, lines_file, write_lines
from agent.ports import Line
from agent.systemd import Notifier, watchdog_interval_s

ORDERS = Path("/etc/polycloud/orders")
SIGNALS = {signal.SIGTERM, signal.SIGHUP}


def main() -> int:
    orders = set(ORDERS.read_text().split())
    if "bad_config" in orders:
        return EXIT_CONFIG
    if "never_ready" in orders:
        signal.pause()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    contact = Path(os.environ["STATE_DIRECTORY"]) / "contact"
    line_claim = levels.claim(str(contact))
    levels.drive(line_claim, high=True)
    line = DrivenLine(
        device_id="socket-1",
        line=Line(driver="simulated", address=str(contact), active_high=True),
        on_stop="keep" if "keep" in orders else "off",
        on_crash="restore" if "restore" in orders else "off",
    )
    write_lines(lines_file(os.environ, "/run/polycloud/control.sock"), [line])
    with Notifier(os.environ) as notifier:
        notifier.ready(_secret() or "relay on")
        return _serve(notifier, line_claim, orders)


def _secret() -> str:
    """Tell what came as a credential, which no real agent would."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return "" if folder is None else (Path(folder) / "tencent.device_secret").read_text()


def _serve(notifier: Notifier, line_claim: int, orders: set[str]) -> int:
    interval_s = watchdog_interval_s(os.environ, os.getpid())
    assert interval_s is not None
    while True:
        if "wedged" not in orders:
            notifier.alive()
        arrived = signal.sigtimedwait(SIGNALS, interval_s / 4)
        if arrived is None:
            continue
        if arrived.si_signo == signal.SIGTERM:
            notifier.stopping()
            if "keep" not in orders:
                levels.drive(line_claim, high=False)
            return 0
        notifier.status("reloaded")


if __name__ == "__main__":
    sys.exit(main())
