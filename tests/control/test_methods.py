import re

import pytest

from agent.control.methods import DEVICE, Described, Param, ParamKind, checked, table_of
from agent.errors import ControlError
from agent.model import Origin, OriginKind

LOCAL = Origin(kind=OriginKind.LOCAL, name="maker")


def method(*params):
    return Described(name="m", summary="", run=lambda _origin, given: dict(given), params=params)


TAKES = method(
    DEVICE,
    Param(name="count", kind=ParamKind.WHOLE, summary="", minimum=1, maximum=10),
    Param(name="share", kind=ParamKind.NUMBER, summary="", maximum=1),
    Param(name="by", kind=ParamKind.TEXT, summary="", choices=("hour", "day")),
    Param(name="names", kind=ParamKind.TEXTS, summary="", maximum=2),
    Param(name="topics", kind=ParamKind.TEXTS, summary="", maximum=2, choices=("a", "b")),
    Param(name="is_on", kind=ParamKind.SWITCH, summary=""),
    Param(name="values", kind=ParamKind.VALUES, summary="", maximum=2),
)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"count": 10, "share": 0.5, "by": "day", "is_on": False},
        {"names": [], "topics": ["a"], "values": {"x": 1, "y": "z"}},
        {"count": None, "share": 1, "device": "socket-1"},
    ],
)
def test_what_fits_is_taken(params):
    assert table_of([TAKES])["m"](LOCAL, params) == params


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"counts": 1},
            "unknown parameter 'counts'; did you mean 'count'? known: by, count, device",
        ),
        ({"count": 0}, "count is 0; allowed: a whole number from 1 to 10"),
        ({"count": 1.0}, "allowed: a whole number from 1 to 10"),
        ({"count": True}, "allowed: a whole number from 1 to 10"),
        ({"share": 1e999}, "allowed: a number from 0 to 1"),
        ({"share": 10**400}, "allowed: a number from 0 to 1"),
        ({"share": "1"}, "allowed: a number from 0 to 1"),
        ({"by": "week"}, "by is 'week'; allowed: one of: hour, day"),
        ({"device": ""}, "allowed: a text of 1 to 64 characters"),
        ({"device": "x" * 65}, "allowed: a text of 1 to 64 characters"),
        ({"device": "\ud800"}, "characters that are no Unicode: type it in a terminal"),
        ({"device": 5}, "allowed: a text of 1 to 64 characters"),
        ({"names": ["a", 1]}, "allowed: a list of texts, at most 2"),
        ({"names": ["a"] * 3}, "allowed: a list of texts, at most 2"),
        ({"names": "a"}, "allowed: a list of texts, at most 2"),
        ({"topics": ["c"]}, "allowed: a list of: a, b"),
        ({"is_on": 1}, "allowed: true or false"),
        ({"values": {}}, "allowed: an object of names and values, at most 2"),
        ({"values": {"x": None}}, "allowed: an object"),
        ({"values": [1]}, "allowed: an object"),
    ],
)
def test_anything_else_says_what_is_allowed(params, message):
    with pytest.raises(ControlError, match=re.escape(message)):
        table_of([TAKES])["m"](LOCAL, params)


def test_what_is_needed_must_be_there():
    needs = method(Param(name="text", kind=ParamKind.TEXT, summary="", is_needed=True))
    assert checked(needs, {"text": "x"}) == {"text": "x"}
    with pytest.raises(ControlError, match="'text' is needed: a text of 1 to 200 characters"):
        checked(needs, {})


def test_a_method_without_parameters_takes_none():
    with pytest.raises(ControlError, match="unknown parameter 'x'; known: none"):
        checked(method(), {"x": 1})
