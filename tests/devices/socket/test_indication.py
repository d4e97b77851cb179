"""The light holds until a moment that is still to come, whatever the rounding."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.devices.socket.contact import WELDED
from agent.devices.socket.indication import BREATH_STEP_S, light
from agent.devices.socket.state import State, Trip

TRIP = Trip(
    cause="overcurrent", value=15, limit=12.5, duration_s=0, evidence="pulse counter", at=0.0
)
OFF = State(relay_on=False, changed_at=0.0)
STATES = {
    "breathes": (replace(OFF, relay_on=True), ()),
    "blinks": (replace(OFF, trip=TRIP), ()),
    "looks for a cloud": (OFF, ("tencent",)),
    "alarms": (replace(OFF, fault=WELDED), ()),
}


@pytest.mark.parametrize("name", STATES)
@given(now=st.floats(0, 1e6) | st.integers(0, 10**7).map(lambda step: step * BREATH_STEP_S))
@example(now=10241 * BREATH_STEP_S)
def test_it_changes_later_than_now(name, now):
    state, clouds = STATES[name]
    shown = light(state, clouds, now)
    assert shown.until is not None
    assert shown.until > now
