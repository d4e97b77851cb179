import hashlib
import hmac
import ssl
from dataclasses import replace
from importlib import resources

import pytest

from agent.clouds.tencent.credentials import (
    FAR_FUTURE,
    Identity,
    connid_of,
    decode_secret,
    expiry_of,
    host_of,
    sign,
)
from agent.errors import ConfigError
from tests.clouds.support import SECRET, make_codec

USERNAME = "CS0SLTKSYAdev1;12010126;ZR5GT;2623045740"
NOT_DECODED = "674ec85ec6bd2de0328c0066a5d07b1a9251cd32e2702c13f92396a54b38b4de"


def identity(method="hmacsha256"):
    return Identity(
        product_id="CS0SLTKSYA", device_name="dev1", key=decode_secret(SECRET), method=method
    )


def test_the_secret_is_decoded_to_the_key_of_the_vector():
    assert decode_secret(SECRET).hex() == "2325e6516e6c53fab5be76f9cb34e479"


def test_the_password_is_that_of_the_vector():
    signed = sign(identity(), connid="ZR5GT", expiry=2623045740)
    assert signed.client_id == "CS0SLTKSYAdev1"
    assert signed.username == USERNAME
    assert signed.password == (
        "2debdc61b009ef8d09597f106f6f8ca36f101415459b0623780a81e711e7257c;hmacsha256"
    )


def test_a_secret_that_is_not_decoded_gives_another_password():
    assert hmac.new(SECRET.encode(), USERNAME.encode(), "sha256").hexdigest() == NOT_DECODED
    assert NOT_DECODED not in sign(identity(), connid="ZR5GT", expiry=2623045740).password


def test_sha1_is_named_behind_its_token():
    expected = hmac.new(decode_secret(SECRET), USERNAME.encode(), "sha1").hexdigest()
    signed = sign(identity("hmacsha1"), connid="ZR5GT", expiry=2623045740)
    assert signed.password == f"{expected};hmacsha1"


@pytest.mark.parametrize("secret", ["IyXmUW5sU/q1vnb5yzTkeQ", "not base64!", "", "=="])
def test_a_bad_secret_is_a_clear_error_that_does_not_show_it(secret):
    with pytest.raises(ConfigError, match="base64") as caught:
        decode_secret(secret)
    assert caught.value.__suppress_context__
    assert len(secret) < 3 or secret not in str(caught.value)


def test_a_secret_may_end_in_a_newline():
    assert decode_secret(SECRET + "\n") == decode_secret(SECRET)


def test_neither_credentials_nor_params_show_a_secret():
    signed = sign(identity(), connid="ZR5GT", expiry=1)
    token = signed.password.partition(";")[0]
    params = replace(make_codec().connect_params(None, "x"), password=signed.password)
    for shown in (repr(identity()), repr(signed), repr(params)):
        assert token not in shown
        assert repr(identity().key) not in shown


@pytest.mark.parametrize(
    ("nonce", "connid"), [("ZR5GTxyz", "ZR5GT"), ("a-b_c", "00abc"), ("", "00000"), ("é1", "00001")]
)
def test_a_connid_is_five_letters_and_digits(nonce, connid):
    assert connid_of(nonce) == connid


def test_an_untrusted_clock_signs_with_the_far_future():
    assert expiry_of(None) == FAR_FUTURE == 2**63 - 1
    assert expiry_of(1_800_000_000.9) == 1_800_086_400
    username = make_codec().connect_params(None, "abcde").username
    assert username.endswith(";abcde;9223372036854775807")


def test_every_connect_is_signed_anew():
    codec = make_codec()
    first, second = codec.connect_params(1e9, "aaaaa"), codec.connect_params(1e9, "bbbbb")
    assert first.username != second.username
    assert first.password != second.password


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("china", "CS0SLTKSYA.iotcloud.tencentdevices.com"),
        ("us-east", "CS0SLTKSYA.us-east.iotcloud.tencentdevices.com"),
        ("europe", "CS0SLTKSYA.europe.iothub.tencentdevices.com"),
        ("ap-bangkok", "CS0SLTKSYA.ap-bangkok.iothub.tencentdevices.com"),
    ],
)
def test_each_region_has_its_host(region, host):
    assert host_of("CS0SLTKSYA", region) == host
    assert make_codec(region=region).connect_params(None, "x").host == host


def test_tls_is_the_default_and_trusts_the_platforms_own_root():
    params = make_codec().connect_params(None, "x")
    assert params.port == 8883
    assert params.tls is not None
    assert params.tls.anchors == ("tencent-root.pem",)
    assert params.tls.verifies_host
    assert params.clean_session


def test_settings_reach_the_connection():
    codec = make_codec(
        host="broker.lan", port=18883, verify="ca-only", server_name="b", ca_file="/ca.pem"
    )
    params = codec.connect_params(None, "x")
    assert (params.host, params.port) == ("broker.lan", 18883)
    assert params.tls is not None
    assert (params.tls.verifies_host, params.tls.server_name) == (False, "b")
    assert params.tls.ca_file == "/ca.pem"
    plain = make_codec(tls=False).connect_params(None, "x")
    assert (plain.port, plain.tls) == (1883, None)


def test_what_is_not_there_yet_says_so():
    with pytest.raises(ConfigError, match="not yet"):
        make_codec(tls="psk")


def test_the_shipped_root_is_tencents():
    pem = resources.files("agent").joinpath("trust", "tencent-root.pem").read_text()
    fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    assert fingerprint == "3B1FA1E1149E3F3BD3722730DBEF9EB72EC4B9FD95553063A9C60BA62778E740"
