"""What OneNET devices log in with, and whom they trust."""

import pytest
from pydantic import SecretStr

from agent.clouds.onenet.address import FINGERPRINTS
from agent.clouds.onenet.token import FAR_FUTURE, decode_key, sign
from agent.errors import ConfigError
from tests.clouds.onenet_support import APIKEY, KEY, datastream, legacy, thing

RES = "products/9MaNe52pNO/devices/dev1"


def params(codec, wall_time=None):
    return codec.connect_params(wall_time, "nonce")


@pytest.mark.parametrize(("make", "keepalive_s"), [(thing, 60), (datastream, 120)])
def test_a_device_logs_in_by_its_name_with_a_token(make, keepalive_s):
    got = params(make())
    assert (got.client_id, got.username) == ("dev1", "9MaNe52pNO")
    assert got.password == sign(decode_key(KEY), res=RES, expiry=FAR_FUTURE)
    assert (got.keepalive_s, got.clean_session) == (keepalive_s, True)


def test_a_token_is_signed_anew_for_each_connect_while_the_clock_is_trusted():
    codec = thing(method="SHA1", res="products/9MaNe52pNO", version="2022-05-01")
    assert params(codec, 1_800_000_000.0).password == sign(
        decode_key(KEY),
        res="products/9MaNe52pNO",
        expiry=1_802_592_000,
        method="SHA1",
        version="2022-05-01",
    )


def test_an_old_device_logs_in_with_its_key_itself():
    got = params(legacy(), 1_800_000_000.0)
    assert (got.host, got.port, got.tls) == ("mqtt.heclouds.com", 6002, None)
    assert (got.client_id, got.username, got.password) == ("9377500", "91025", APIKEY)
    assert (got.keepalive_s, got.clean_session) == (120, True)


@pytest.mark.parametrize("make", [thing, datastream])
def test_a_key_that_is_none_is_a_configuration_error(make):
    with pytest.raises(ConfigError, match="device_key"):
        make(device_key=SecretStr("no key!"))


@pytest.mark.parametrize(
    ("changes", "host", "port"),
    [
        ({}, "mqttstls.heclouds.com", 8883),
        ({"tls": False}, "mqtts.heclouds.com", 1883),
        ({"domain": "product"}, "9MaNe52pNO.mqttstls.acc.cmcconenet.cn", 8883),
        ({"domain": "product", "tls": False}, "9MaNe52pNO.mqtts.acc.cmcconenet.cn", 1883),
        ({"domain": "product", "host": "b.lan"}, "b.lan", 8883),
        ({"host": "b.lan", "port": 1}, "b.lan", 1),
    ],
)
def test_each_domain_has_its_host_and_a_setting_overrides_it(changes, host, port):
    got = params(thing(**changes))
    assert (got.host, got.port) == (host, port)
    assert (got.tls is None) == (changes.get("tls") is False)


def test_an_old_device_can_be_sent_elsewhere_too():
    got = params(legacy(host="b.lan", port=16002, keepalive_s=300))
    assert (got.host, got.port, got.keepalive_s) == ("b.lan", 16002, 300)


def test_trust_settings_reach_the_connection_and_nothing_is_shipped():
    tls = params(thing(verify="ca-only", server_name="b", ca_file="/ca.pem")).tls
    assert (tls.anchors, tls.ca_file, tls.server_name) == ((), "/ca.pem", "b")
    assert not tls.verifies_host
    assert params(thing()).tls.verifies_host


@pytest.mark.parametrize(
    ("changes", "is_pinned"),
    [
        ({}, True),
        ({"host": "Studio-MQTTS.heclouds.com."}, True),
        ({"host": "heclouds.com"}, True),
        ({"host": "notheclouds.com"}, False),
        ({"host": "127.0.0.1"}, False),
        ({"domain": "product"}, False),
        ({"domain": "product", "host": "mqttstls.heclouds.com"}, True),
    ],
)
def test_the_root_is_pinned_where_the_platforms_root_is_known(changes, is_pinned):
    assert params(thing(**changes)).tls.fingerprints == (FINGERPRINTS if is_pinned else ())


def test_the_pinned_sum_is_that_of_the_root_onenet_mqtts():
    printed = (
        "7D:E9:BC:4C:1A:ED:01:34:46:67:64:56:78:D4:49:74"
        ":12:10:B1:70:49:48:98:38:BF:63:79:53:B3:E9:01:17"
    )
    assert (printed.replace(":", ""),) == FINGERPRINTS


def test_neither_the_params_nor_the_settings_show_a_secret():
    for codec in (thing(), legacy()):
        assert params(codec).password not in repr(params(codec))
