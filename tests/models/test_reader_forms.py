"""Consoles' exports in the forms of their years are read, with the product's name."""

import json

import pytest

from agent.models.form import FeatureKind
from tests.models.support import exported, read


def test_a_template_that_was_saved_in_the_code_page_of_windows_is_read():
    text = json.dumps(exported("tencent"), ensure_ascii=False)
    model = read("tencent", text.encode("gbk"))
    assert model.features[0].title.zh == "电源开关"
    assert read("tencent", b"\xef\xbb\xbf" + text.encode()) == model


def test_onenets_file_of_2021_has_no_profile_short_calls_and_null_for_nothing():
    model = read(
        "onenet",
        {
            "properties": [
                {
                    "identifier": "a",
                    "functionType": "s",
                    "accessMode": "rw",
                    "dataType": {"type": "int32", "specs": {"min": None, "unit": None}},
                }
            ],
            "events": None,
            "services": [{"identifier": "b", "callType": "a", "input": None, "output": None}],
        },
    )
    assert [row.identifier for row in model.features] == ["a", "b"]
    assert model.features[1].call == "async"
    assert model.told == frozenset(FeatureKind)


def test_a_simple_tsl_says_nothing_of_what_it_leaves_out():
    model = read(
        "aliyun", {"properties": [{"identifier": "a", "dataType": {"type": "int", "specs": {}}}]}
    )
    assert model.told == {FeatureKind.PROPERTY}
    assert model.features[0].is_writable is None


def test_what_aliyun_adds_to_every_model_is_not_the_products_own():
    model = read("aliyun", exported("aliyun"))
    assert not {row.identifier for row in model.features} & {"post", "set", "get"}


@pytest.mark.parametrize(
    ("cloud", "key"), [("tencent", "ProductId"), ("aliyun", "productKey"), ("onenet", "productId")]
)
def test_the_product_is_read_from_the_profile(cloud, key):
    document = exported(cloud)
    document["profile"][key] = "P1"
    assert read(cloud, document).product == "P1"


def test_the_product_of_the_cloud_apis_samples_is_read_too():
    document = exported("tencent")
    document["profile"] = {"productID": "P1"}
    assert read("tencent", document).product == "P1"
