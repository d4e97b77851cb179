"""Topics of the user's own at Aliyun, and which ones a pasted device hears."""

import json

import pytest

from agent.clouds.aliyun.codec import AliyunCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError, ConfigError
from agent.messages import DONE, PropertyToggle
from tests.clouds.aliyun_device import CODEC, DN, PK, SET, make_codec, pasted_settings
from tests.clouds.test_aliyun_credentials import PASTED

USER = f"/{PK}/{DN}/user/get"


def test_texts_of_the_users_own_switch_and_are_not_answered():
    codec = make_codec(custom_topics=(USER,))
    subscription = codec.subscriptions()[-1]
    assert (subscription.topic, subscription.qos) == (USER, 0)
    on = codec.decode(USER, b"on")
    assert (on.values, on.request_id) == ({"power_switch": True}, "")
    assert codec.encode_reply(on, DONE) == ()
    assert codec.encode_taken(on) == ()
    assert isinstance(codec.decode(USER, b"toggle"), PropertyToggle)
    assert codec.decode(USER, b'{"PowerSwitch":0}').values == {"power_switch": False}
    with pytest.raises(CodecError):
        codec.decode(USER, b"explode")
    assert CODEC.decode(USER, b"on") is None


@pytest.mark.parametrize(
    "topic",
    [
        f"/{PK}/other/user/get",
        f"/other/{DN}/user/get",
        f"/{PK}/{DN}/",
        f"/{PK}/{DN}",
        f"/{PK}/{DN}/user/+",
        f"/{PK}/{DN}/user/#",
        f"/{PK}/{DN}/user/" + "x" * 128,
        f"/{PK}/{DN}/user/a/b/c/d/e",
        "user/get",
        "",
    ],
)
def test_a_topic_that_this_device_may_not_have_is_a_config_error(topic):
    with pytest.raises(ConfigError, match=f"allowed: topics of this device, such as '/{PK}/{DN}/"):
        make_codec(custom_topics=(topic,))


def test_what_was_pasted_decides_which_topics_are_subscribed_to():
    def topics(parameters):
        pasted = PASTED | {"clientId": f"k19g7hBjoOD.testdevice1|securemode=2,{parameters}|"}
        codec = AliyunCodec(pasted_settings(pasted), SOCKET)
        return [one.topic for one in codec.subscriptions()]

    extended = "/ext/rrpc/+/sys/k19g7hBjoOD/testdevice1/thing/service/+"
    assert topics("_ss=1,ext=1")[0] == "/sys/k19g7hBjoOD/testdevice1/thing/service/property/set"
    assert len(topics("_ss=1,ext=1")) == 5
    assert len(topics("timestamp=1")) == 13
    assert extended not in topics("ext=2")
    assert extended not in topics("ext=x")
    assert extended not in topics("ext=" + "1" * 9)
    assert topics("ext=3")[-1] == extended


def test_a_pasted_device_hears_its_own_topics():
    codec = AliyunCodec(pasted_settings(PASTED), SOCKET)
    payload = json.dumps({"id": "1", "params": {"PowerSwitch": 1}}).encode()
    topic = "/sys/k19g7hBjoOD/testdevice1/thing/service/property/set"
    assert codec.decode(topic, payload).values == {"power_switch": True}
    assert codec.decode(SET, payload) is None
