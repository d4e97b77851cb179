"""The JSON of a console, in any of the usual spellings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.credentials import from_json
from agent.cli.forms import FORMS

SPELLINGS = [
    ("tencent", "", {"productId": "P", "deviceName": "D", "deviceSecret": "S"}),
    ("tencent", "", {"ProductID": "P", "DeviceName": "D", "DevicePsk": "S"}),
    ("tencent", "", {"product_id": "P", "device_name": "D", "device_secret": "S"}),
    ("tencent", "", {"productId": "P", "deviceName": "D", "key": {"deviceSecret": "S"}}),
    (
        *("tencent", ""),
        {"Response": {"Data": {"ProductId": "P", "DeviceName": "D", "DevicePsk": " S "}}},
    ),
    ("aliyun", "", {"ProductKey": "P", "DeviceName": "D", "DeviceSecret": "S"}),
    ("aliyun", "", {"productKey": "P", "deviceName": "D", "deviceSecret": "S"}),
    ("aliyun", "", {"product_key": "P", "device_name": "D", "device_secret": "S"}),
    ("aliyun", "", {"code": 200, "data": {"productKey": "P", "deviceName": "D", "ds": "S"}}),
    ("onenet", "thing", {"product_id": "P", "device_name": "D", "sec_key": "S"}),
    ("onenet", "thing", {"productId": "P", "deviceName": "D", "key": "S"}),
    ("onenet", "thing", {"pid": "P", "name": "D", "device_key": "S"}),
    ("onenet", "thing", {"data": {"pid": "P", "name": "D", "sec_key": "S"}, "msg": "succ"}),
    ("onenet", "datastream", {"product_id": "P", "device_name": "D", "access_key": "S"}),
    ("onenet", "datastream", {"data": {"device_id": "7", "name": "D", "pid": "P", "key": "S"}}),
    ("onenet", "legacy", {"product_id": "P", "device_id": "D", "api_key": "S"}),
    ("onenet", "legacy", {"pid": "P", "data": {"device_id": "D", "key": "S"}}),
]


@pytest.mark.parametrize(("cloud", "variant", "pasted"), SPELLINGS)
def test_the_usual_spellings_are_understood(cloud: str, variant: str, pasted: dict[str, object]):
    form, taken = FORMS[cloud, variant], from_json(json.dumps(pasted))
    found = [taken.find(ask.spellings) for ask in (*form.device, form.secret)]
    assert found == ["P", "D", "S"]
    assert form.knows(taken)
    assert not form.is_whole(taken)
    assert "'S'" not in repr(taken)


def test_the_key_of_the_device_goes_before_that_of_the_product():
    taken = from_json('{"access_key": "product\'s", "sec_key": "device\'s"}')
    assert taken.find(FORMS["onenet", "thing"].secret.spellings) == "device's"


def test_an_outer_value_goes_before_an_inner_one_and_a_number_is_a_text_here():
    taken = from_json('\ufeff{"pid": 91025, "data": {"pid": 5, "device_id": 9377500}}\n')
    assert [taken.find(("pid",)), taken.find(("deviceid",))] == ["91025", "9377500"]
    assert from_json('{"pid": true}').find(("pid",)) == ""


@pytest.mark.parametrize("text", ["", "[]", '"x"', "{", "{'a': 1}", "[" * 100_000])
def test_what_is_no_object_is_refused(text: str):
    with pytest.raises(ValueError, match="JSON"):
        from_json(text)


@given(text=st.text() | st.dictionaries(st.text(), st.text() | st.integers()).map(json.dumps))
def test_any_text_is_read_or_refused_with_one_error(text: str):
    try:
        taken = from_json(text)
    except ValueError:
        return
    assert isinstance(taken.find(("productid",)), str)
