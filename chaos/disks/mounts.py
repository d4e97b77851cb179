"""Mounts that are gone when their `with` ends, however it ends."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chaos.apart import ROOT
from chaos.disks.disk import Cut, Image, Operation, read_log
from chaos.report import MissingError

PATIENCE_S: Final = 10.0
POLL_S: Final = 0.005
END_S: Final = 2.0
"""A drive that is still in use when it is taken down ends by force after so long."""


def need_root() -> None:
    """Raise `MissingError` unless this process may mount."""
    if os.geteuid() != 0:
        raise MissingError("root (it mounts file systems)")
    if shutil.which("umount") is None:
        raise MissingError("the commands mount and umount")


def need_fuse() -> None:
    """Raise `MissingError` unless a FUSE file system can be mounted."""
    need_root()
    if not Path("/dev/fuse").exists():
        raise MissingError("FUSE in the kernel (/dev/fuse)")
    if ctypes.util.find_library("fuse") is None:
        raise MissingError("the Debian package libfuse2")
    if importlib.util.find_spec("mfusepy") is None:
        raise MissingError("the Python package mfusepy (make .venv with scripts/setup dev)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A mounted `chaos.disks.drive`."""

    folder: Path
    log: Path
    image: Image

    def mark(self, text: str) -> None:
        """Put a mark into the log."""
        (self.folder / f".mark-{text}").exists()

    def misbehave(self, fault: str) -> None:
        """Make it misbehave from now on; `none` ends that."""
        (self.folder / f".fault-{fault}").exists()

    def operations(self) -> list[Operation]:
        """Read everything that has been done to it."""
        return list(read_log(self.log.read_text(encoding="ascii")))

    def cut(self) -> Cut:
        """Follow the log to its end."""
        cut = Cut(self.image)
        for operation in self.operations():
            cut.apply(operation)
        return cut


def lay_out(image: Image, folder: Path) -> Path:
    """Write an image into a folder that is made new."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in image.items():
        (folder / name.removeprefix("/")).write_bytes(content)
    return folder


@contextmanager
def drive(folder: Path, image: Image | None = None) -> Iterator[Drive]:
    """Mount a drive below *folder*, with *image* on it."""
    need_fuse()
    point, log = folder / "drive", folder / "drive.log"
    point.mkdir(parents=True)
    log.touch()
    start = lay_out(image or {}, folder / "image")
    command = [sys.executable, "-m", "chaos.disks.drive", str(point), str(log), str(start)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=ROOT) as process:
        try:
            _wait_for_mount(process, point)
            yield Drive(folder=point, log=log, image=image or {})
        finally:
            _unmount(point)
            _end(process)


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[Path]:
    """Mount a file system in memory that holds *size_kb*."""
    need_root()
    folder.mkdir(parents=True)
    options = f"size={size_kb}k,mode=755"
    command = ["mount", "-t", "tmpfs", "-o", options, "polycloud-chaos", str(folder)]
    subprocess.run(command, check=True)
    try:
        yield folder
    finally:
        _unmount(folder)


def fill(folder: Path) -> Path:
    """Take all the room that is left; removing the file gives it back."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return filler


def _wait_for_mount(process: "subprocess.Popen[bytes]", point: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not point.is_mount():
        if process.poll() is not None:
            raise MissingError("a kernel that lets this process mount FUSE (the mount failed)")
        if time.monotonic() > until:
            raise MissingError(f"a FUSE mount within {PATIENCE_S:g} s")
        time.sleep(POLL_S)


def _unmount(point: Path) -> None:
    if point.is_mount():
        subprocess.run(["umount", "--lazy", str(point)], check=False)  # noqa: S607 - as above


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
