from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.emulator.onenet.token import (
    Resource,
    TokenError,
    check_token,
    read_resource,
    read_secret,
    read_token,
    sign,
)
from agent.emulator.values import Instant
from agent.errors import ConfigError
from tests.emulator.onenet import KEY, NAME, PRODUCT, PRODUCT_KEY, signature, token
from tests.emulator.support import WALL

K3 = "DR883k7np7iYavEtpHeArHV86tUTEwKdNkC6gdee78I="
AT = Instant(0.0, WALL)
RES = f"products/{PRODUCT}/devices/{NAME}"
QUOTED = RES.replace("/", "%2F")
MQTTS = "products/238322/devices/mqtts-test-device"
VECTORS = [
    pytest.param(K3, MQTTS, "1672735919", "md5", "TqXfglVQXI7rjbqw2EgW%2BQ%3D%3D", id="P1"),
    pytest.param(
        PRODUCT_KEY, MQTTS, "7557387130", "sha1", "Rs0u%2FKnyoK5%2FMuKo5xKa0tW%2BWqY%3D", id="P2"
    ),
    pytest.param(
        KEY,
        "products/Ck2AF9QD2K/devices/test",
        "32472115200",
        "sha256",
        "6Y4zbk3Sa89tRf9lMxCCE0jG74uEcEuu%2Fnly1pU9ADM%3D",
        id="P5",
    ),
    pytest.param(
        KEY, "products/123123", "1537255523", "sha1", "lsaPSiiGvEFFjXu5WU7a6IkScqE%3D", id="N4"
    ),
]


def check(text, key=KEY, at=AT):
    check_token(read_token(text.encode()), [read_secret(key)], at)


def refusal(text, key=KEY, at=AT):
    with pytest.raises(TokenError) as caught:
        check(text, key, at)
    assert str(caught.value).startswith(str(caught.value.code))
    return caught.value.code


@pytest.mark.parametrize(("key", "res", "et", "method", "encoded"), VECTORS)
def test_every_published_vector_is_let_in_while_it_is_valid(key, res, et, method, encoded):
    text = f"version=2018-10-31&res={res.replace('/', '%2F')}&et={et}&method={method}"
    check(f"{text}&sign={encoded}", key, Instant(0.0, float(et)))
    assert refusal(f"{text}&sign={encoded}", key, Instant(0.0, float(et) + 1)) == 1104
    assert refusal(f"{text}&sign={encoded[:-7]}AAAA%3D", key, Instant(0.0, 0.0)) == 1106


def test_the_documents_own_full_token_is_read_as_they_write_it():
    found = read_token(
        b"version=2018-10-31&res=products%2F123123&et=1537255523&method=sha1"
        b"&sign=lsaPSiiGvEFFjXu5WU7a6IkScqE%3D"
    )
    assert (found.res, found.sign) == ("products/123123", "lsaPSiiGvEFFjXu5WU7a6IkScqE=")


def test_the_order_is_free_and_values_need_no_encoding():
    parts = token(is_encoded=False).split("&")
    check("&".join(reversed(parts)))
    check("&".join(sorted(parts)))


@pytest.mark.parametrize("method", ["md5", "sha1", "sha256", "MD5", "SHA256", "Sha1"])
def test_the_letters_of_the_method_are_signed_as_they_stand(method):
    check(token(method=method))


def test_the_letter_case_of_the_method_changes_the_signature():
    fields = {"et": "1", "res": "products/1", "version": "2018-10-31"}
    key = read_secret(KEY)
    assert sign(key, method="SHA256", **fields) != sign(key, method="sha256", **fields)


def test_a_key_of_eleven_bytes_works():
    key = "MTIzNDU2Nzg5MDE="
    assert len(read_secret(key)) == 11
    check(token(key=key), key)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (1103, ""),
        (1103, "x"),
        (1103, token() + "&x=1"),
        (1103, token() + "&et=1"),
        (1103, token().replace("&method=sha256", "")),
        (1103, token(et="soon", sign="x")),
        (1103, token(et="-1", sign="x")),
        (1103, token(et="9" * 21, sign="x")),
        (1103, token(et="", sign="x")),
        (1104, token(et=int(WALL) - 1)),
        (1106, token(key=PRODUCT_KEY)),
        (1106, token(sign="")),
        (1106, token(sign="ü")),
        (1106, token(sign=signature(KEY, int(WALL) + 3600, "SHA256", RES, "2018-10-31"))),
        (1106, token(sign=signature(KEY, int(WALL) + 3600, "sha256", QUOTED, "2018-10-31"))),
        (1110, token(method="sha512", sign="x")),
        (1111, token(version="2020-05-29")),
        (1111, token(version="2022-05-01")),
    ],
)
def test_every_bad_token_has_the_code_of_the_device_log(code, text):
    assert refusal(text) == code


def test_a_token_that_is_not_utf8_is_refused():
    with pytest.raises(TokenError) as caught:
        read_token(b"\xff")
    assert caught.value.code == 1103


def test_a_resource_is_a_product_or_a_device():
    assert read_resource(f"products/{PRODUCT}") == Resource(PRODUCT, None)
    assert read_resource(f"products/{PRODUCT}/devices/{NAME}") == Resource(PRODUCT, NAME)


@pytest.mark.parametrize(
    "res",
    [
        "",
        "products",
        "products/",
        "products//devices/x",
        "products/p/devices/",
        "userid/1",
        "a/b/c",
    ],
)
def test_any_other_resource_is_refused(res):
    with pytest.raises(TokenError) as caught:
        read_resource(res)
    assert caught.value.code == 1103


@pytest.mark.parametrize("text", ["", "AAA", "not base64!", "A" * 260, KEY[:-1], KEY + " "])
def test_a_bad_key_is_refused_without_being_shown(text):
    with pytest.raises(ConfigError) as caught:
        read_secret(text)
    assert not text or text not in str(caught.value)


def test_no_repr_holds_a_signature():
    found = read_token(token().encode())
    assert found.sign not in repr(found)


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reader(data):
    with suppress(TokenError):
        check_token(read_token(data), [b"k"], AT)


@given(st.lists(st.sampled_from(token().split("&")), max_size=7), st.text(max_size=3))
def test_no_mixture_of_fields_breaks_the_reader(parts, text):
    with suppress(TokenError):
        check_token(read_token(("&".join(parts) + text).encode(errors="replace")), [b"k"], AT)
