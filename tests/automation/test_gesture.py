"""What a gesture does is any doing, a countdown, or nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.doing import Assign, Switch, Tell
from agent.automation.gesture import OnFor, parse_action


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("none", None),
        (" toggle ", Switch(on=None)),
        ("off", Switch(on=False)),
        ("set current_limit = 2.5", Assign(name="current_limit", value=2.5)),
        ("event doorbell", Tell(name="doorbell")),
        ("countdown 30m", OnFor(seconds=1800)),
        ("countdown  1h30m", OnFor(seconds=5400)),
        ("countdown 24h", OnFor(seconds=86_400)),
    ],
)
def test_a_gesture_is_understood(text, action):
    assert parse_action(text) == action


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("explode", "countdown DURATION | none"),
        ("countdown", "countdown DURATION | none"),
        ("countdown soon", "a duration such as 90s"),
        ("countdown 0s", "from 1s to 24h"),
        ("countdown 25h", "from 1s to 24h"),
        ("", "countdown DURATION | none"),
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_action(text)


@given(st.text() | st.text(alphabet="countdown 0123456789dhms").map("countdown ".__add__))
def test_any_text_is_understood_or_refused(text):
    try:
        action = parse_action(text)
    except ValueError:
        return
    assert not isinstance(action, OnFor) or 0 < action.seconds <= 86_400
