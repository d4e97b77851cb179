"""`polycloud on|off|toggle|status` as a user runs them: a process, a real socket."""

import asyncio
import json
import os
import subprocess
import sys
from functools import partial

import pytest

from agent.cli.table import status_text, value_text
from agent.control.server import ControlServer
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE, ControlError

STATUS = {
    "devices": [
        {
            "id": "socket-1",
            "kind": "socket",
            "name": "Kettle",
            "properties": {
                "power_switch": True,
                "voltage": 229.84,
                "current": None,
                "total_energy": 1.25,
                "count_down": 0,
            },
            "units": {"voltage": "V"},
            "trip": {"cause": "overcurrent", "value": 7.3, "text": "overcurrent 7.3 A"},
            "countdown": {"left_s": 61.2, "to": "off"},
            "meter_error": "silent for 9 s",
            "clouds": {
                "tencent": {"connected": True, "since": "12:00", "pending": 0},
                "aliyun": {"connected": False, "since": None, "pending": 3, "last_error": "DNS"},
            },
        }
    ],
    "agent": {"version": "0.1.0", "reload_error": "line 3"},
}


def device_text(**more):
    """The status text of a device."""
    return status_text({"devices": [{"id": "socket-1", **more}]})


def test_a_sensor_that_cannot_be_read_is_shown_in_place_of_its_temperature():
    assert "temperature" not in device_text(temperature_c=None, temperature_error=None)
    text = device_text(temperature_c=None, temperature_error="no answer within 5 s")
    assert "  temperature  cannot be read: no answer within 5 s" in text


def test_an_output_that_does_not_obey_is_shown_with_the_reason():
    text = device_text(output_errors={"": "the line is gone", "Lamp": "no answer"})
    assert "  relay      DOES NOT OBEY: the line is gone; tried again every second" in text
    assert "  Lamp       DOES NOT OBEY: no answer" in text
    assert "OBEY" not in device_text(output_errors={})


def test_a_sensor_that_is_lost_is_shown_with_the_reason():
    text = device_text(properties={"DHT11_T": None}, sensor_errors={"DHT11_T": "it is not there"})
    assert "  DHT11 T    — (cannot be read: it is not there)" in text
    assert "cannot be read" not in device_text(sensor_errors={})


def test_a_declared_device_keeps_its_names_and_says_why_a_value_is_not_known():
    text = device_text(
        kind="generic",
        properties={"DHT11_T": 21.5, "MQ2": None, "Lamp": False},
        units={"DHT11_T": "°C"},
        unknown={"MQ2": "warming up, 170 s left"},
        closing={"Lamp": 4.9},
        closes_in_s=4.9,
        trip=None,
        countdown=None,
    )
    assert text.splitlines()[:5] == [
        "socket-1 (generic)",
        "  DHT11_T  21.5 °C",
        "  MQ2      — (warming up, 170 s left)",
        "  Lamp     off",
        "  Lamp     closes in 4.9 s",
    ]
    assert "trip" not in text
    assert "countdown" not in text


def test_a_closing_that_waits_is_shown():
    assert "  contact    closes in 4.9 s" in device_text(closes_in_s=4.9)
    assert "closes in" not in device_text(closes_in_s=None)


@pytest.mark.parametrize(
    ("trip", "says"),
    [
        ({"cause": "meter_lost"}, "look at the meter's cable and run `polycloud doctor`, then"),
        ({"cause": "overvoltage"}, "have the mains looked at, then"),
        ({"cause": "overtemperature"}, "let it cool"),
        ({"cause": "overpower"}, "unplug the load, then"),
        (
            {"cause": "meter_lost", "rule": "for 5 s", "evidence": "no good frame"},
            ", for 5 s (no good frame);",
        ),
        (
            {"cause": "overpower", "rule": "at once", "evidence": "power register"},
            "(seen by the power register)",
        ),
    ],
)
def test_each_trip_says_what_to_do_about_it_and_what_has_seen_it(trip, says):
    assert says in device_text(trip=trip)


TRIP = "overcurrent 7.3 A; unplug the load, then reset it: the button, or `polycloud on`"


class Socket:
    """A device behind the real server."""

    def __init__(self):
        self.is_on = False
        self.asked = []
        self.delay_s = None

    def methods(self):
        switch = {"on": partial(self.switch, on=True), "off": partial(self.switch, on=False)}
        return {"status": self.status, **switch, "toggle": self.toggle}

    def status(self, origin, params):
        del origin
        self.asked.append(("status", dict(params)))
        return STATUS

    def switch(self, origin, params, *, on):
        del origin
        self.asked.append(("on" if on else "off", dict(params)))
        if params.get("device") == "other":
            raise ControlError("no device is called 'other'; there are: socket-1")
        self.is_on = on
        return self._answer()

    def toggle(self, origin, params):
        del origin
        self.asked.append(("toggle", dict(params)))
        self.is_on = not self.is_on
        return self._answer()

    def _answer(self):
        known = {"switch": "power_switch", "properties": {"power_switch": self.is_on}}
        return {"device": "socket-1", **known, "closes_in_s": self.delay_s}


