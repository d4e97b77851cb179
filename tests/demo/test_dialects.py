"""What an app of each platform sends and shows, and which of them fit into one device file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.demo.dialects import DIALECTS, DialectError, choose
from agent.emulator.identity import CLOUDS, check_device

EVENT_CLOUDS = ("tencent", "aliyun", "onenet")
STREAMS = ("onenet-datastream", "onenet-legacy")


def test_there_is_a_dialect_for_every_cloud_that_is_emulated():
    assert set(DIALECTS) == set(CLOUDS)


@pytest.mark.parametrize("name", DIALECTS)
def test_each_run_has_a_device_with_a_secret_of_its_own_that_the_cloud_takes(name):
    one, other = DIALECTS[name].identity(), DIALECTS[name].identity()
    check_device(one)
    assert one.cloud == name
    assert one.secret != other.secret


def test_the_first_that_is_named_comes_first_and_tencent_where_none_is():
    assert [each.name for each in choose([])] == ["tencent"]
    assert [each.name for each in choose(["onenet-legacy", "tencent"])] == [
        "onenet-legacy",
        "tencent",
    ]
    assert [each.name for each in choose(["aliyun", "aliyun"])] == ["aliyun"]


def test_an_unknown_cloud_is_refused_with_what_there_is():
    with pytest.raises(DialectError) as caught:
        choose(["tencent", "azure"])
    assert str(caught.value) == f"--cloud is one of {', '.join(DIALECTS)}, not 'azure'"


def test_two_generations_of_one_platform_do_not_fit_into_one_device():
    with pytest.raises(DialectError, match=r"two generations of one platform.*clouds\.onenet"):
        choose(["onenet", "tencent", "onenet-legacy"])


@pytest.mark.parametrize("name", STREAMS)
def test_a_trip_is_found_in_the_messages_of_platforms_without_events(name):
    dialect, trip = DIALECTS[name], {"cause": "overpower", "value": 2754}
    assert dialect.told_on_wire(json.dumps({"id": 1, "dp": {"trip": [{"v": trip}]}})) == [
        "overpower"
    ]
    for values in ({"trip": trip}, {"trip": {"2026-11-20 08:00:00": trip}}):
        assert dialect.told_on_wire("\x03\\x00\\x80{" + json.dumps(values)) == ["overpower"]
    for payload in (
        '{"voltage": 1}',
        '{"trip": 7}',
        "on",
        "",
        '{"dp": {"trip": "x"}}',
        '{"dp": 7}',
        '{"a',
    ):
        assert dialect.told_on_wire(payload) == []


@given(st.text() | st.text().map(lambda text: '{"' + text))
def test_any_message_can_be_looked_at(payload):
    for dialect in DIALECTS.values():
        assert isinstance(dialect.told_on_wire(payload), list)
        assert isinstance(dialect.request_id("a/b/c", payload), str)


def test_the_id_of_a_request_is_where_each_platform_puts_it():
    assert DIALECTS["tencent"].request_id("t", '{"method": "control", "clientToken": "7"}') == "7"
    assert DIALECTS["aliyun"].request_id("t", '{"id": "8", "params": {}}') == "8"
    assert DIALECTS["onenet-legacy"].request_id("$creq/9-9", '{"power_switch": 1}') == "9-9"
    assert DIALECTS["onenet"].request_id("t", "{}") == ""


@pytest.mark.parametrize("name", EVENT_CLOUDS)
def test_other_events_are_no_trips(name):
    device = {"properties": {}, "events": [{"id": "low_voltage", "params": {"voltage": 180}}]}
    assert DIALECTS[name].trips(device) == []
