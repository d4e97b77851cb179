"""What the doctor's tests share: ports as facts, frames, files and a terminal that talks."""

import os
import pty
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from agent.doctor.facts import PortFacts, PortKind

FRAME = bytes.fromhex("555A02F7600003AB0040100260 5D51A65803E9EF710B7A36".replace(" ", ""))
INVERTED = bytes(255 - byte for byte in FRAME)
TTY = PortFacts(
    port="/dev/ttyAMA0",
    kind=PortKind.TTY,
    real_path="/dev/ttyAMA0",
    is_usable=True,
    group="dialout",
    user="pi",
)
MINI = replace(TTY, port="/dev/serial0", real_path="/dev/ttyS0")
NETWORK = PortFacts(port="socket://h:1", kind=PortKind.NETWORK)
SIMULATED = PortFacts(port="", kind=PortKind.SIMULATED)


def write(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


@contextmanager
def terminal(data: bytes) -> Iterator[str]:
    """A pseudo-terminal on whose other side somebody goes on saying *data*."""
    ours, theirs = pty.openpty()
    is_over = threading.Event()

    def speak() -> None:
        while data and not is_over.wait(0.02):
            os.write(ours, data)

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        is_over.set()
        thread.join()
        os.close(ours)
        os.close(theirs)
