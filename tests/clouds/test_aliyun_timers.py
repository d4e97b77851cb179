"""Aliyun's timers, both ways: an array of structs with cron, and the thing's lines of text."""

import json

import pytest

from agent.messages import BadRequest, PropertyReport, PropertySet, RefusalKind
from tests.clouds.aliyun_device import GET, encoded, make_codec, refusal_of, request, wanted


def report(wall_time=None, **values):
    return PropertyReport(values=values, wall_time=wall_time)


def timed(codec=None, **members):
    entry = {"Timer": "30 7 * * 1", "Enable": 1, "IsValid": 1, "PowerSwitch": 1, **members}
    return asked([entry], codec)


def asked(entries, codec=None):
    return wanted(codec or make_codec(), LocalTimer=entries)


def text_of(downlink):
    assert isinstance(downlink, PropertySet), downlink
    return downlink.values["timers"]


def written(text, codec=None):
    publish = (codec or make_codec()).encode(report(timers=text), "1")
    return json.loads(publish.payload)["params"]["LocalTimer"]


@pytest.mark.parametrize(
    ("cron", "when"),
    [
        ("10 11 * * 1,2,3,4,5", "11:10 mon,tue,wed,thu,fri"),
        ("10 11 * * 1-5", "11:10 mon,tue,wed,thu,fri"),
        ("10 11 * * 1 2 3 4 5", "11:10 mon,tue,wed,thu,fri"),
        ("10 11 * * * 1 2 3 4 5", "11:10 mon,tue,wed,thu,fri"),
        ("0 0 * * 7", "00:00 sun"),
        ("0 0 * * 0", "00:00 sun"),
        ("0 0 * * 0-6", "00:00 daily"),
        ("0 0 * * 1,2,3,4,5,6,7", "00:00 daily"),
        (" 59  23 ? ? 6 ", "23:59 sat"),
        ("30 7 * * *", "07:30 once"),
        ("30 7 ? * ?", "07:30 once"),
        ("30 07 21 8 *", "08-21 07:30"),
        ("30 7 29 2 ?", "02-29 07:30"),
    ],
)
def test_cron_says_when(cron, when):
    assert text_of(timed(Timer=cron)) == f"on at {when}"


def test_a_timer_without_days_may_mean_each_day():
    daily = make_codec(timer_without_days="daily")
    assert text_of(timed(daily, Timer="30 7 * * *")) == "on at 07:30 daily"
    assert written("on at 07:30 daily")[0]["Timer"] == "30 7 * * 1,2,3,4,5,6,7"


def test_slots_keep_their_places_and_those_at_the_end_are_none():
    entries = [
        {"Timer": "", "Enable": 0, "IsValid": 0},
        {"Timer": "30 7 * * 1", "Enable": 0, "IsValid": 1, "PowerSwitch": 0},
        {"Timer": "31 7 * * 1", "Enable": 1, "IsValid": 0, "PowerSwitch": 0},
        {"Enable": 1},
        {"Timer": "32 7 * * 1", "PowerSwitch": True},
        {},
    ]
    assert text_of(asked(entries)) == "\ndisabled off at 07:30 mon\n\n\non at 07:32 mon"
    assert text_of(asked([])) == ""
    assert text_of(asked([{"Timer": "nonsense", "IsValid": 0}] * 13)) == ""


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"TimezoneOffset": 28800}, "on at 07:30 mon utc+08:00"),
        ({"TimeZoneOffset": -12600.0}, "on at 07:30 mon utc-03:30"),
        ({"TimezoneOffset": 0}, "on at 07:30 mon utc+00:00"),
    ],
)
def test_whose_time_is_meant_is_passed_on(members, text):
    assert text_of(timed(**members)) == text


