"""`polycloud history`: tables, CSV and plots that say what is known, and what is not."""

import asyncio
import csv
import io
import json
import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.history_text import csv_text, empty_text, plots, table_text
from agent.cli.plot import ASCII, BRAILLE, HEIGHT, Bar, plot
from agent.control.server import ControlServer
from agent.errors import EXIT_FAILED, EXIT_USAGE

BERLIN = ZoneInfo("Europe/Berlin")
START = int(datetime(2026, 10, 25, tzinfo=BERLIN).timestamp())
UNITS = {
    "power_switch": "",
    "voltage": "V",
    "active_power": "W",
    "power_factor": "",
    "energy": "kWh",
    "temperature": "°C",
}


def period(start, power=None, used=None, *, is_over=True, length=3_600):
    values = {}
    if power is not None:
        values["power_switch"] = {"on_s": 1_800.0, "last": True, "known_s": 3_600.0}
        values["voltage"] = {"mean": 230.123, "min": 229.0, "max": 231.5, "known_s": 3_600.0}
        values["active_power"] = {"mean": power, "min": 0.0, "max": 2 * power, "known_s": 3_600.0}
    if used is not None:
        values["energy"] = {"used": used, "known_s": 3_600.0}
    return {"start": start, "end": start + length, "is_over": is_over, "values": values}


def answer(rows, **more):
    known = {"is_kept": True, "is_time_known": True, "is_cut": False}
    place = {"device": "socket-1", "by": "hour", "zone": "Europe/Berlin", "units": UNITS}
    return {**place, **known, "rows": rows, **more}


HOURS = answer(
    [
        period(START + 3_600, 100.5, 0.1005),
        period(START + 2 * 3_600, 1_234.0, 0.5),
        period(START + 3 * 3_600),
        period(START + 4 * 3_600, 10.0, 0.01, is_over=False),
    ]
)


def test_a_table_has_a_line_for_each_period_and_tells_hours_apart_that_come_twice():
    lines = table_text(HOURS).splitlines()
    assert lines[0] == "socket-1, Europe/Berlin"
    assert [line.split("  ")[0] for line in lines[3:7]] == [
        "2026-10-25 01:00 +0200",
        "2026-10-25 02:00 +0200",
        "2026-10-25 02:00 +0100",
        "2026-10-25 03:00 +0100*",
    ]
    assert lines[3].split()[3:] == [
        "100.5",
        "0",
        "-",
        "201",
        "100.50",
        "230.1",
        "229",
        "-",
        "231.5",
        "0:30:00",
    ]
    assert lines[5].split()[3:] == ["-"] * 6
    assert lines[7] == "* goes on"


def test_days_are_written_as_days_in_kilowatt_hours_and_only_what_was_asked_for():
    rows = [period(START, 100.0, 2.4567, length=90_000)]
    units = {"energy": "kWh", "temperature": "°C"}
    text = table_text(answer(rows, by="day", units=units, is_chosen=True))
    assert "2026-10-25" in text
    assert "00:00" not in text
    assert "2.457" in text
    assert [line.split() for line in text.splitlines()[1:3]] == [
        ["energy", "temperature"],
        ["day", "kWh", "°C", "min", "-", "max"],
    ]
    assert "voltage" not in text


def test_a_table_that_was_cut_says_so():
    assert "there is more before that" in table_text({**HOURS, "is_cut": True})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "nothing is known of this time"),
        ({"is_time_known": False}, "the time is not known yet"),
        ({"is_kept": False}, "history_days_of_minutes = 0"),
    ],
)
def test_an_empty_history_says_why(more, says):
    assert says in empty_text(answer([], **more))


def test_csv_is_what_a_spreadsheet_reads():
    text = csv_text(HOURS)
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["start"] == "2026-10-25T01:00:00+02:00"
    assert rows[2]["start"] == "2026-10-25T02:00:00+01:00"
    assert rows[0]["active_power max (W)"] == "201.0"
    assert rows[0]["energy (kWh)"] == "0.1005"
    assert rows[0]["power_switch on (s)"] == "1800.0"
    assert rows[0]["power_switch last"] == "true"
    assert rows[2]["energy (kWh)"] == ""
    assert rows[3]["is_over"] == "false"
    assert not [name for name in rows[0] if name.startswith("temperature")]


