"""Disks that are really full or read-only, where the tests may mount them."""

import contextlib
import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

TRIPPED = {"trip": "overcurrent"}


@contextmanager
def mounted(folder, *options):
    """Mount a small file system in memory, or say what is missing for that."""
    if os.geteuid() != 0:
        pytest.skip("needs root: a file system is mounted")
    folder.mkdir()
    error = order("mount", "-t", "tmpfs", "-o", ",".join(options), "store-test", str(folder))
    if error:
        pytest.skip(f"needs mount(8) to work here: {error}")
    try:
        yield folder
    finally:
        assert not order("umount", "--lazy", str(folder))


def order(program, *arguments):
    """Run a program; give what it complained of."""
    path = shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin")
    if path is None:
        return f"there is no {program}"
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    return done.stderr.strip()


def fill(path):
    """Take all the room that is left."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 512):
            continue
    return path


@contextmanager
def as_nobody():
    """Be a user who owns nothing."""
    if os.geteuid() != 0:
        pytest.skip("needs root: it is given up for a moment")
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)
