import dataclasses

import pytest

from agent.emulator.packets import Connect
from agent.emulator.platform import Admitted, Refused
from agent.emulator.tencent.auth import ConnackCodes, read_secret, sign
from agent.emulator.tencent.rules import TencentRules
from agent.errors import ConfigError
from tests.emulator import probe
from tests.emulator.support import CLIENT_ID, SECRET, WALL, Core, login, make_tencent

CONNACK = (0x20, b"\x00\x00")


def code(rules=None, **fields):
    """Return the CONNACK code of a login."""
    ((head, body),) = Core(make_tencent(rules)).connect(1, **login(**fields))
    assert head == 0x20
    return body[1]


def test_the_published_vector_is_the_password():
    username = "CS0SLTKSYAdev1;12010126;ZR5GT;2623045740"
    assert sign(read_secret(SECRET), username, b"hmacsha256") == (
        b"2debdc61b009ef8d09597f106f6f8ca36f101415459b0623780a81e711e7257c;hmacsha256"
    )


@pytest.mark.parametrize("method", ["hmacsha256", "hmacsha1"])
@pytest.mark.parametrize("sdkappid", ["12010126", "21010406", "0"])
@pytest.mark.parametrize(
    "expiry", [int(WALL) + 1, 2_147_483_647, 1_700_000_000_000, 9_223_372_036_854_775_807]
)
def test_every_form_of_a_good_login_is_let_in(method, sdkappid, expiry):
    assert code(method=method, sdkappid=sdkappid, expiry=expiry) == 0


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        (2, {"name": "CS0SLTKSYAdev2"}),
        (2, {"name": ""}),
        (3, {"client_id": "CS0SLTKSYAdev9"}),
        (4, {"expiry": int(WALL) - 1}),
        (4, {"expiry": ""}),
        (4, {"expiry": "soon"}),
        (4, {"expiry": "9" * 21}),
        (4, {"expiry": "1;2"}),
        (4, {"connid": ""}),
        (4, {"sdkappid": "x"}),
        (4, {"username": None, "password": None}),
        (4, {"username": CLIENT_ID}),
        (4, {"password": None}),
        (4, {"password": "00;hmacmd5"}),
        (4, {"password": b"\xff\xfe"}),
        (5, {"password": "00;hmacsha256"}),
        (5, {"password": "ü;hmacsha1"}),
        (5, {"secret": "AAAAAAAAAAAAAAAAAAAAAA=="}),
        (5, {"keepalive": 901}),
    ],
)
def test_every_bad_login_has_its_code(expected, fields):
    given = login(**{k: v for k, v in fields.items() if k not in {"username", "password"}})
    given |= {k: v for k, v in fields.items() if k in {"username", "password"}}
    core = Core(make_tencent())
    assert core.connect(1, **given) == [(0x20, bytes((0, expected)))]
    assert core.closed == {1}


def test_the_secret_that_was_not_decoded_is_refused():
    username = "CS0SLTKSYAdev1;12010126;ZR5GT;2623045740"
    token = "674ec85ec6bd2de0328c0066a5d07b1a9251cd32e2702c13f92396a54b38b4de"
    core = Core(make_tencent())
    packets = core.connect(
        1, client_id=CLIENT_ID, username=username, password=f"{token};hmacsha256"
    )
    assert packets == [(0x20, b"\x00\x05")]


def test_keepalive_900_and_0_are_taken():
    assert code(keepalive=900) == 0
    assert code(keepalive=0) == 0


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(ConnackCodes)])
def test_every_code_can_be_chosen(name):
    rules = TencentRules(codes=dataclasses.replace(ConnackCodes(), **{name: 77}))
    fields = {
        "client_id": {"name": "other"},
        "unknown": {"client_id": "CS0SLTKSYAdev9"},
        "expired": {"expiry": 1},
        "malformed": {"expiry": "x"},
        "signature": {"secret": "AAAAAAAAAAAAAAAAAAAAAA=="},
        "keepalive": {"keepalive": 901},
    }
    if name in fields:
        assert code(rules, **fields[name]) == 77


def test_connects_can_be_limited_to_one_in_five_seconds():
    core = Core(make_tencent(TencentRules(connect_interval_s=5)))
    assert core.connect(1, **login()) == [CONNACK]
    core.wait(4)
    assert core.connect(2, **login()) == [(0x20, b"\x00\x03")]
    core.wait(4)
    assert core.connect(3, **login()) == [(0x20, b"\x00\x03")], "a refused CONNECT counts too"
    core.wait(5)
    assert core.connect(4, **login()) == [CONNACK]


def test_the_official_python_sdks_connect_is_let_in():
    fields = login(sdkappid="21010406", expiry=1_628_646_783_000, method="hmacsha1")
    packet = probe.connect(**fields, name="MQIsdp", level=3)
    assert b"\x00\x06MQIsdp\x03\xc2\x00\x3c" in packet
    core = Core(make_tencent())
    core.open(1)
    assert core.say(1, packet) == [CONNACK]


@pytest.mark.parametrize("text", ["", "AAA", "not base64!", "A" * 68, "IyXmUW5sU/q1vnb5yzTkeQ"])
def test_a_bad_secret_is_refused_without_being_shown(text):
    with pytest.raises(ConfigError) as caught:
        read_secret(text)
    assert not text or text not in str(caught.value)


def test_no_refusal_and_no_repr_holds_a_secret():
    platform = make_tencent()
    shown = repr(platform.devices()) + repr(vars(platform))
    fields = login(secret="AAAAAAAAAAAAAAAAAAAAAA==")
    connect = Connect(
        protocol_level=4,
        client_id=CLIENT_ID,
        keepalive_s=60,
        is_clean=True,
        username=fields["username"],
        password=fields["password"].encode(),
    )
    verdict = platform.authenticate(connect, Core(platform).at)
    assert isinstance(verdict, Refused)
    assert not isinstance(verdict, Admitted)
    for text in (shown, repr(verdict), repr(connect)):
        assert SECRET not in text
        assert fields["password"] not in text
        assert repr(read_secret(SECRET)) not in text