def test_csv_of_nothing_has_a_header():
    assert csv_text(answer([])) == "start,end,is_over\r\n"


@pytest.mark.parametrize("is_ascii", [True, False])
def test_a_plot_is_as_wide_as_the_terminal_and_named(is_ascii):
    lines = plots(HOURS, 60, is_ascii=is_ascii).splitlines()
    assert lines[0] == "socket-1, active_power (W), Europe/Berlin"
    assert max(map(len, lines)) <= 60
    assert "2026-10-25 01:00" in lines[-1]
    assert lines[1].startswith("1234")
    assert "".join(lines).isascii() is is_ascii


def test_each_quantity_that_was_asked_for_has_a_plot():
    names = {"power_switch": "", "energy": "kWh", "temperature": "°C"}
    drawn = plots({**HOURS, "units": names, "is_chosen": True}, 60, is_ascii=True).split("\n\n")
    assert drawn[0].startswith("socket-1, power_switch (% on)")
    assert drawn[2].splitlines()[1] == "nothing is known of it"


def drawn_of(values, width=30, letters=ASCII):
    bars = [Bar(start=n, end=n + 1, value=value) for n, value in enumerate(values)]
    return plot(bars, width, ("a", "b"), letters)


def test_bars_are_as_high_as_their_values_and_a_gap_is_empty():
    lines = drawn_of([10.0, None, 5.0], width=35)
    body = [line.partition("|")[2].ljust(30) for line in lines[:HEIGHT]]
    heights = ["".join(line[at] for line in body).count("#") for at in (4, 15, 25)]
    assert heights == [HEIGHT, 0, HEIGHT // 2]


def test_values_that_hardly_move_are_drawn_from_their_smallest():
    assert drawn_of([229.0, 231.0])[HEIGHT - 1].startswith("229")
    assert drawn_of([0.0, 0.0])[0].startswith("  1 ")
    assert drawn_of([5.0])[0].startswith("  5 ")
    assert drawn_of([-5.0, -5.0])[HEIGHT - 1].startswith("  -5")


numbers = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False))


@given(st.lists(numbers, min_size=1, max_size=200), st.integers(20, 200), st.booleans())
def test_whatever_is_known_fits(values, width, is_ascii):
    lines = drawn_of(values, width, ASCII if is_ascii else BRAILLE)
    assert max(map(len, lines)) <= max(width, 30)
    assert len(lines) in (1, HEIGHT + 2)


# ── the command ─────────────────────────────────────────────────────────────────────────────


class Asked:
    """What the agent would answer."""

    def __init__(self):
        self.params = []
        self.answers = [HOURS]

    def history(self, origin, params):
        del origin
        self.params.append(dict(params))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
async def asked(tmp_path):
    made = Asked()
    made.path = tmp_path / "c.sock"
    async with ControlServer(made.path, {"history": made.history}, group="no-such-group"):
        yield made


