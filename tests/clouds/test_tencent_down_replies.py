"""What Tencent replies and tells: acknowledgements, what is pending, notices and its clock."""

import pytest

from agent.devices.socket.thing_table import SOCKET
from agent.messages import Ack, Notice, PropertySet, RefusalKind, ResyncAnswer, TimeAnswer
from tests.clouds.downlinks import EVENT, OTA, PROPERTY, SERVICE, TIME, decode


@pytest.mark.parametrize(
    ("topic", "method"),
    [
        (PROPERTY, "report_reply"),
        (PROPERTY, "report_info_reply"),
        (PROPERTY, "clear_control_reply"),
        (EVENT, "event_reply"),
        (EVENT, "events_reply"),
    ],
)
def test_a_reply_to_us_carries_our_id(topic, method):
    body = {"method": method, "clientToken": "CS0SLTKSYA-7"}
    assert decode(topic, **body, code=0, status="success") == Ack(
        message_id="7", is_accepted=True, reason="success"
    )
    refusal = decode(topic, **body, code=406, status='value "3" enum not defined')
    assert refusal == Ack(
        message_id="7",
        is_accepted=False,
        code=406,
        reason='value "3" enum not defined',
        kind=RefusalKind.OUT_OF_RANGE,
    )
    assert decode(topic, **body, code=405).kind is None


def test_a_reply_to_someone_else_is_not_ours():
    body = {"method": "report_reply", "clientToken": "else-7", "code": 0}
    assert decode(PROPERTY, **body) is None
    assert decode(PROPERTY, **(body | {"method": "get_status_reply"})) is None


def test_the_pending_control_is_a_stored_request():
    data = {"reported": {"power_switch": 1}, "control": {"power_switch": 0}}
    answer = decode(
        PROPERTY, method="get_status_reply", clientToken="CS0SLTKSYA-9", code=0, data=data
    )
    stored = PropertySet(request_id="CS0SLTKSYA-9", values={"power_switch": False}, is_live=False)
    assert answer == ResyncAnswer(message_id="9", stored=stored)


@pytest.mark.parametrize(
    "data", [None, {}, {"reported": {}}, {"report": {"power_switch": 1}}, {"control": {}}, []]
)
def test_without_a_pending_control_there_is_nothing_to_do(data):
    answer = decode(
        PROPERTY, method="get_status_reply", clientToken="CS0SLTKSYA-9", code=0, data=data
    )
    assert answer == ResyncAnswer(message_id="9")


def test_a_pending_control_that_makes_no_sense_sets_nothing_but_is_cleared():
    data = {"control": {"power_switch": None}}
    answer = decode(
        PROPERTY, method="get_status_reply", clientToken="CS0SLTKSYA-9", code=0, data=data
    )
    assert answer.stored is not None
    assert answer.stored.values == {}
    assert SOCKET.fault(answer.stored.values) is not None


@pytest.mark.parametrize("method", ["bind_device", "unbind_device"])
def test_being_bound_or_unbound_is_a_notice(method):
    assert decode(SERVICE, method=method, clientToken="t", timestamp=1) == Notice(name=method)
    assert decode(SERVICE, method="else", clientToken="t") is None


def test_firmware_tasks_are_told_and_version_replies_are_not():
    assert decode(OTA, type="report_version_rsp", version="0.1", result_code=0) is None
    assert decode(OTA, type="update_firmware", version="0.2", url="https://x") == Notice(
        name="update_firmware", text="0.2"
    )
    assert decode(OTA, type="update_firmware") == Notice(name="update_firmware")


def test_the_platforms_clock_comes_in_seconds():
    body = {"type": "get", "time": 1621562342}
    exact = decode(TIME, **body, ntptime1=1621562342773, ntptime2=1621562342774)
    assert exact == TimeAnswer(server_received=1621562342.773, server_sent=1621562342.774)
    assert decode(TIME, **body) == TimeAnswer(server_received=1621562342, server_sent=1621562342)
    assert decode(TIME, type="else") is None
