"""`polycloud energy` and `polycloud events` at the terminals and with the texts that there are."""

import asyncio
import json
import subprocess
import sys

import pytest

from agent.cli.asking import decimal
from agent.control.server import ControlServer
from agent.errors import EXIT_USAGE

REASON = "caf\udce9 €"
SET = {
    "topic": "energy",
    "name": "set",
    "wall_time": 1.8e9,
    "details": {"from_mj": 0, "to_mj": 1, "by": "local root", "reason": REASON},
}
DAY = {"device": "socket-1", "day": "2026-11-26", "used_kwh": 1.5, "rows": [SET], "left_out": 0}


class Past:
    """What the agent would answer."""

    def __init__(self):
        self.asked = []
        self.day = DAY

    def methods(self):
        return {
            "events": self.answering("events", lambda: {"rows": [SET]}),
            "explain_energy": self.answering("explain_energy", lambda: self.day),
            "set_energy": self.answering("set_energy", dict),
            "energy": self.answering("energy", dict),
            "status": self.answering("status", lambda: {"devices": [{"id": REASON}]}),
        }

    def answering(self, name, give):
        def answer(origin, params):
            del origin
            self.asked.append((name, dict(params)))
            return give()

        return answer


@pytest.fixture
async def past(tmp_path):
    made = Past()
    made.path = tmp_path / "c.sock"
    async with ControlServer(made.path, made.methods(), group="no-such-group"):
        yield made


async def polycloud(path, *arguments, encoding="utf-8"):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agent",
        *arguments,
        "--socket",
        str(path),
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONIOENCODING": encoding},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(encoding), err.decode(encoding)


@pytest.mark.parametrize("command", [("events",), ("energy", "--explain", "2026-11-26")])
@pytest.mark.parametrize(
    ("encoding", "says"), [("utf-8", "caf\\udce9 €"), ("latin-1", "caf\\udce9 \\u20ac")]
)
async def test_a_reason_that_no_terminal_can_show_is_escaped(past, command, encoding, says):
    status, out, err = await polycloud(past.path, *command, encoding=encoding)
    assert (status, err) == (0, "")
    assert says in out


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
async def test_status_and_json_hold_such_a_text_too(past, encoding):
    status, out, _ = await polycloud(past.path, "status", encoding=encoding)
    assert (status, "caf\\udce9" in out) == (0, True)
    status, out, _ = await polycloud(past.path, "events", "--json", encoding=encoding)
    assert status == 0
    assert json.loads(out)["rows"] == [SET]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("set", "1", "--reason", b"caf\xe9"), "terminal whose encoding is UTF-8"),
        (("set", "1", "--reason", "x" * 201), "has 201 characters; allowed: up to 200"),
        (("set", "1e9", "--reason", "r"), "from 0 to below 1e9, not '1e9'"),
        (("set", "1.234,5", "--reason", "r"), "not '1.234,5'"),
        (("set", "1", "--reason", "r", "--explain", "2026-11-26"), "--explain belongs to"),
    ],
)
async def test_what_cannot_be_set_is_refused_before_the_agent_is_asked(past, arguments, says):
    status, out, err = await polycloud(past.path, "energy", *arguments)
    assert (status, out) == (EXIT_USAGE, "")
    assert says in err
    assert past.asked == []


async def test_a_count_may_have_a_decimal_comma(past):
    await polycloud(past.path, "energy", "set", "12,5", "--reason", "r")
    assert past.asked == [("set_energy", {"kwh": 12.5, "reason": "r"})]


@pytest.mark.parametrize(
    ("typed", "value"), [("1,5", 1.5), ("-2", -2), ("nan", None), ("inf", None), ("", None)]
)
def test_a_number_is_read_as_it_is_typed(typed, value):
    assert decimal(typed) == value


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (["2026-11-20", "2026-11-26"], "it knows days from 2026-11-20 to 2026-11-26"),
        (None, "it knows no day yet"),
    ],
)
async def test_a_day_that_is_not_known_is_not_said_to_be_counted_whole(past, known, says):
    past.day = {**DAY, "used_kwh": None, "rows": [], "known_days": known}
    status, out, _ = await polycloud(past.path, "energy", "--explain", "2020-01-01")
    assert status == 0
    assert says in out
    assert "every pulse" not in out


async def test_a_day_without_a_row_was_counted_as_it_came(past):
    past.day = {**DAY, "rows": []}
    _, out, _ = await polycloud(past.path, "energy", "--explain", "2026-11-26")
    assert "every pulse was counted as it came" in out


async def test_a_day_with_too_many_rows_says_how_many_are_left_out(past):
    past.day = {**DAY, "left_out": 7}
    _, out, _ = await polycloud(past.path, "energy", "--explain", "2026-11-26")
    assert "7 earlier rows of this day, and the newest 1:" in out
