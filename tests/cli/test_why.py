"""`polycloud why` tells who or what moved the contact."""

import asyncio
import json
import sys

import pytest

from agent.control.server import ControlServer

ON = {
    "topic": "relay",
    "name": "on",
    "wall_time": 1.8e9,
    "details": {"why": "command", "by": "cloud aliyun", "request": "42", "live": True},
}
OFF = {
    "topic": "relay",
    "name": "off",
    "wall_time": 1.8e9 + 60,
    "details": {"why": "countdown", "by": "local anna", "request": "local-3"},
}


class Agent:
    """What the agent would answer."""

    def __init__(self, *rows, trip=None):
        self.rows = rows
        self.trip = trip
        self.asked = []

    def status(self, origin, params):
        del origin, params
        properties = {"power_switch": False}
        other = {"id": "other", "properties": {"power_switch": True}, "trip": None}
        mine = {
            "id": "socket-1",
            "properties": properties,
            "trip": self.trip,
            "outputs": ["power_switch"],
        }
        return {"devices": [other, mine]}

    def events(self, origin, params):
        del origin
        self.asked.append(params)
        return {"device": "socket-1", "rows": list(self.rows)}


async def why(path, agent, *arguments):
    methods = {"status": agent.status, "events": agent.events}
    async with ControlServer(path / "c.sock", methods, group="no-such-group"):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "agent", "why", "--socket", str(path / "c.sock"), *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    return out.decode()


async def test_the_last_movement_comes_first_and_the_earlier_ones_after(tmp_path):
    agent = Agent(ON, OFF)
    lines = (await why(tmp_path, agent)).splitlines()
    assert lines[0] == "socket-1 is off"
    assert lines[1].endswith("off: the countdown ended, asked for by local anna (request local-3)")
    assert lines[2] == "before that:"
    assert lines[3].endswith("on by cloud aliyun (request 42)")
    assert len(lines) == 4
    assert agent.asked == [{"topics": ["relay"], "limit": 4}]


async def test_a_latched_trip_is_told(tmp_path):
    agent = Agent(OFF, trip={"text": "overcurrent 7.3 A"})
    text = await why(tmp_path, agent, "--limit", "0")
    assert "it stays off until the trip is reset: overcurrent 7.3 A" in text
    assert "before that" not in text


async def test_a_contact_that_never_moved_says_so(tmp_path):
    assert "it has not moved since the journal began" in await why(tmp_path, Agent())


@pytest.mark.parametrize("limit", [0, 1])
async def test_programs_get_the_rows_as_they_are(tmp_path, limit):
    told = json.loads(await why(tmp_path, Agent(ON, OFF), "--json", "--limit", str(limit)))
    assert told == {
        "device": "socket-1",
        "power_switch": False,
        "last": OFF,
        "earlier": [ON][:limit],
    }
