"""Whatever a device sends, the platform goes on."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator import probe
from tests.emulator.dialogues import OWN
from tests.emulator.support import DEVICE, make_device

pytestmark = pytest.mark.unmeasured


@settings(max_examples=150)
@given(st.sampled_from(["property", "event", "action", "service"]), st.binary(max_size=100))
def test_no_payload_breaks_the_platform(channel, payload):
    core = make_device()
    core.say(1, probe.publish(f"$thing/up/{channel}/{OWN}", payload))
    assert core.say(1, probe.PINGREQ)[-1] == probe.PINGRESP


FIELDS = (
    *("method", "clientToken", "params", "code", "status", "events", "eventId", "type"),
    *("timestamp", "report", "version", "resource", "voltage", "response"),
)
NAMES = (
    *("report", "control_reply", "get_status", "clear_control", "report_info", "event_post"),
    *("events_post", "action_reply", "app_bind_token", "report_version", "get", "get_log_level"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)
METHODS = st.sampled_from(NAMES)
TOPICS = [f"$thing/up/{channel}/{OWN}" for channel in ("property", "event", "action", "service")]
TOPICS += [f"$ota/report/{OWN}", f"$sys/operation/{OWN}", f"$log/operation/{OWN}"]


@settings(max_examples=150)
@given(st.sampled_from(TOPICS), METHODS, st.dictionaries(st.text(max_size=3), JSON), JSON)
def test_no_json_breaks_the_platform(topic, method, extra, value):
    core = make_device()
    document = {"params": value, "events": value, "clientToken": value, "timestamp": value}
    document |= extra | {"method": method, "type": method}
    core.say(1, probe.publish(topic, json.dumps(document).encode()))
    assert core.say(1, probe.PINGREQ)[-1] == probe.PINGRESP
    json.dumps(core.platform.describe(DEVICE))
