"""What Aliyun asks of a countdown, which is a struct on its wire."""

import pytest

from agent.devices.socket.thing_table import SOCKET
from agent.messages import BadRequest, PropertySet, RefusalKind
from tests.clouds.aliyun_device import refusal_of, wanted


def countdown(**members):
    return wanted(CountDown=members)


def test_a_countdown_says_what_it_shall_end_in():
    asked = countdown(IsRunning=1, TimeLeft=600, PowerSwitch=0, Timestamp="1524448722000")
    assert asked == PropertySet(request_id="123", values={"count_down": 600}, ends_in=False)
    assert countdown(IsRunning=1, TimeLeft=86_399, PowerSwitch=True).ends_in is True


def test_a_countdown_that_says_nothing_of_the_switch_flips_it():
    assert countdown(IsRunning=1, TimeLeft=5).ends_in is None


def test_a_countdown_may_come_with_a_switch():
    asked = wanted(PowerSwitch=1, CountDown={"IsRunning": 1, "TimeLeft": 5, "PowerSwitch": 0})
    assert asked.values == {"power_switch": True, "count_down": 5}
    bad = wanted(PowerSwitch=None, CountDown={"IsRunning": 1, "TimeLeft": 5})
    assert isinstance(bad, BadRequest)


def test_a_countdown_that_does_not_run_is_stopped():
    asked = countdown(IsRunning=0, TimeLeft=600, PowerSwitch=1)
    assert (asked.values, asked.ends_in) == ({"count_down": 0}, None)
    assert countdown(IsRunning=0).values == {"count_down": 0}


@pytest.mark.parametrize(
    ("members", "kind", "says"),
    [
        ({}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning takes 0 or 1"),
        ({"TimeLeft": 5}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning"),
        ({"IsRunning": 2}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning"),
        ({"IsRunning": "1"}, RefusalKind.WRONG_TYPE, "CountDown.IsRunning"),
        ({"IsRunning": 1}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft takes a whole number"),
        ({"IsRunning": 1, "TimeLeft": "5"}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft"),
        ({"IsRunning": 1, "TimeLeft": True}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft"),
        ({"IsRunning": 1, "TimeLeft": 1.5}, RefusalKind.WRONG_TYPE, "CountDown.TimeLeft"),
        ({"IsRunning": 1, "TimeLeft": 0}, RefusalKind.OUT_OF_RANGE, "at least 1"),
        ({"IsRunning": 1, "TimeLeft": -1}, RefusalKind.OUT_OF_RANGE, "at least 1"),
        (
            {"IsRunning": 1, "TimeLeft": 5, "PowerSwitch": 2},
            RefusalKind.WRONG_TYPE,
            "CountDown.PowerSwitch takes 0 or 1",
        ),
        (
            {"IsRunning": 1, "TimeLeft": 5, "PowerSwitch": None},
            RefusalKind.WRONG_TYPE,
            "CountDown.PowerSwitch",
        ),
        ({"IsRunning": 0, "Repeat": 1}, RefusalKind.UNKNOWN_NAME, "nothing called Repeat"),
    ],
)
def test_a_countdown_that_lacks_something_is_refused(members, kind, says):
    found, reason = refusal_of(wanted(CountDown=members))
    assert found is kind
    assert says in reason


@pytest.mark.parametrize("value", [600, "600", None, [1]])
def test_a_countdown_that_is_no_struct_is_refused(value):
    kind, reason = refusal_of(wanted(CountDown=value))
    assert kind is RefusalKind.WRONG_TYPE
    assert "IsRunning, TimeLeft and PowerSwitch" in reason


def test_a_countdown_that_is_too_long_is_refused_by_the_thing():
    asked = countdown(IsRunning=1, TimeLeft=86_401)
    assert SOCKET.fault(asked.values).kind is RefusalKind.OUT_OF_RANGE