@pytest.mark.parametrize(
    ("targets", "on"),
    [
        ("PowerSwitch:1", True),
        ("PowerSwitch=0", False),
        ("PowerSwitch-1", True),
        ('{"PowerSwitch": 0}', False),
        ("LightSwitch:1,PowerSwitch:0", False),
    ],
)
def test_targets_may_say_what_to_do(targets, on):
    entry = {"Timer": "30 7 * * 1", "Enable": 1, "IsValid": 1, "Targets": targets}
    for codec in (make_codec(), make_codec(timer_action="targets"), make_codec(timer_action="on")):
        assert text_of(asked([entry], codec)).startswith("on" if on else "off")


@pytest.mark.parametrize(
    "targets", ["PowerSwitch", "PowerSwitch:1,PowerSwitch:0", "Other:1", "x" * 257, 1, None]
)
def test_a_timer_that_does_not_say_what_to_do_is_refused(targets):
    entry = {"Timer": "30 7 * * 1", "Enable": 1, "IsValid": 1, "Targets": targets}
    kind, reason = refusal_of(asked([entry]))
    assert kind is RefusalKind.WRONG_TYPE
    assert "LocalTimer[0] takes what to do: PowerSwitch 0 or 1" in reason


@pytest.mark.parametrize("action", ["on", "off"])
def test_a_model_may_say_nowhere_what_its_timers_do(action):
    bare = {"Timer": "30 7 * * 1", "Enable": 1, "IsValid": 1}
    codec = make_codec(timer_action=action)
    assert text_of(asked([bare], codec)) == f"{action} at 07:30 mon"
    other = "off" if action == "on" else "on"
    (own, foreign) = written(f"{action} at 07:30 mon\n{other} at 07:30 mon", codec)
    assert own == bare
    assert foreign == {"Timer": "", "Enable": 0, "IsValid": 0}
    assert isinstance(timed(codec, PowerSwitch=None), BadRequest)
    contradictory = {**bare, "Targets": "PowerSwitch:1,PowerSwitch:0"}
    assert isinstance(asked([contradictory], codec), BadRequest)


def test_what_a_timer_does_is_written_where_the_model_has_it():
    (member,) = written("disabled on at 07:30 mon,sun")
    assert member == {"Timer": "30 7 * * 1,7", "Enable": 0, "IsValid": 1, "PowerSwitch": 1}
    (target,) = written("off at 07:30 mon", make_codec(timer_action="targets"))
    assert target == {
        "Timer": "30 7 * * 1",
        "Enable": 1,
        "IsValid": 1,
        "Targets": "PowerSwitch:0",
    }
    renamed = make_codec(rename={"timers.power_switch": "Relay", "timers": "Alarms"})
    publish = renamed.encode(report(timers="off at 07:30 mon"), "1")
    assert json.loads(publish.payload)["params"]["Alarms"][0]["Relay"] == 0


@pytest.mark.parametrize(
    ("line", "cron"),
    [
        ("on at 2026-08-21 07:30", "30 7 21 8 *"),
        ("on at 08-21 07:30", "30 7 21 8 *"),
        ("on at 07:30 once", "30 7 * * *"),
        ("on at 07:30 daily", "30 7 * * 1,2,3,4,5,6,7"),
        ("on at 00:05", "5 0 * * 1,2,3,4,5,6,7"),
    ],
)
def test_a_line_becomes_cron(line, cron):
    assert written(line)[0]["Timer"] == cron


def test_the_platform_is_told_all_the_slots_that_it_was_seen_to_have():
    codec = make_codec()
    unused = {"Timer": "", "Enable": 0, "IsValid": 0}
    assert written("", codec) == []
    asked([unused] * 5, codec)
    assert written("on at 07:30 mon", codec)[1:] == [unused] * 4
    assert written("", codec) == [unused] * 5
    assert written("\n" * 6 + "on at 07:30 mon", codec)[:6] == [unused] * 6


