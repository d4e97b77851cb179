"""One table of figures: every codec keeps to its row, and no row lets a ban happen."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.app.codecs import make_codec
from agent.clouds.limits import LIMITS
from agent.clouds.onenet import dp
from agent.demo.dialects import DIALECTS
from agent.devices.socket.thing_table import SOCKET
from tests.day.house import section

CONNECTS = {
    "tencent": (1, 5.0),
    "aliyun": (5, 60.0),
    "onenet": (3, 5.0),
    "onenet-datastream": (3, 5.0),
    "onenet-legacy": (3, 5.0),
}
"""So many CONNECTs the platform answers in so many seconds, wherever they begin."""


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialects_codec_keeps_to_its_row(name):
    dialect = DIALECTS[name]
    codec = make_codec(dialect.section, section(dialect, dialect.identity()), SOCKET)
    assert codec.limits is LIMITS[name]


def test_the_table_has_a_row_for_each_dialect_and_no_other():
    assert LIMITS.keys() == DIALECTS.keys() == CONNECTS.keys()


def test_the_old_platforms_largest_message_is_its_largest_frame():
    assert LIMITS["onenet-legacy"].payload_bytes == dp.HEAD + dp.MAX_JSON


@pytest.mark.parametrize("name", LIMITS)
@given(extra=st.lists(st.floats(0, 20), min_size=1, max_size=30))
@example(extra=[0.0] * 12)
@settings(max_examples=30)
def test_connects_that_far_apart_never_fill_the_platforms_window(name, extra):
    """At the platform two are further apart than here: one is answered before the next leaves."""
    most, span_s = CONNECTS[name]
    at, now = [0.0], 0.0
    for more_s in extra:
        now += LIMITS[name].connect_interval_s + more_s
        at.append(now)
    assert max(sum(begin <= other < begin + span_s for other in at) for begin in at) <= most


@pytest.mark.parametrize("limits", LIMITS.values())
def test_a_refused_identity_waits_longer_than_any_other(limits):
    assert limits.rejected_interval_s >= 60 > limits.connect_interval_s
