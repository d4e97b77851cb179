"""A tree of the kernel's sensor files: real files, which fail as the kernel's do."""

import os
from pathlib import Path

EIO = Path("/proc/self/mem")
"""Its first byte is in no process: the kernel answers a read with EIO."""


class Devices:
    """Devices of one bus, as folders with a name; their numbers go up with every plug."""

    def __init__(self, folder, kind="iio:device"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._kind = kind
        self._number = 0

    def plug(self, name, **files):
        device = self.folder / f"{self._kind}{self._number}"
        self._number += 1
        device.mkdir()
        put(device, name=name, **files)
        return device

    def unplug(self, device):
        for file in device.iterdir():
            file.unlink()
        device.rmdir()


def put(folder, **files):
    """Write files as the kernel shows them: with a newline."""
    for name, text in files.items():
        (folder / name.replace("__", "-")).write_text(f"{text}\n")


def fail(file):
    """Have a file's reads end in EIO."""
    file.unlink(missing_ok=True)
    file.symlink_to(EIO)


def hang(file):
    """Have a file's reads wait until somebody answers."""
    file.unlink(missing_ok=True)
    os.mkfifo(file)


def answer(file, text):
    """Let the read that hangs return, and each later one at once."""
    descriptor = os.open(file, os.O_WRONLY)
    file.unlink()
    file.write_text(text)
    os.write(descriptor, text.encode())
    os.close(descriptor)
