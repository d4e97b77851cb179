"""The newest lines of the log in memory: bounded, redacted, and whole."""

import io
import json

import structlog
from hypothesis import given
from hypothesis import strategies as st

from agent.log import LogForm, configure
from agent.log_ring import LONGEST, MOST_BYTES, MOST_LINES, LogRing, parsed


def kept(ring, **event):
    return ring.keep(None, "", {"event": "a.b", "level": "info", **event})


def test_a_line_keeps_its_number_time_level_and_what_it_says():
    ring = LogRing()
    kept(ring, cloud="tencent", level="warning")
    (line,) = ring.lines()
    assert line.pop("time") > 1.7e9
    assert line == {"number": 1, "level": "warning", "event": "a.b", "cloud": "tencent"}


def test_the_event_goes_on_as_it_was():
    event = {"event": "a.b", "level": "info", "x": 1}
    assert LogRing().keep(None, "", event) is event


@given(st.lists(st.integers(0, 3 * LONGEST), max_size=300))
def test_it_keeps_the_newest_and_never_too_much(sizes):
    ring = LogRing()
    for size in sizes:
        kept(ring, text="x" * size)
    numbers = [line["number"] for line in ring.lines()]
    assert numbers == list(range(len(sizes) - len(numbers) + 1, len(sizes) + 1))
    assert sum(len(json.dumps(line)) for line in ring.lines()) <= MOST_BYTES


def test_it_has_so_many_lines_at_most():
    ring = LogRing()
    for _ in range(MOST_LINES + 20):
        kept(ring)
    assert len(ring.lines()) == MOST_LINES


def test_it_has_so_many_bytes_at_most():
    ring = LogRing()
    for _ in range(100):
        kept(ring, text="x" * (LONGEST - 500))
    assert 0.9 * MOST_BYTES < sum(len(json.dumps(line)) for line in ring.lines()) <= MOST_BYTES


def test_a_line_that_is_too_long_keeps_its_name_and_its_beginning():
    ring = LogRing()
    kept(ring, first="here", trace="\\" * 3 * LONGEST)
    (line,) = ring.lines()
    assert line["event"] == "a.b"
    assert '"first": "here"' in line["text"]
    assert len(json.dumps(line)) < 2.5 * LONGEST


def test_what_json_does_not_know_is_kept_as_text():
    ring = LogRing()
    kept(ring, where=ring.lines)
    assert "LogRing.lines" in ring.lines()[0]["where"]


def test_what_json_cannot_hold_is_kept_as_text_too():
    ring, loop = LogRing(), {}
    loop["self"] = loop
    kept(ring, value=float("nan"))
    kept(ring, value=loop)
    nan, cycle = ring.lines()
    assert "'value': nan" in nan["text"]
    assert "{...}" in cycle["text"]
    assert nan["event"] == cycle["event"] == "a.b"


def test_whoever_hears_gets_each_new_line():
    ring, heard = LogRing(), []
    kept(ring, n=1)
    ring.heard = heard.append
    kept(ring, n=2)
    ring.heard = None
    kept(ring, n=3)
    assert [parsed(text)["n"] for text in heard] == [2]


def test_no_secret_reaches_it():
    ring = LogRing()
    try:
        configure(io.StringIO(), {}, form=LogForm.JSON, keep=ring.keep)
        structlog.get_logger().info("cloud.up", device_secret="hunter2", deep={"token": "hunter2"})
        structlog.get_logger().debug("not.shown")
    finally:
        structlog.reset_defaults()
    (line,) = ring.lines()
    assert "hunter2" not in json.dumps(line)
    assert line["device_secret"] == "***"
