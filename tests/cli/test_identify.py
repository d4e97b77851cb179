"""`polycloud identify` as a user runs it: a process, a real socket."""

import asyncio
import json
import subprocess
import sys

import pytest

from agent.control.server import ControlServer
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE, ControlError


@pytest.fixture
async def agent(tmp_path):
    asked = []

    def identify(origin, params):
        del origin
        asked.append(dict(params))
        if params.get("device") == "dark":
            raise ControlError("dark has no light")
        return {"device": "socket-1", "seconds": params["seconds"]}

    path = tmp_path / "c.sock"
    async with ControlServer(path, {"identify": identify}, group="no-such-group"):
        yield path, asked


async def identify(path, *arguments):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "identify", *arguments, "--socket", str(path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_it_asks_the_agent_and_says_what_happens(agent):
    path, asked = agent
    assert await identify(path) == (0, "socket-1: flashes for 30 s\n", "")
    assert await identify(path, "socket-1", "--seconds", "0") == (0, "socket-1: as before\n", "")
    assert asked == [{"seconds": 30.0}, {"device": "socket-1", "seconds": 0.0}]


async def test_json_is_json_only(agent):
    code, out, err = await identify(agent[0], "--seconds", "5", "--json")
    assert (code, json.loads(out), err) == (0, {"device": "socket-1", "seconds": 5.0}, "")


async def test_a_refusal_a_wrong_length_and_no_agent_have_their_exit_codes(agent, tmp_path):
    assert await identify(agent[0], "dark") == (EXIT_FAILED, "", "dark has no light\n")
    code, _, err = await identify(agent[0], "--seconds", "601")
    assert (code, "0<=x<=600" in err) == (EXIT_USAGE, True)
    code, _, _ = await identify(tmp_path / "nobody")
    assert code == EXIT_UNREACHABLE


async def test_the_help_has_an_example(agent):
    code, out, _ = await identify(agent[0], "--help")
    assert code == 0
    assert "Example: polycloud identify socket-1 --seconds 60" in out
