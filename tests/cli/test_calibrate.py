"""`polycloud calibrate` as a user runs it, with and without a terminal."""

import asyncio
import json
import os
import pty
import sys
from contextlib import contextmanager

import pytest

from agent.cli.calibration_text import list_text
from agent.control.server import ControlServer
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE
from tests.cli.calibrate_support import LISTED, SETTLED, Socket


@pytest.fixture
async def socket(tmp_path):
    device = Socket()
    device.path = tmp_path / "c.sock"
    async with ControlServer(device.path, device.methods(), group="no-such-group"):
        yield device


def environment(path):
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "POLYCLOUD_CONTROL_SOCKET": str(path),
    }


async def polycloud(path, *arguments):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "calibrate", *arguments),
        env=environment(path),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@contextmanager
def terminal():
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


async def at_terminal(path, dialogue, *arguments):
    """Answer each question with what *dialogue* holds for its words; give code and screen."""
    loop, screen, changed = asyncio.get_running_loop(), bytearray(), asyncio.Event()
    with terminal() as (ours, theirs):

        def read():
            screen.extend(os.read(ours, 4096))
            changed.set()

        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agent", "calibrate", *arguments),
            env=environment(path),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        loop.add_reader(ours, read)
        try:
            async with asyncio.timeout(30):
                seen = 0
                for question, answer in dialogue:
                    while (at := screen.find(question.encode(), seen)) < 0:
                        changed.clear()
                        await changed.wait()
                    seen = at + len(question)
                    os.write(ours, answer.encode() + b"\n")
                code = await process.wait()
            while not screen.endswith(b"\n"):
                changed.clear()
                await changed.wait()
        finally:
            loop.remove_reader(ours)
            if process.returncode is None:
                process.kill()
                await process.wait()
    return code, screen.decode()


async def test_with_references_and_yes_nothing_is_asked(socket):
    code, out, err = await polycloud(socket.path, "socket-1", "--voltage", "230", "--yes")
    assert (code, err) == (0, "")
    assert "225.5 V     230.0 V   +2.00 %" in out
    assert "kv (voltage): 3.0690 → 3.1302" in out
    assert "Note: a note." in out
    assert out.endswith("calibrated. To take it back: polycloud calibrate socket-1 --undo\n")
    assert socket.names() == [
        "calibration_begin",
        "calibration_read",
        "calibration_read",
        "calibrate",
        "calibrate",
        "calibration_end",
    ]
    sent = {"device": "socket-1", "voltage_v": 230.0, "force": False}
    assert [params for name, params in socket.asked if name == "calibrate"] == [
        {**sent, "preview": True},
        sent,
    ]


async def test_json_is_all_that_json_prints(socket):
    code, out, err = await polycloud(socket.path, "--voltage", "230", "--yes", "--json", "--force")
    assert code == 0
    assert json.loads(out)["applied"]
    assert "Measuring" in err
    assert socket.asked[-2][1]["force"]
    _, out, err = await polycloud(socket.path, "--list", "--json")
    assert (json.loads(out), err) == (LISTED, "")


async def test_a_refusal_ends_with_one_and_its_reason(socket):
    socket.refusal = "voltage: the factor would move by +30 %"
    code, _, err = await polycloud(socket.path, "--voltage", "300", "--yes")
    assert (code, err) == (EXIT_FAILED, "voltage: the factor would move by +30 %\n")
    assert socket.names()[-1] == "calibration_end"


async def test_an_open_contact_ends_with_one_where_nobody_can_be_asked(socket):
    socket.is_on = False
    code, _, err = await polycloud(socket.path, "--voltage", "230", "--yes")
    assert code == EXIT_FAILED
    assert "the contact is open" in err
    assert socket.names() == ["calibration_begin", "calibration_end"]


async def test_an_unfit_load_ends_with_one(socket):
    socket.progress = {**SETTLED, "unfit": ["power: measured 12.0 W, at least 40 W is needed"]}
    code, _, err = await polycloud(socket.path, "--voltage", "230", "--yes")
    assert (code, err) == (EXIT_FAILED, "power: measured 12.0 W, at least 40 W is needed\n")


