"""What MQTT and JSON are, as the rules see them."""

import pytest

from agent.conformance import wire


@pytest.mark.parametrize("topic", ["", "a/+", "#", "a\0", "\ud800", "x" * 70_000])
def test_what_is_no_topic(topic):
    assert not wire.is_topic(topic)
    assert wire.is_topic("$a//b c/é")


@pytest.mark.parametrize(
    ("topic_filter", "is_one"),
    [
        ("a/b", True),
        ("#", True),
        ("a/#", True),
        ("+/+/", True),
        ("", False),
        ("a/#/b", False),
        ("a#", False),
        ("a+/b", False),
        ("a\0", False),
    ],
)
def test_what_is_a_filter(topic_filter, is_one):
    assert wire.is_filter(topic_filter) is is_one


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/c", False),
        ("a/+", "+/b", True),
        ("a/+", "a/+/c", False),
        ("a/#", "a", True),
        ("a", "a/#", True),
        ("a", "a/b/#", False),
        ("#", "x/y/z", True),
    ],
)
def test_which_filters_overlap(first, second, both):
    assert wire.overlap(first, second) is both
    assert wire.overlap(second, first) is both


def test_a_wildcard_in_front_brings_no_topic_of_the_system():
    assert wire.matches("#", "a/b")
    assert not wire.matches("#", "$a/b")
    assert not wire.matches("+/b", "$a/b")
    assert wire.matches("$a/#", "$a/b")
    assert not wire.matches("a/+", "a/+")


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"\xff", b"NaN", b"-Infinity", b'{"a":1,"a":2}', b'"\\ud800"', b'{"\\ud800":1}'],
)
def test_what_is_no_json(payload):
    with pytest.raises(ValueError, match=r"[a-z]"):
        wire.json_document(payload)


def test_a_document_is_walked_whole():
    document = wire.json_document(b'{"a":[1,{"b":"x"},null],"c":true}')
    assert list(wire.leaves(document)) == [1, "x", None, True]
    assert list(wire.keys(document)) == ["a", "c", "b"]
    assert list(wire.texts(document)) == ["a", "c", "b", "x"]
