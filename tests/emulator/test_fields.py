"""The bodies of the control API, whatever JSON they hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator.fields import FieldError, Letter, read_command, read_letter

pytestmark = pytest.mark.unmeasured

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(["topic", "payload", "payload_hex", "qos", "retain", "other"])


@given(st.dictionaries(NAMES, JSON | st.sampled_from([0, 1, True, "00ff"])))
def test_any_object_is_a_message_or_a_reason(document):
    try:
        letter = read_letter(document)
    except FieldError:
        return
    assert letter.topic.encode()
    assert letter.qos in {0, 1}
    assert document.keys() <= {"topic", "payload", "payload_hex", "qos", "retain"}


@given(st.dictionaries(NAMES, JSON))
def test_any_object_is_a_command_or_a_reason(document):
    try:
        payload = read_command(document)
    except FieldError:
        return
    assert document.keys() <= {"payload", "payload_hex"}
    assert isinstance(payload, bytes)


@given(st.text(), st.binary(), st.sampled_from([0, 1]), st.booleans())
def test_a_whole_message_is_read_as_it_was_written(topic, payload, qos, is_retained):
    topic = "t" + topic.encode(errors="ignore").decode()
    document = {"topic": topic, "payload_hex": payload.hex(), "qos": qos, "retain": is_retained}
    wanted = Letter(topic=topic, payload=payload, qos=qos, is_retained=is_retained)
    assert read_letter(json.loads(json.dumps(document))) == wanted
