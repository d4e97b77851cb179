"""CONNECT of products with a thing model or data streams: all that the platform demands of it."""

import pytest

from agent.emulator.onenet import thing
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.onenet.thing import ThingPlatform
from agent.errors import ConfigError
from tests.emulator import probe
from tests.emulator.onenet import (
    CONNACK,
    DEVICE,
    KEY,
    NAME,
    OWN,
    PRODUCT,
    PRODUCT_KEY,
    SOCKET,
    login,
    make_datastream,
    make_thing,
    thing_device,
    token,
)
from tests.emulator.support import WALL, Core

REFUSED = (0x20, b"\x00\x04")
PLATFORMS = pytest.mark.parametrize("make", [make_thing, make_datastream])


@PLATFORMS
def test_a_good_login_is_let_in(make):
    core = Core(make())
    assert core.connect(1, **login()) == [CONNACK]
    assert core.closed == set()
    assert core.broker.session(core.platform.devices()[0]).clean


@pytest.mark.parametrize("key", [KEY, PRODUCT_KEY])
def test_the_token_of_a_device_takes_its_key_and_its_products(key):
    assert Core(make_thing()).connect(1, **login(password=token(key=key))) == [CONNACK]


def test_the_token_of_a_product_takes_the_products_key_only():
    good, bad = (token(res=f"products/{PRODUCT}", key=key) for key in (PRODUCT_KEY, KEY))
    assert Core(make_thing()).connect(1, **login(password=good)) == [CONNACK]
    assert Core(make_thing()).connect(1, **login(password=bad)) == [REFUSED]


def test_one_key_opens_product_and_device_where_no_other_is_known():
    password = token(res=f"products/{PRODUCT}")
    assert Core(make_thing()).connect(1, **login(client_id="dev2", password=password)) == [CONNACK]


@PLATFORMS
@pytest.mark.parametrize(
    ("code", "fields"),
    [
        (1101, {"client_id": ""}),
        (1101, {"username": ""}),
        (1101, {"password": ""}),
        (1103, {"password": "secret"}),
        (1103, {"password": token() + "&x=1"}),
        (1103, {"password": token(res="userid/1")}),
        (1103, {"password": token(res=f"products%2F{PRODUCT}%2Fdevices%2F{NAME}")}),
        (1104, {"password": token(et=int(WALL) - 1)}),
        (1106, {"password": token(key="AAAAAAAA")}),
        (1107, {"client_id": "dev9", "password": token(res=f"products/{PRODUCT}/devices/dev9")}),
        (
            1107,
            {"username": "OtherPid", "password": token(res=f"products/OtherPid/devices/{NAME}")},
        ),
        (1110, {"password": token(method="sha512", sign="x")}),
        (1111, {"password": token(version="2022-05-01")}),
        (1114, {"client_id": f"{PRODUCT}&{NAME}"}),
        (1114, {"username": "AnotherPid"}),
        (1114, {"password": token(res=f"products/{PRODUCT}/devices/dev2")}),
    ],
)
def test_every_bad_login_gets_4_and_the_log_says_why(make, code, fields):
    core = Core(make())
    assert core.connect(1, **login(**fields)) == [REFUSED]
    assert core.closed == {1}
    assert core.notes[-1].event == "session.refused"
    assert str(core.notes[-1].facts["reason"]).startswith(f"{code} ")


@PLATFORMS
@pytest.mark.parametrize(
    "fields",
    [
        {"clean": False},
        {"will": ("a", b"b")},
        {"level": 3, "name": "MQIsdp"},
        {"level": 5},
        {"keepalive": 0},
        {"keepalive": 9},
        {"keepalive": 1801},
    ],
)
def test_any_other_form_closes_without_a_word(make, fields):
    core = Core(make())
    assert core.connect(1, **login(**fields)) == []
    assert core.closed == {1}


@PLATFORMS
@pytest.mark.parametrize("missing", ["username", "password"])
def test_a_flag_that_is_missing_closes_without_a_word(make, missing):
    core = Core(make())
    assert core.connect(1, **(login() | {missing: None})) == []
    assert core.closed == {1}


@pytest.mark.parametrize("keepalive", [10, 60, 1800])
def test_every_keepalive_in_between_is_taken(keepalive):
    assert Core(make_thing()).connect(1, **login(keepalive=keepalive)) == [CONNACK]


def test_a_silent_device_is_closed_after_one_and_a_half_keepalives():
    core = thing_device(keepalive=10)
    core.wait(14.9)
    assert core.closed == set()
    core.wait(0.2)
    assert core.closed == {1}


def test_a_second_connect_closes():
    core = thing_device()
    assert core.say(1, probe.connect(**login())) == []
    assert core.closed == {1}


def test_a_newer_login_kicks_the_older_one_and_no_namesake_of_another_product():
    core = thing_device()
    other = token(res=f"products/AnotherPid/devices/{NAME}")
    assert core.connect(2, **login(username="AnotherPid", password=other)) == [CONNACK]
    assert core.closed == set()
    assert core.connect(3, **login()) == [CONNACK]
    assert core.closed == {1}


def test_too_many_logins_end_all_connections_and_keep_the_device_out_for_five_minutes():
    core = Core(make_thing(OnenetRules(logins_per_5s=3)))
    for number in (1, 2, 3):
        assert core.connect(number, **login()) == [CONNACK]
    assert core.connect(4, **login()) == []
    assert core.closed == {1, 2, 3, 4}
    core.wait(299)
    assert core.connect(5, **login()) == [], "a ban is not answered"
    core.wait(1)
    assert core.connect(6, **login()) == [CONNACK]


def test_refused_logins_count_and_slow_ones_do_not():
    core = Core(make_thing(OnenetRules(logins_per_5s=2)))
    for number in range(10):
        assert core.connect(number, **login()) == [CONNACK]
        core.wait(2.5)
    core.wait(5)
    assert [core.connect(20 + n, **login(password="x")) for n in range(3)] == [[REFUSED]] * 2 + [[]]
    assert core.platform.describe(DEVICE)["refusals"] == 3
    assert core.platform.describe(DEVICE)["connects"] == 10


def test_logins_are_not_limited_unless_that_is_asked_for():
    core = Core(make_thing())
    for number in range(30):
        assert core.connect(number, **login()) == [CONNACK]


def test_a_bad_key_in_a_registration_is_an_error_that_hides_it():
    for secrets in ({"secret": "n!"}, {"secret": KEY, "product_secret": "n!"}):
        with pytest.raises(ConfigError) as caught:
            thing.register(PRODUCT, NAME, model=SOCKET, **secrets)
        assert "n!" not in str(caught.value)


def test_no_repr_and_no_refusal_holds_a_secret():
    registration = thing.register(PRODUCT, NAME, KEY, SOCKET)
    platform = ThingPlatform([registration], nonce="test")
    core = Core(platform)
    password = token(key="AAAAAAAA")
    core.connect(1, **login(password=password))
    for text in (repr(registration), repr(vars(platform)), repr(core.notes), str(core.notes)):
        assert KEY not in text
        assert password not in text
        assert "sign=" not in text


def test_each_device_is_described_and_listed():
    platform = make_thing()
    assert platform.devices()[0] == DEVICE
    assert len(platform.devices()) == 3
    assert f"$sys/{DEVICE.product}/{DEVICE.name}/" == OWN
