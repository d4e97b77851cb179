"""OneNET's tokens: the published vectors, byte for byte."""

import base64
import hashlib
import hmac
from urllib.parse import unquote

import pytest

from agent.clouds.onenet.token import FAR_FUTURE, decode_key, device_res, expiry_of, sign
from agent.errors import ConfigError
from tests.clouds.onenet_support import KEY as K1

K2 = "EnW4T71eIE55xOIQMN6pFMKuqel5T5HTzsGJRPiDhlM="
K3 = "DR883k7np7iYavEtpHeArHV86tUTEwKdNkC6gdee78I="
ODD = "adfasdfadsfadsf="
"""Of eleven bytes, and with bits beyond them."""
SAMPLE = "products/238322/devices/mqtts-test-device"
LATER = "products/Ck2AF9QD2K/devices/test"
OLD = "products/12342334/devices/test"

# key, res, expiry, method, version, the sign as it is transmitted
PUBLISHED = [
    (K3, SAMPLE, 1672735919, "md5", "2018-10-31", "TqXfglVQXI7rjbqw2EgW%2BQ%3D%3D"),
    (K2, SAMPLE, 7557387130, "sha1", "2018-10-31", "Rs0u%2FKnyoK5%2FMuKo5xKa0tW%2BWqY%3D"),
    (
        K1,
        LATER,
        32472115200,
        "sha256",
        "2018-10-31",
        "6Y4zbk3Sa89tRf9lMxCCE0jG74uEcEuu%2Fnly1pU9ADM%3D",
    ),
    (K1, LATER, 32472115200, "md5", "2018-10-31", "htDD26UhXtXayMFAWRmNiA%3D%3D"),
    (K1, LATER, 32472115200, "sha1", "2018-10-31", "onzQlILHFFNqIY%2BdOXYM3lthLT8%3D"),
    (K1, LATER, 32472115200, "MD5", "2018-10-31", "y215sMm9evP3NThz5QRsiA%3D%3D"),
    (
        K1,
        LATER,
        32472115200,
        "sha256",
        "2022-05-01",
        "N41Pmx3YpLyOoc9jtyCFPJX1etO8MxfcCr7xHYw40ws%3D",
    ),
    (ODD, OLD, 32472115200, "md5", "2018-10-31", "wZWDnoyHugla0wMlcl75xg%3D%3D"),
    (ODD, OLD, 32472115200, "sha1", "2018-10-31", "FHt8BqSNGv0VEJKbHN4zod6a69Q%3D"),
]


@pytest.mark.parametrize(("key", "res", "expiry", "method", "version", "signed"), PUBLISHED)
def test_the_published_signs_are_reproduced(key, res, expiry, method, version, signed):
    token = sign(decode_key(key), res=res, expiry=expiry, method=method, version=version)
    assert token.partition("&sign=")[2] == signed


def test_a_token_for_a_product_is_the_computed_one():
    token = sign(decode_key(K1), res="products/123123", expiry=1537255523, method="sha1")
    assert token == (
        "version=2018-10-31&res=products%2F123123&et=1537255523&method=sha1"
        "&sign=lsaPSiiGvEFFjXu5WU7a6IkScqE%3D"
    )


def test_a_token_of_another_version_and_resource_is_the_computed_one():
    token = sign(
        decode_key(K2),
        res="projectid/aBcDeF/groupid/g1",
        expiry=1893456000,
        method="sha256",
        version="2020-05-29",
    )
    assert token == (
        "version=2020-05-29&res=projectid%2FaBcDeF%2Fgroupid%2Fg1&et=1893456000&method=sha256"
        "&sign=CL3JCkwnZ78xwT8EIfhjL2y5cqupG2t6CpzcTix3le0%3D"
    )


def test_the_letter_case_of_the_method_is_signed_and_its_digest_is_the_same():
    token = sign(b"k", res="r", expiry=1, method="Sha256", version="v")
    assert "method=Sha256&" in token
    expected = hmac.new(b"k", b"1\nSha256\nr\nv", hashlib.sha256).digest()
    assert unquote(token).endswith(f"&sign={base64.b64encode(expected).decode()}")
    assert token != sign(b"k", res="r", expiry=1, method="sha256", version="v")


def test_values_are_escaped_once():
    token = sign(b"k", res="a b/?%#&=+-", expiry=1, version="v")
    assert "&res=a%20b%2F%3F%25%23%26%3D%2B-&" in token


@pytest.mark.parametrize(("text", "size"), [(K1, 32), (f" {K2}\n", 32), ("c2VjcmV0IGtleSE=", 11)])
def test_a_key_may_have_any_length(text, size):
    assert len(decode_key(text)) == size


@pytest.mark.parametrize("text", ["", "not base64!", "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw"])
def test_what_is_no_key_is_explained_and_not_shown(text):
    with pytest.raises(ConfigError, match="base64") as caught:
        decode_key(text)
    assert caught.value.__suppress_context__
    assert not text or text not in str(caught.value)


def test_a_token_holds_for_30_days_and_far_longer_while_the_clock_is_not_trusted():
    assert expiry_of(1_800_000_000.9) == 1_800_000_000 + 30 * 86_400
    assert expiry_of(None) == FAR_FUTURE == 2_524_579_200


def test_a_device_is_named_as_a_resource():
    assert device_res("238322", "mqtts-test-device") == SAMPLE
