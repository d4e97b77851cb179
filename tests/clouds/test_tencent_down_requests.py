"""What Tencent asks of the thing: controls and actions in the thing's own words."""

import pytest

from agent.devices.socket.thing_table import SOCKET
from agent.messages import ActionCall, BadRequest, PropertySet, RefusalKind
from tests.clouds.downlinks import ACTION, CODEC, PROPERTY, decode
from tests.clouds.support import make_codec


def control(codec=CODEC, **params):
    return decode(PROPERTY, codec, method="control", clientToken="t", params=params)


def test_a_control_becomes_a_request_in_the_things_own_words():
    request = control(power_switch=0, count_down=600)
    assert request == PropertySet(
        request_id="t", values={"power_switch": False, "count_down": 600}, is_live=True
    )
    assert request.values["power_switch"] is False


@pytest.mark.parametrize(("wire", "value"), [(1, True), (0, False), (True, True), (1.0, True)])
def test_a_bool_is_taken_in_every_form_that_is_unambiguous(wire, value):
    assert control(power_switch=wire).values == {"power_switch": value}
    assert control(power_switch=wire).values["power_switch"] is value


@pytest.mark.parametrize("wire", [2, -1, "1", "true", 0.5, 1e400])
def test_what_is_no_bool_reaches_the_thing_and_is_refused_there(wire):
    fault = SOCKET.fault(control(power_switch=wire).values)
    assert fault is not None
    assert fault.kind is RefusalKind.WRONG_TYPE


def test_a_whole_float_is_a_whole_number():
    values = control(count_down=600.0).values
    assert values == {"count_down": 600}
    assert isinstance(values["count_down"], int)


@pytest.mark.parametrize("wire", [1.5, "600", True, 10**30, 1e300, float("nan"), float("inf")])
def test_what_is_no_whole_number_is_refused_by_the_thing(wire):
    fault = SOCKET.fault(control(count_down=wire).values)
    assert fault is not None
    assert fault.kind in (RefusalKind.WRONG_TYPE, RefusalKind.OUT_OF_RANGE)


@pytest.mark.parametrize("wire", [10**400, -(10**400), 10**19, float("nan"), float("inf")])
def test_numbers_that_no_register_holds_do_no_harm(wire):
    value = control(voltage=wire).values["voltage"]
    assert isinstance(value, float)
    fault = SOCKET.property("voltage").field.fault(value)
    assert fault is not None


@pytest.mark.parametrize("wire", [None, {}, [], [1], {"a": 1}])
def test_what_is_no_value_at_all_is_answered_as_wrong_type(wire):
    bad = control(power_switch=wire)
    assert isinstance(bad, BadRequest)
    assert (bad.request_id, bad.context) == ("t", None)
    assert bad.refusal.kind is RefusalKind.WRONG_TYPE


@pytest.mark.parametrize("params", [None, [], "x", 7, {f"p{n}": 1 for n in range(101)}])
def test_params_that_are_no_params_are_answered_as_malformed(params):
    bad = decode(PROPERTY, method="control", clientToken="t", params=params)
    assert isinstance(bad, BadRequest)
    assert bad.refusal.kind is RefusalKind.MALFORMED


def test_an_unknown_identifier_keeps_its_name_for_the_thing_to_refuse():
    fault = SOCKET.fault(control(turbo=1).values)
    assert fault is not None
    assert fault.kind is RefusalKind.UNKNOWN_NAME


def test_the_wires_name_for_the_total_is_the_things_total():
    fault = SOCKET.fault(control(total_kwh=0).values)
    assert fault is not None
    assert fault.kind is RefusalKind.READ_ONLY


def test_a_name_that_was_renamed_is_no_identifier_any_more():
    codec = make_codec(rename={"power_switch": "onoff"})
    assert control(codec, onoff=1).values == {"power_switch": True}
    bad = control(codec, power_switch=1)
    assert isinstance(bad, BadRequest)
    assert bad.refusal.kind is RefusalKind.UNKNOWN_NAME


def test_an_action_is_called_by_the_things_name():
    call = decode(ACTION, method="action", clientToken="t", actionId="reset_energy", params={})
    assert call == ActionCall(request_id="t", name="reset_energy", values={})
    call = decode(ACTION, method="action", clientToken="t", actionId="reset_energy")
    assert call == ActionCall(request_id="t", name="reset_energy", values={})


def test_an_action_with_params_that_are_no_params_is_answered():
    bad = decode(ACTION, method="action", clientToken="t", actionId="reset_energy", params=[1])
    assert isinstance(bad, BadRequest)
    assert bad.context == "action"
    bad = decode(
        ACTION, method="action", clientToken="t", actionId="reset_energy", params={"a": None}
    )
    assert isinstance(bad, BadRequest)


def test_an_action_under_its_old_name_is_answered_as_unknown():
    codec = make_codec(rename={"reset_energy": "clear"})
    body = {"method": "action", "clientToken": "t", "params": {}}
    assert isinstance(decode(ACTION, codec, **body, actionId="clear"), ActionCall)
    bad = decode(ACTION, codec, **body, actionId="reset_energy")
    assert isinstance(bad, BadRequest)
    assert (bad.context, bad.refusal.kind) == ("action", RefusalKind.UNKNOWN_NAME)
