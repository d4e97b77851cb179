"""What a shell is offered for a word that is begun."""

import asyncio
import os
import subprocess
import sys

import pytest

from tests.integration.config import DeviceFile
from tests.integration.process import ready, run


def completed(typed, socket):
    """What bash is offered for the last word of *typed*."""
    words = typed.split(" ")
    script = "import sys; sys.argv[0] = 'polycloud'; from agent.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            "PATH": os.defpath,
            "POLYCLOUD_CONTROL_SOCKET": str(socket),
            "_POLYCLOUD_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [line.removeprefix("plain,") for line in done.stdout.split()]


async def test_a_shell_is_offered_commands_devices_and_properties(tmp_path):
    config = DeviceFile(tmp_path)

    async def offered(typed):
        return await asyncio.to_thread(completed, typed, config.control_socket)

    async with ready(config):
        assert await offered("polycloud o") == ["on", "off"]
        assert await offered("polycloud off s") == ["socket-1"]
        assert await offered("polycloud get --device ") == ["socket-1"]
        assert await offered("polycloud get vol") == ["voltage"]
        assert await offered("polycloud set c") == ["count_down=", "current_limit=", "child_lock="]
        switch = "polycloud set power_switch=o"
        assert await offered(switch) == [
            "power_switch=on",
            "power_switch=off",
        ]
        assert await offered("polycloud set count_down=") == []
    assert await offered("polycloud off s") == []
    assert await offered("polycloud o") == ["on", "off"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
async def test_completion_prints_a_script_and_installs_nothing(tmp_path, shell):
    code, out, err = await run("completion", shell, HOME=str(tmp_path))
    assert (code, err) == (0, "")
    assert "_POLYCLOUD_COMPLETE" in out
    assert list(tmp_path.iterdir()) == []
