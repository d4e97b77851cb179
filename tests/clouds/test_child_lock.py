"""No platform's standard model has a child lock: a cloud has it where `rename` names it."""

import pytest

from agent.messages import PropertyReport
from tests.clouds import aliyun_device, onenet_support, support

CODECS = {
    "tencent": support.make_codec,
    "aliyun": aliyun_device.make_codec,
    "onenet": onenet_support.thing,
    "onenet-datastream": onenet_support.datastream,
}
REPORT = PropertyReport(values={"child_lock": True, "voltage": 230.0}, wall_time=None)


@pytest.mark.parametrize("cloud", CODECS)
def test_it_goes_over_the_wire_only_under_a_name_of_ones_own(cloud):
    told = CODECS[cloud]().encode(REPORT, "1").payload
    assert b"230" in told
    assert b"child_lock" not in told
    renamed = CODECS[cloud](rename={"child_lock": "lock"}).encode(REPORT, "1").payload
    assert b'"lock"' in renamed
    assert b"child_lock" not in renamed


def test_aliyun_asks_for_it_only_where_it_has_it():
    bare, renamed = CODECS["aliyun"](), CODECS["aliyun"](rename={"child_lock": "lock"})
    asked = [b"".join(p.payload for p in each.on_connected("1")) for each in (bare, renamed)]
    assert [b"lock" in each for each in asked] == [False, True]