async def test_undo_and_list_are_for_people_too(socket):
    code, out, _ = await polycloud(socket.path, "--undo")
    assert (code, out.splitlines()[0]) == (0, "socket-1: taken back")
    code, out, _ = await polycloud(socket.path, "--list")
    assert (code, out) == (0, list_text(LISTED) + "\n")


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ((), "give --yes and at least one of --voltage, --current, --power"),
        (("--voltage", "230"), "give --yes"),
        (("--voltage", "23o", "--yes"), "'23o' is not a number above 0"),
        (("--yes",), "needs a reference"),
        (("--undo", "--list"), "use one of"),
        (("--undo", "--power", "900"), "use one of"),
        (("--voltage", "nan", "--yes"), "not a number above 0"),
        (("--power", "-3", "--yes"), "not a number above 0"),
        (("--current", "inf", "--yes"), "not a number above 0"),
    ],
)
async def test_a_wrong_use_ends_with_two_and_advice(socket, arguments, advice):
    code, out, err = await polycloud(socket.path, *arguments)
    assert (code, out) == (EXIT_USAGE, "")
    assert advice in err
    assert socket.asked == []


async def test_no_agent_ends_with_69(tmp_path):
    code, _, err = await polycloud(tmp_path / "none", "--list")
    assert code == EXIT_UNREACHABLE
    assert "no agent listens at" in err


async def test_the_walk_leads_from_the_plug_to_the_undo(socket):
    socket.is_on = False
    socket.refusal = "the references disagree"
    dialogue = [
        ("plugged in", ""),
        ("Switch it on now?", "y"),
        ("half a minute", "typed\ntoo\nearly"),
        ("Voltage in V", "lots"),
        ("Voltage in V", "231"),
        ("Current in A", ""),
        ("Power in W", "900,5"),
        ("again?", ""),
        ("Voltage in V", "230"),
        ("Current in A", ""),
        ("Power in W", ""),
        ("from now on?", "y"),
    ]
    code, screen = await at_terminal(socket.path, dialogue)
    assert code == 0, screen
    assert "'lots' is no number above 0" in screen
    assert "'typed' is no number" not in screen
    assert "Refused: the references disagree." in screen
    assert "kv (voltage): 3.0690 → 3.1302" in screen
    assert "polycloud calibrate socket-1 --undo" in screen
    calls = [params for name, params in socket.asked if name == "calibrate"]
    assert calls[0] == {"voltage_v": 231.0, "power_w": 900.5, "force": False, "preview": True}
    assert calls[-1] == {"voltage_v": 230.0, "force": False}
    assert ("set", {"values": {"power_switch": True}}) in socket.asked


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([("on now?", "n")], "the socket is still off"),
        ([("on now?", ""), ("V (", ""), ("A (", ""), ("W (", "")], "no reference was given"),
        (
            [("on now?", ""), ("V (", "230"), ("A (", ""), ("W (", ""), ("from now on?", "n")],
            "nothing was changed",
        ),
    ],
)
async def test_a_no_on_the_way_changes_nothing(socket, answers, said):
    socket.is_on = False
    code, screen = await at_terminal(socket.path, [("plugged in", ""), *answers])
    assert code == EXIT_FAILED
    assert said in screen
    assert all(params.get("preview") for name, params in socket.asked if name == "calibrate")
    assert socket.names()[-1] == "calibration_end"


async def test_a_board_that_is_far_off_is_told_to_need_all_three(socket):
    socket.progress = {**SETTLED, "needs_all_references": True, "power_factor": 0.95}
    dialogue = [
        ("plugged in", ""),
        ("V (", ""),
        ("A (", ""),
        ("W (", ""),
    ]
    code, screen = await at_terminal(socket.path, dialogue)
    assert code == EXIT_FAILED
    assert "power factor reads 0.95" in screen
