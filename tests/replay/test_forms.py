"""Values as JSON and back, exactly."""

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.effects import SetRelay
from agent.devices.socket.contact import FaultName
from agent.drivers.hlw8032.frame import Parameters
from agent.drivers.hlw8032.framer import Framing
from agent.messages import ActionCall, Command, PropertySet, RefusalKind
from agent.model import Factors, Origin, OriginKind
from agent.recording.forms import RecordingError, dump, plain, typed
from agent.recording.text import _parse
from agent.recording.turns import KINDS, Reloaded, Turn

ORIGIN = Origin(kind=OriginKind.CLOUD, name="onenet")


def again(kind, value):
    return typed(kind, _parse(dump({"x": plain(value)}), 1)["x"])


@given(st.floats(allow_nan=False) | st.integers() | st.booleans() | st.text())
def test_a_value_comes_back_as_what_it_was(value):
    found = again(bool | int | float | str, value)
    assert (type(found), repr(found)) == (type(value), repr(value))


def test_one_of_some_texts_comes_back():
    assert again(FaultName | None, "relay_failed") == "relay_failed"


def test_what_is_no_number_comes_back_as_such():
    assert math.isnan(again(float, math.nan))
    assert again(float, -math.inf) == -math.inf


@pytest.mark.parametrize(
    "value",
    [
        Framing(buffer=b"\x00U\xff", learned=Parameters(1, 2, 3)),
        Factors(voltage=1.0000000000000002),
        Command(origin=ORIGIN, request=ActionCall(request_id="", name="汉字", values={})),
        Command(origin=ORIGIN, request=PropertySet(request_id="\ud800", values={"a": 1.0, "b": 1})),
        Reloaded(settings={"a": [1, None, {"b": "c"}]}),
        SetRelay(on=True),
    ],
)
def test_a_dataclass_comes_back_equal(value):
    assert again(type(value), value) == value


def test_what_only_its_owner_understands_is_left_out():
    request = PropertySet(request_id="1", values={}, context="a note, or a secret")
    assert "secret" not in dump(plain(request))
    assert again(PropertySet, request) == request


@pytest.mark.parametrize(
    ("kind", "found", "said"),
    [
        (Parameters, [1, 2], "allowed: 3 items"),
        (Parameters, [1, 2, "x"], r"\[2\]: found 'x'; allowed: a whole number"),
        (frozenset[str], [1], "allowed: a text"),
        (int, True, "allowed: a whole number"),
        (float, "1", "allowed: a number"),
        (RefusalKind | None, "odd", "allowed: malformed, unknown_name"),
        (FaultName | None, "worn", r"allowed: contact_welded \| relay_failed"),
        (Command, {"origin": 5}, "origin: found '5'; allowed: an object"),
    ],
)
def test_what_does_not_fit_is_named(kind, found, said):
    with pytest.raises(RecordingError, match=said):
        typed(kind, found)


def test_every_input_that_there_is_can_be_recorded():
    assert set(get_args(Turn)) == set(KINDS.values())