async def polycloud(path, *arguments, by_environment=False):
    environ = {"POLYCLOUD_CONTROL_SOCKET": str(path)} if by_environment else {}
    chosen = [] if by_environment else ["--socket", str(path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agent",
        *arguments,
        *chosen,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def socket(tmp_path):
    device = Socket()
    device.path = tmp_path / "c.sock"
    async with ControlServer(device.path, device.methods(), group="no-such-group"):
        yield device


async def test_on_off_and_toggle_switch_and_say_where_it_stands(socket):
    assert await polycloud(socket.path, "on") == (0, "socket-1: on\n", "")
    assert await polycloud(socket.path, "toggle", "socket-1") == (0, "socket-1: off\n", "")
    assert await polycloud(socket.path, "off", by_environment=True) == (0, "socket-1: off\n", "")
    assert socket.asked == [
        ("on", {}),
        ("toggle", {"device": "socket-1"}),
        ("off", {}),
    ]


async def test_a_closing_that_waits_is_told(socket):
    socket.delay_s = 170.5
    assert await polycloud(socket.path, "on") == (0, "socket-1: closes in 170.5 s\n", "")


async def test_a_refusal_is_printed_and_ends_with_one(socket):
    code, out, err = await polycloud(socket.path, "on", "other")
    assert (code, out) == (EXIT_FAILED, "")
    assert err == "no device is called 'other'; there are: socket-1\n"


async def test_json_is_all_that_json_prints(socket):
    code, out, err = await polycloud(socket.path, "status", "--json")
    assert (code, json.loads(out), err) == (0, STATUS, "")
    _, out, _ = await polycloud(socket.path, "on", "--json")
    assert json.loads(out)["properties"] == {"power_switch": True}


async def test_status_is_a_table_for_people(socket):
    code, out, err = await polycloud(socket.path, "status", "socket-1")
    assert (code, out, err) == (0, status_text(STATUS) + "\n", "")
    assert socket.asked == [("status", {"device": "socket-1"})]


async def test_no_agent_ends_with_69_and_advice(tmp_path):
    code, out, err = await polycloud(tmp_path / "none", "status", "--json")
    assert (code, out) == (EXIT_UNREACHABLE, "")
    assert "no agent listens at" in err


@pytest.mark.parametrize("command", ["on", "off", "toggle", "status"])
def test_help_has_an_example_and_a_wrong_option_ends_with_two(command):
    base = [sys.executable, "-m", "agent", command]
    shown = subprocess.run([*base, "--help"], capture_output=True, text=True, check=True)
    assert f"Example: polycloud {command}" in shown.stdout
    done = subprocess.run([*base, "--nonsense"], capture_output=True, check=False)
    assert done.returncode == EXIT_USAGE


def test_the_commands_import_nothing_heavy():
    script = (
        "import sys, agent.cli.control, agent.cli.table, agent.cli.values, agent.cli.watch\n"
        "import agent.cli.log, agent.cli.reload, agent.cli.completion, agent.cli.events\n"
        "heavy = ['asyncio', 'pydantic', 'structlog', 'dataclasses_json', 'ssl', 'sqlite3']\n"
        "print(*[m for m in heavy if m in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    bare = {"PATH": os.environ["PATH"]}  # without what measures coverage
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=bare)
    assert done.stdout == "\n"


def test_the_table_shows_units_trips_and_what_is_unknown():
    assert status_text(STATUS).splitlines() == [
        "socket-1 “Kettle” (socket)",
        "  power switch   on",
        "  voltage        229.84 V",
        "  current        —",
        "  total energy   1.25 kWh",
        "  count down     0 s",
        f"  trip           {TRIP}",
        "  countdown      off in 1:01",
        "  meter          silent for 9 s",
        "  cloud tencent  connected, since 12:00, 0 pending",
        "  cloud aliyun   not connected, 3 pending, DNS",
        "",
        "agent 0.1.0",
        "",
        "reload refused: line 3",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "V", "—"),
        (False, "", "off"),
        (0.5, "", "0.5"),
        (3, "s", "3 s"),
        (100.0, "W", "100 W"),
        ("", "", "none"),
        ("on at 07:30 mon\n\noff at 22:00", "", "on at 07:30 mon; off at 22:00"),
    ],
)
def test_a_value_is_written_as_a_person_reads_it(value, unit, text):
    assert value_text(value, unit) == text


@pytest.mark.parametrize("odd", [{}, {"devices": 3}, {"devices": [None, {"clouds": [1]}]}])
def test_an_odd_answer_is_shown_without_a_crash(odd):
    assert "agent —" in status_text(odd)


def clock_lines(**clock):
    return status_text({"agent": {"clock": clock}}).splitlines()[1:]


def test_the_status_says_who_is_believed_where_nobody_keeps_the_clock_and_when_it_was_set():
    step = {"by_s": 28_800.0, "at": 5.0, "wall_time": None}
    assert clock_lines(trust="synchronised", why="x", last_step=None) == []
    assert clock_lines(trust="platform", why="it has told", last_step=None) == [
        "time platform: it has told"
    ]
    assert clock_lines(trust="synchronised", why="chrony says so", last_step=step) == [
        "time: chrony says so",
        "this machine's clock was set by 28800 s, last at —",
    ]
