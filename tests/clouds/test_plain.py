"""Commands as plain texts: the words and objects that a person types into a console."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clouds.names import Dialect, Names, names_of
from agent.clouds.plain import UNANSWERED, CustomTopics, read_command
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError
from agent.messages import BadRequest, PropertySet, PropertyToggle, RefusalKind

KINDS = {row.field.name: row.field.kind for row in SOCKET.properties}
NAMES = Names(names_of(SOCKET), {"power_switch": "onoff"}, Dialect(cloud="any"))


def read(payload, switch="power_switch"):
    return read_command(payload, "r", NAMES, KINDS, switch, context="c")


@pytest.mark.parametrize(("word", "value"), [(b"on", True), (b"off", False)])
def test_a_bare_word_sets_the_switch(word, value):
    for payload in (word, b" " + word + b"\r\n"):
        request = read(payload)
        assert request == PropertySet(request_id="r", values={"power_switch": value})
        assert request.context == "c"


def test_a_bare_toggle_turns_the_switch_over():
    request = read(b"toggle\n")
    assert request == PropertyToggle(request_id="r", name="power_switch")
    assert request.context == "c"


def test_an_object_sets_what_it_names_and_takes_numbers_that_are_written_as_texts():
    request = read(b'{"onoff":0,"count_down":"600"}')
    assert request == PropertySet(request_id="r", values={"power_switch": False, "count_down": 600})
    assert isinstance(request.values["count_down"], int)


def test_an_unknown_identifier_keeps_its_name_for_the_thing_to_refuse():
    assert read(b'{"turbo":1}').values == {"turbo": 1}


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"", RefusalKind.MALFORMED),
        (b"ON", RefusalKind.MALFORMED),
        (b"on off", RefusalKind.MALFORMED),
        (b"\xff", RefusalKind.MALFORMED),
        (b"[1]", RefusalKind.MALFORMED),
        (b"true", RefusalKind.MALFORMED),
        (json.dumps({f"p{n}": 1 for n in range(101)}).encode(), RefusalKind.MALFORMED),
        (b'{"onoff":null}', RefusalKind.WRONG_TYPE),
        (b'{"power_switch":1}', RefusalKind.UNKNOWN_NAME),
    ],
)
def test_what_is_no_command_is_answered_with_the_reason(payload, kind):
    bad = read(payload)
    assert isinstance(bad, BadRequest)
    assert (bad.request_id, bad.context, bad.refusal.kind) == ("r", "c", kind)


@pytest.mark.parametrize("word", [b"on", b"toggle"])
def test_a_bare_word_means_nothing_to_a_thing_without_a_switch(word):
    bad = read(word, switch=None)
    assert isinstance(bad, BadRequest)
    assert "no switch" in bad.refusal.reason


TOPICS = CustomTopics(["TurnipRobot", "a/b"], names=NAMES, kinds=KINDS, switch="power_switch")


def test_topics_of_ones_own_are_subscribed_so_that_nothing_comes_twice():
    assert [(each.topic, each.qos) for each in TOPICS.subscriptions()] == [
        ("TurnipRobot", 0),
        ("a/b", 0),
    ]


def test_a_command_on_a_topic_of_ones_own_has_no_id_and_is_marked_as_unanswered():
    request = TOPICS.read("TurnipRobot", b"on")
    assert request == PropertySet(request_id="", values={"power_switch": True})
    assert request.context is UNANSWERED
    request = TOPICS.read("a/b", b"toggle")
    assert request == PropertyToggle(request_id="", name="power_switch")
    assert request.context is UNANSWERED


def test_another_topic_is_not_read():
    assert TOPICS.read("a", b"on") is None


def test_garbage_on_a_topic_of_ones_own_is_an_error_because_nobody_waits_for_an_answer():
    with pytest.raises(CodecError, match="on, off, toggle"):
        TOPICS.read("a/b", b"open sesame")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
IDS = st.sampled_from(["onoff", "count_down", "voltage", "power_switch", "x"])
OBJECTS = st.dictionaries(IDS, JSON, max_size=4)


@given(st.binary(max_size=200) | (JSON | OBJECTS).map(lambda body: json.dumps(body).encode()))
def test_any_bytes_give_a_command_that_the_thing_can_judge_or_a_refusal(payload):
    request = read(payload)
    assert isinstance(request, PropertySet | PropertyToggle | BadRequest)
    if isinstance(request, PropertySet):
        SOCKET.fault(request.values)
