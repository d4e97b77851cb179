"""`get`, `set`, `watch`, `log`, `events --follow`, `reload`, `completion`: a user's processes."""

import asyncio
import contextlib
import json
import signal
import sys

import pytest

from agent.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE
from tests.integration.config import DeviceFile
from tests.integration.process import PATIENCE_S, command, environment, ready, run, typed, until
from tests.integration.test_live_view import Terminal


def hears_ctrl_c():
    """Undo what a shell does that has put these tests in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.asynccontextmanager
async def following(*arguments, socket):
    """Run a command that goes on; at the end it has been told Ctrl-C, and `code` is its exit."""
    process = await asyncio.create_subprocess_exec(
        *command(*arguments, "--socket", str(socket)),
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=hears_ctrl_c,
    )
    shown = Shown(process)
    try:
        yield shown
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            shown.code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Shown:
    def __init__(self, process):
        self.process, self.lines, self.code = process, [], None

    async def line(self, *parts, of=None):
        """Wait for a line that has all *parts* in it."""
        stream = of or self.process.stdout
        async with asyncio.timeout(PATIENCE_S):
            while text := (await stream.readline()).decode():
                self.lines.append(text.rstrip("\n"))
                if all(part in text for part in parts):
                    return text.rstrip("\n")
        raise AssertionError(f"it ended without {parts}: {self.lines}")


async def test_values_are_read_and_set_by_name(tmp_path):
    config = DeviceFile(tmp_path)
    at = ("--socket", str(config.control_socket))
    async with ready(config):
        assert await run("set", "power_switch=on", "count_down=600", *at) == (
            0,
            "power_switch  on\ncount_down    600 s\n",
            "",
        )
        assert config.is_closed
        assert await run("get", "power_switch", *at) == (0, "on\n", "")
        code, out, _ = await run("get", *at)
        assert code == 0
        assert "power_switch    on\n" in out
        _, out, _ = await run("get", "power_switch", "count_down", "--json", *at)
        assert json.loads(out)["properties"].keys() == {"power_switch", "count_down"}
        assert json.loads(out)["device"] == "socket-1"
        code, out, _ = await run("set", "power_switch=off", "--json", *at)
        assert json.loads(out)["properties"]["power_switch"] is False
        assert not config.is_closed


NOT_SET = [
    ("power_swich=on", EXIT_USAGE, "did you mean 'power_switch'? there are: power_switch,"),
    ("power_switch", EXIT_USAGE, "'power_switch' is no NAME=VALUE"),
    ("power_switch=maybe", EXIT_USAGE, "power_switch takes on or off, not 'maybe'"),
    ("count_down=1.5", EXIT_USAGE, "takes a whole number from 0 to 86400 s, not '1.5'"),
    ("count_down=99999", EXIT_FAILED, "count_down is 0 to 86400 s, not 99999"),
    ("voltage=5", EXIT_FAILED, "voltage can only be read"),
]


async def test_what_cannot_be_set_changes_nothing_at_all(tmp_path):
    config = DeviceFile(tmp_path)
    at = ("--socket", str(config.control_socket))
    async with ready(config):
        for word, code, says in NOT_SET:
            exit_code, out, err = await typed("set", "power_switch=on", word, *at)
            assert (exit_code, out) == (code, ""), word
            assert says in err
            assert not config.is_closed


async def test_a_name_that_is_none_is_told_with_what_was_meant(tmp_path):
    config = DeviceFile(tmp_path)
    at = ("--socket", str(config.control_socket))
    async with ready(config):
        code, out, err = await typed("get", "voltag", *at)
        assert (code, out) == (EXIT_USAGE, "")
        assert "did you mean 'voltage'?" in err
        code, _, err = await typed("set", "count_down=1", "count_down=2", *at)
        assert (code, err) == (EXIT_USAGE, "each NAME once, please\n")


async def test_watch_shows_values_rows_and_an_agents_restart(tmp_path):
    config = DeviceFile(tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        async with ready(config) as agent:
            watching = following("watch", "--interval", "0.1", socket=config.control_socket)
            shown = await stack.enter_async_context(watching)
            await shown.line("power_switch off", "voltage")
            await agent.switch(on=True)
            await shown.line("relay", "on by local")
            await shown.line("active_power 60 W")
            await agent.stop()
            await shown.line("waiting for it", of=shown.process.stderr)
        async with ready(config):
            await shown.line("the agent is back", of=shown.process.stderr)
            await shown.line("power_switch off", "voltage")
            await stack.aclose()
    assert shown.code == 0


async def test_watch_gives_a_program_one_object_a_line(tmp_path):
    config = DeviceFile(tmp_path)
    watching = following("watch", "--json", socket=config.control_socket)
    async with ready(config) as agent, watching as shown:
        first = json.loads(await shown.line('"is_whole": true'))
        await agent.switch(on=True)
        row = json.loads(await shown.line('"topic": "journal"'))
    assert first["values"]["power_switch"] is False
    assert row["row"]["name"] == "on"
    assert shown.code == 0


async def test_the_log_is_shown_filtered_and_followed_without_a_line_twice(tmp_path):
    config = DeviceFile(tmp_path)
    at = ("--socket", str(config.control_socket))
    async with ready(config) as agent:
        code, out, _ = await run("log", "-n", "500", *at)
        assert code == 0
        assert "agent.started        version=" in out
        code, out, _ = await run("log", "--json", "--level", "error", *at)
        assert json.loads(out) == {"lines": []}
        async with following("log", "--follow", "--json", socket=config.control_socket) as shown:
            await shown.line('"agent.started"')
            agent.process.send_signal(signal.SIGHUP)
            await shown.line('"agent.reloaded"')
        numbers = [json.loads(line)["number"] for line in shown.lines]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert shown.code == 0
        arguments = ("log", "--follow", "--level", "warning")
        async with following(*arguments, socket=config.control_socket) as shown:
            config.set("device.relay", min_off_s=2)
            await run("reload", *at)
            await shown.line("warning", "reload.refused", "needs a restart")
        assert not [line for line in shown.lines if " info " in line]


async def test_events_are_followed_without_a_row_twice(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        await agent.switch(on=True)
        arguments = ("events", "--follow", "--topic", "relay")
        async with following(*arguments, socket=config.control_socket) as shown:
            await shown.line("on by local")
            await agent.switch(on=False)
            await shown.line("off by local")
    assert sum("by local" in line for line in shown.lines) == 2
    assert shown.code == 0


async def test_reload_answers_what_came_of_it(tmp_path):
    config = DeviceFile(tmp_path)
    at = ("--socket", str(config.control_socket))
    async with ready(config) as agent:
        assert await typed("reload", *at) == (0, "reloaded\n", "")
        await agent.logged("agent.reloaded")
        config.set("device.relay", min_off_s=2)
        code, out, err = await typed("reload", *at)
        assert (code, out) == (EXIT_FAILED, "")
        assert "relay has changed: needs a restart" in err
        config.set("device.relay", min_off_s=0, min_off=1)
        code, out, err = await typed("reload", *at)
        assert (code, out) == (EXIT_CONFIG, "")
        line = config.path.read_text().splitlines().index("min_off = 1") + 1
        assert f"{config.path}:{line}: device.relay.min_off: found an unknown key" in err
        code, out, _ = await typed("reload", "--json", *at)
        assert code == EXIT_CONFIG
        assert json.loads(out)["faults"][0]["line"] == line


@pytest.mark.parametrize(
    "arguments",
    [
        ("get",),
        ("set", "power_switch=on"),
        ("watch",),
        ("log",),
        ("log", "--follow"),
        ("events", "--follow"),
        ("reload",),
    ],
)
async def test_no_agent_ends_with_69_and_advice(tmp_path, arguments):
    code, out, err = await typed(*arguments, "--socket", str(tmp_path / "none"))
    assert (code, out) == (EXIT_UNREACHABLE, "")
    assert "no agent listens at" in err


@pytest.mark.parametrize("name", ["get", "set", "watch", "log", "reload", "completion", "events"])
async def test_help_has_an_example(name):
    code, out, _ = await typed(name, "--help")
    assert code == 0
    assert f"polycloud {name}" in out.split("Example")[1]


# ── on a terminal ───────────────────────────────────────────────────────────────────────────

ON_A_TERMINAL = """\
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Gives a program the terminal that it stands at, so that its Ctrl-C means it."""


async def test_a_person_ends_a_watch_with_ctrl_c_and_sees_no_trace(tmp_path):
    config = DeviceFile(tmp_path)
    watching = command("watch", "--socket", str(config.control_socket))
    async with ready(config), Terminal().watched() as terminal:
        stands_at = dict.fromkeys(("stdin", "stdout", "stderr"), terminal.theirs)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ON_A_TERMINAL, *watching, env=environment(), **stands_at
        )
        await until(lambda: b"power_switch off" in terminal.shown, "it shows the values")
        terminal.press(b"\x03")
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
        assert b"Traceback" not in terminal.shown
        assert b"Aborted" not in terminal.shown
