"""The live view on a terminal: it shows every cloud, obeys keys, and gives the terminal back."""

import asyncio
import fcntl
import os
import re
import struct
import termios
from contextlib import asynccontextmanager

from tests.docs.pages import ROOT
from tests.integration.process import command, environment, until

ROWS, COLUMNS = 24, 80
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LEAVES = b"\x1b[?1049l"


class Terminal:
    """A terminal of 80 x 24, and everything that was written to it."""

    def __init__(self):
        self._ours, self.theirs = os.openpty()
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, size)
        self.before = termios.tcgetattr(self.theirs)
        self.shown = b""

    @asynccontextmanager
    async def watched(self):
        loop = asyncio.get_running_loop()
        loop.add_reader(self._ours, self._read)
        try:
            yield self
        finally:
            loop.remove_reader(self._ours)
            os.close(self._ours)
            os.close(self.theirs)

    def press(self, keys):
        os.write(self._ours, keys)

    def row(self, title):
        """Read the newest line that begins with *title*."""
        lines = ESCAPE.sub("", self.shown.decode("utf-8", "ignore")).split("\r\n")
        return next((line for line in reversed(lines) if line.startswith(title)), "")

    def _read(self):
        self.shown += os.read(self._ours, 65_536)


async def test_a_person_switches_a_device_of_a_file_and_leaves(tmp_path):
    env = environment(HOME=str(tmp_path), TMPDIR=str(tmp_path), TERM="xterm")
    path = str(ROOT / "config" / "lamp.toml")
    async with Terminal().watched() as terminal:
        process = await asyncio.create_subprocess_exec(
            *command("demo", "--config", path, "--cloud=onenet-legacy"),
            stdin=terminal.theirs,
            stdout=terminal.theirs,
            env=env,
        )
        await until(lambda: "online" in terminal.row("  Network"), "it is online")
        terminal.press(b"c")
        lamp = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} Lamp"
        await until(lambda: terminal.row(lamp).split()[2:] == ["on", "on"], "both show on")
        terminal.press(b"q")
        async with asyncio.timeout(20):
            assert await process.wait() == 0
        assert termios.tcgetattr(terminal.theirs) == terminal.before
    assert not list(tmp_path.iterdir())


async def test_a_person_switches_from_the_second_cloud_and_leaves(tmp_path):
    clouds = ("--cloud=tencent", "--cloud=aliyun")
    env = environment(HOME=str(tmp_path), TMPDIR=str(tmp_path), TERM="xterm")
    async with Terminal().watched() as terminal:
        process = await asyncio.create_subprocess_exec(
            *command("demo", *clouds), stdin=terminal.theirs, stdout=terminal.theirs, env=env
        )
        await until(lambda: terminal.row("Network").count("online") == 2, "both are online")
        terminal.press(b"2c")
        await until(lambda: terminal.row("Switch").split()[1:4].count("on") == 3, "all show on")
        assert "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}2 Aliyun" in terminal.shown.decode()
        terminal.press(b"q")
        async with asyncio.timeout(20):
            assert await process.wait() == 0
        await until(lambda: LEAVES in terminal.shown, "the screen is given back")
        assert termios.tcgetattr(terminal.theirs) == terminal.before
    assert not list(tmp_path.iterdir())