def test_lines_that_the_form_cannot_say_are_shown_as_slots_that_are_not_used():
    (first, second) = written("on at 07:30 mon utc+08:00\non at 07:30 mon")
    assert (first["IsValid"], second["IsValid"]) == (0, 1)
    unused = {"Timer": "", "Enable": 0, "IsValid": 0}
    (first, second) = written("on at sunset\non at 07:30 mon")
    assert first == unused
    assert second["Timer"] == "30 7 * * 1"
    assert len(written("\n".join(["on at 07:30"] * 20))) == 13


@pytest.mark.parametrize(
    ("entries", "kind", "says"),
    [
        (None, RefusalKind.WRONG_TYPE, "LocalTimer takes a list of at most 13 timers"),
        ("30 7 * * 1", RefusalKind.WRONG_TYPE, "a list of at most 13"),
        ({"Timer": "30 7 * * 1"}, RefusalKind.WRONG_TYPE, "a list of at most 13"),
        ([{}] * 14, RefusalKind.WRONG_TYPE, "a list of at most 13"),
        ([{}, "x"], RefusalKind.WRONG_TYPE, "LocalTimer[1] takes an object with Timer"),
        ([{"Enable": 2}], RefusalKind.WRONG_TYPE, "LocalTimer[0] takes 0 or 1 for Enable"),
        ([{"IsValid": None}], RefusalKind.WRONG_TYPE, "LocalTimer[0] takes 0 or 1"),
        ([{"Repeat": 1}], RefusalKind.UNKNOWN_NAME, "LocalTimer[0] has Timer, Enable"),
    ],
)
def test_what_is_no_list_of_timers_is_refused(entries, kind, says):
    found, reason = refusal_of(asked(entries))
    assert found is kind
    assert says in reason


@pytest.mark.parametrize(
    "cron",
    [
        "30 7 * *",
        "30 7",
        "60 7 * * 1",
        "30 24 * * 1",
        "*/5 7 * * 1",
        "30 7,8 * * 1",
        "30 * * * 1",
        "30 7 * * 8",
        "30 7 * * 5-1",
        "30 7 * * mon",
        "30 7 * * 1,",
        "30 7 * * 1 *",
        "30 7 21 * *",
        "30 7 * 8 *",
        "30 7 30 2 *",
        "30 7 x 8 *",
        "30 7 21 8 1",
        "30 7 21 x *",
        "0 30 7 ? * 2 2027",
        "x" * 65,
        7,
        None,
    ],
)
def test_cron_that_says_more_than_one_time_or_none_is_refused(cron):
    kind, reason = refusal_of(timed(Timer=cron))
    assert kind is RefusalKind.WRONG_TYPE
    assert "LocalTimer[0].Timer takes 'MINUTE HOUR * * DAYS'" in reason


@pytest.mark.parametrize("offset", [True, "28800", 1.5, 50401, 28801, [], {}])
def test_an_offset_that_is_none_is_refused(offset):
    _, reason = refusal_of(timed(TimezoneOffset=offset))
    assert "LocalTimer[0].TimezoneOffset takes seconds ahead of UTC, in whole minutes" in reason


def test_one_bad_timer_refuses_all_that_comes_with_it():
    good = {"Timer": "30 7 * * 1", "PowerSwitch": 1}
    both = wanted(make_codec(), PowerSwitch=1, LocalTimer=[good, {**good, "Timer": "x"}])
    assert isinstance(both, BadRequest)
    ok = wanted(make_codec(), PowerSwitch=1, LocalTimer=[good])
    assert ok.values == {"power_switch": True, "timers": "on at 07:30 mon"}


def test_the_timers_are_told_to_who_asks():
    question = request(GET, "m", ["LocalTimer"])
    assert question.names == ("timers",)


def test_a_report_of_the_timers_is_one_with_a_stamp():
    _, body = encoded(report(1_524_448_722.0, timers="on at 07:30 mon"))
    assert body["params"]["LocalTimer"]["time"] == 1_524_448_722_000
    assert body["params"]["LocalTimer"]["value"][0]["Timer"] == "30 7 * * 1"
