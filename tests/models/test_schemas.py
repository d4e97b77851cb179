"""The rules that exports are judged by: each finds what breaks it."""

import copy

import pytest

from tests.models.support import SCHEMAS, exported

BREAKS = {
    "aliyun": [
        lambda d: d.pop("schema"),
        lambda d: d["profile"].update(productKey=1),
        lambda d: d["properties"][0].update(identifier="time"),
        lambda d: d["properties"][0].update(name="_switch"),
        lambda d: d["properties"][0].update(name="开" * 31),
        lambda d: d["properties"][0].update(accessMode="w"),
        lambda d: d["properties"][0]["dataType"].update(specs={"0": "a"}),
        lambda d: d["properties"][1]["dataType"]["specs"].update(max=300),
        lambda d: d["properties"][1]["dataType"]["specs"].update(min="400"),
        lambda d: d["properties"][1]["dataType"].update(type="double64"),
        lambda d: d["events"].pop(0),
        lambda d: d["events"][1].update(method="thing.event.property.post"),
        lambda d: d["events"][1].update(type="fault"),
        lambda d: d["services"][0]["inputData"].pop(),
        lambda d: d["services"][1]["inputData"].pop(),
        lambda d: d["services"][2].update(callType="s"),
        lambda d: d["properties"].append(d["properties"][0]),
    ],
    "onenet": [
        lambda d: d.pop("combs"),
        lambda d: d["profile"].pop("productId"),
        lambda d: d["properties"][0].update(identifier="$OneNET_LBS"),
        lambda d: d["properties"][0].pop("functionMode"),
        lambda d: d["properties"][0].update(functionType="s"),
        lambda d: d["properties"][0]["dataType"].update(specs={"0": "a", "1": "b"}),
        lambda d: d["properties"][1]["dataType"]["specs"].update(unit="V"),
        lambda d: d["properties"][1]["dataType"]["specs"].update(step=0.1),
        lambda d: d["properties"][1]["dataType"].update(type="int"),
        lambda d: d["events"][0].update(eventType="fault"),
        lambda d: d["events"][0]["outputData"][0]["dataType"]["specs"].update(length="32"),
        lambda d: d["services"][0].update(callType="a"),
        lambda d: d["services"][0].pop("output"),
    ],
    "tencent": [
        lambda d: d.pop("actions"),
        lambda d: d["profile"].update(CategoryId=142),
        lambda d: d["properties"][0].update(id="power-switch"),
        lambda d: d["properties"][0].update(mode="w"),
        lambda d: d["properties"][0]["define"]["mapping"].pop("0"),
        lambda d: d["properties"][1]["define"].update(max=400),
        lambda d: d["properties"][1]["define"].pop("start"),
        lambda d: d["properties"][1].pop("define"),
        lambda d: d["events"][0].update(type="error"),
        lambda d: d["events"][0]["params"][1]["define"].update(max="4096"),
        lambda d: d["events"].append(d["events"][0]),
        lambda d: d["actions"][0].pop("input"),
    ],
}


@pytest.mark.parametrize(
    ("cloud", "number"),
    [(cloud, n) for cloud, breaks in BREAKS.items() for n in range(len(breaks))],
)
def test_the_rules_find_what_breaks_them(cloud, number):
    document = copy.deepcopy(exported(cloud))
    BREAKS[cloud][number](document)
    assert SCHEMAS[cloud](document)