async def polycloud(path, *arguments, encoding="utf-8", columns="70"):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "history", *arguments, "--socket", str(path)),
        env={
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONIOENCODING": encoding,
            "COLUMNS": columns,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(encoding), err.decode(encoding)


async def test_the_command_asks_for_a_day_of_hours_and_shows_a_table(asked):
    status, out, err = await polycloud(asked.path)
    assert (status, err) == (0, "")
    assert "2026-10-25 01:00" in out
    (params,) = asked.params
    assert params["by"] == "hour"
    assert "until" not in params


async def test_a_day_is_one_of_the_device(asked):
    day = "2026-10-25"
    status, out, _ = await polycloud(asked.path, "s", "--since", day, "--until", day, "--json")
    assert (status, json.loads(out)) == (0, HOURS)
    assert asked.params[0]["limit"] == 1
    assert asked.params[1]["since"] == START
    assert asked.params[1]["until"] == START + 25 * 3_600 - 1
    assert asked.params[1]["device"] == "s"


async def test_names_and_a_moment_are_taken_as_they_are_typed(asked):
    since = "2026-10-25T12:00"
    status, out, _ = await polycloud(
        asked.path, "--names", "energy, voltage", "--since", since, "--csv", "--by", "day"
    )
    assert status == 0
    assert out.startswith("start,end,is_over")
    assert asked.params[1]["names"] == ["energy", "voltage"]
    assert asked.params[1]["since"] == START + 13 * 3_600


async def test_an_answer_that_was_cut_is_followed_by_what_comes_before(asked):
    earlier = answer([period(START, 1.0, 1.0)])
    asked.answers = [{**HOURS, "is_cut": True}, earlier]
    status, out, _ = await polycloud(asked.path, "--json", "--by", "month")
    found = json.loads(out)
    assert status == 0
    assert [each["start"] for each in found["rows"]][:2] == [START, START + 3_600]
    assert not found["is_cut"]
    assert asked.params[1]["until"] == START + 3_599


@pytest.mark.parametrize(("encoding", "is_ascii"), [("utf-8", False), ("latin-1", True)])
async def test_a_terminal_without_braille_gets_plain_letters(asked, encoding, is_ascii):
    status, out, _ = await polycloud(asked.path, "--plot", encoding=encoding)
    assert status == 0
    assert out.isascii() is is_ascii
    assert max(map(len, out.splitlines())) <= 70


async def test_an_empty_history_is_said(asked):
    asked.answers = [answer([])]
    status, out, _ = await polycloud(asked.path, "--plot")
    assert (status, "nothing is known of this time" in out) == (0, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--since", "yesterday"],
        ["--until", "2026-13-01"],
        ["--since", "0001-01-01"],
        ["--json", "--csv"],
        ["--by", "week"],
    ],
)
async def test_what_cannot_be_asked_says_what_can(asked, wrong):
    status, out, err = await polycloud(asked.path, *wrong)
    if wrong[1] == "0001-01-01":
        assert (status, asked.params[-1]["since"]) == (0, 0)
        return
    assert (status, out) == (EXIT_USAGE, "")
    assert err


async def test_nobody_there_is_said(tmp_path):
    status, out, err = await polycloud(tmp_path / "none.sock")
    assert (status, out) == (69, "")
    assert "no agent listens" in err
    assert EXIT_FAILED == 1


def test_a_table_of_a_declared_device_names_what_it_leaves_out():
    units = dict.fromkeys(["MQ2", "MQ4", "MQ7", "Temp", "Fan", "Pump"], "")
    hour = {"start": START, "end": START + 3_600, "is_over": True, "values": {}}
    told = answer([hour], units=units)
    assert table_text(told).splitlines()[-1] == ("not shown: Fan, Pump; ask with --names, or --csv")
    assert "not shown" not in table_text({**told, "is_chosen": True})
    assert "not shown" not in table_text(HOURS)


def test_a_meter_that_is_a_sensor_called_energy_is_shown_as_a_sensor():
    stat = {"mean": 12.5, "min": 12.0, "max": 13.0, "known_s": 3_600.0}
    hour = {"start": START, "end": START + 3_600, "is_over": True, "values": {"energy": stat}}
    text = table_text(answer([hour], units={"energy": "kWh", "Fan": ""}))
    assert "12.5" in text
    assert text.splitlines()[-1] == "not shown: Fan; ask with --names, or --csv"


def test_a_table_of_hours_fits_a_terminal_of_80_columns():
    full = period(START, 2_345.6, 12.34567, is_over=False)
    full["values"]["voltage"] = {"mean": 230.1, "min": 229.1, "max": 231.5, "known_s": 3_600.0}
    full["values"]["active_power"] = {"mean": 2_345.6, "min": 0.0, "max": 2_400.0, "known_s": 1.0}
    lines = table_text(answer([full])).splitlines()
    assert max(map(len, lines)) <= 80
