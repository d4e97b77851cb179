"""`polycloud calibrate` as a user runs it, with and without a terminal."""

import asyncio
import json
import os
import pty
import sys
from contextlib import contextmanager

import pytest

from agent.cli.calibration_text import change_text, list_text, progress_text
from agent.cli.calibration_walk import parsed
from agent.cli.journal import sentence
from agent.control.server import ControlServer
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE, ControlError

SETTLED = {
    "device": "socket-1",
    "relay_on": True,
    "registers": {
        "voltage": {"measurements": 20, "needed": 20, "mean": 225.5, "spread_percent": 0.1},
        "current": {"measurements": 20, "needed": 20, "mean": 3.992, "spread_percent": 0.0},
        "power": {"measurements": 20, "needed": 20, "mean": 882.4, "spread_percent": 0.2},
    },
    "power_factor": 0.98,
    "needs_all_references": False,
    "waiting_for": [],
    "unfit": [],
    "is_settled": True,
}
OLD = {"factors": {"voltage": 1.0}, "kv": 3.069, "ki": 1.007, "kp": 3.108}
NEW = {"factors": {"voltage": 1.02}, "kv": 3.1302, "ki": 1.007, "kp": 3.108}
LISTED = {
    "device": "socket-1",
    "configured": OLD,
    "in_force": NEW,
    "calibrations": [
        {
            "factors": {"voltage": 1.02, "current": 1.0, "power": 1.0},
            "at": 1.8e9,
            "by": "maker",
            "is_undo": False,
            "made_from": {"measured_voltage": 225.5, "reference_voltage": 230.0},
        },
        {"factors": {"voltage": 1.0}, "at": None, "by": "maker", "is_undo": True, "made_from": {}},
    ],
}


class Socket:
    """A device behind the real server, whose measurements settle at once."""

    def __init__(self):
        self.asked = []
        self.is_on = True
        self.progress = SETTLED
        self.refusal = ""

    def methods(self):
        names = ("begin", "read", "end", "undo", "list")
        table = {f"calibration_{name}": self.method(f"calibration_{name}") for name in names}
        return {**table, "calibrate": self.method("calibrate"), "set": self.method("set")}

    def method(self, name):
        def answer(origin, params):
            del origin
            self.asked.append((name, dict(params)))
            return getattr(self, name, self.measured)(params)

        return answer

    def names(self):
        return [name for name, _ in self.asked]

    def measured(self, params):
        del params
        return {**self.progress, "relay_on": self.is_on}

    def set(self, params):
        self.is_on = params["values"]["power_switch"]
        return {}

    def calibrate(self, params):
        if self.refusal:
            reason, self.refusal = self.refusal, ""
            raise ControlError(reason)
        row = {"measured": 225.5, "reference": params["voltage_v"], "change_percent": 2.0}
        return {
            "device": "socket-1",
            "applied": not params.get("preview", False),
            "registers": {"voltage": row},
            "notes": ["a note"],
            "old": OLD,
            "new": NEW,
        }

    def calibration_undo(self, params):
        del params
        return {"device": "socket-1", "applied": True, "old": NEW, "new": OLD}

    def calibration_list(self, params):
        del params
        return LISTED


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


def test_the_ledger_tells_a_calibration_in_a_sentence():
    old, new = {"voltage": 1.0, "current": 1.0}, {"voltage": 1.02, "current": 1.0}
    details = {"old": old, "new": new, "by": "maker", "is_undo": False}
    entry = {"topic": "energy", "name": "calibration_changed", "details": details}
    assert sentence(entry).endswith("calibrated by maker: voltage × 1.0200; counted energy stays")
    back = {**entry, "details": {"old": new, "new": old, "by": "maker", "is_undo": True}}
    assert "calibration taken back by maker: voltage × 1.0000" in sentence(back)
    odd = {**entry, "details": {"new": {"voltage": "?"}}}
    assert "voltage × ?" in sentence(odd)


def test_progress_says_how_many_and_how_steady():
    assert progress_text(SETTLED) == (
        "voltage 20/20 225.5 V ±0.1%   current 20/20 3.992 A ±0.0%   power 20/20 882.4 W ±0.2%"
    )
    assert "voltage 0/0 –" in progress_text({})


def test_the_list_says_when_by_whom_and_from_what():
    lines = list_text(LISTED).splitlines()
    assert lines[1] == "  kv (voltage): 3.0690 → 3.1302"
    assert "by maker: calibrated to voltage × 1.0200" in lines[-2]
    assert "(225.5 V against 230.0 V)" in lines[-2]
    assert lines[-1] == "  time not known by maker: taken back to voltage × 1.0000"
    assert list_text({}).endswith("Never calibrated.")


@pytest.mark.parametrize("odd", [{}, {"registers": 3, "old": []}, {"registers": {"voltage": 1}}])
def test_an_odd_answer_is_shown_without_a_crash(odd):
    assert "–" in change_text(odd)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("229,8", 229.8), ("1e3", 1000.0), ("-1", None), ("nan", None), ("inf", None), ("x", None)],
)
def test_a_number_is_read_as_people_type_it(typed, value):
    assert parsed(typed) == value
