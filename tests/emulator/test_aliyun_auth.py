"""Who may come in, and the CONNACK code of everyone else."""

import dataclasses

import pytest

from agent.emulator.aliyun.auth import ConnackCodes, read_secret, sign
from agent.emulator.aliyun.login import read_login
from agent.emulator.aliyun.platform import AliyunPlatform, register
from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.packets import Connect
from agent.emulator.platform import Refused
from agent.emulator.values import DeviceKey
from agent.errors import ConfigError
from tests.emulator import probe
from tests.emulator.aliyun import CONNACK, DEVICE, SECRET, SOCKET, login, make_platform
from tests.emulator.support import Core

SDK_CLIENT_ID = (
    "a1TestPK001&socket-01|securemode=3,signmethod=hmacsha1,ext=1,_ss=1,lan=Python,"
    "_v=1.2.13,timestamp=1700000000|"
)
SDK_PASSWORD = "8da0e25546352810326f45a4c89dfc559b300530"


def connack(rules=None, *, is_tls=False, **fields):
    """Return the CONNACK code of a login."""
    core = Core(make_platform(rules))
    core.heard[1] = bytearray()
    core._perform(core.broker.open(1, core.at, is_tls=is_tls))
    ((head, body),) = core.say(1, probe.connect(**fields))
    assert head == 0x20
    assert (1 in core.closed) is (body[1] != 0)
    return body[1]


def test_the_official_vector_is_the_password():
    device = DeviceKey(cloud="aliyun", product="pk", name="device")
    found = read_login("12345|signmethod=hmacsha1,timestamp=789|")
    assert sign(b"secret", device, found).upper() == b"FAFD82A3D602B37FB0FA8B7892F24A477F851A14"


def test_the_official_vector_logs_in():
    platform = AliyunPlatform([register("pk", "device", "secret", SOCKET)], nonce="")
    core = Core(platform)
    assert core.connect(
        1,
        client_id="12345|timestamp=789,securemode=3,signmethod=hmacsha1|",
        username="device&pk",
        password="FAFD82A3D602B37FB0FA8B7892F24A477F851A14",
    ) == [CONNACK]


def test_the_official_python_sdks_connect_is_let_in():
    packet = probe.connect(SDK_CLIENT_ID, username="socket-01&a1TestPK001", password=SDK_PASSWORD)
    assert b"\x00\x04MQTT\x04\xc2\x00\x3c" in packet
    core = Core(make_platform())
    core.open(1)
    assert core.say(1, packet) == [CONNACK]


@pytest.mark.parametrize(
    "extra",
    ["ext=1,_ss=1,lan=Python,_v=1.2.13,sii=eth|00:11:22:33:44:55", "sii=||,mid=x,os", ""],
)
def test_a_bar_within_the_extension_parameters_is_part_of_them(extra):
    assert connack(**login(extra=extra)) == 0


def test_the_c_sdks_connect_is_let_in_with_its_digits_in_upper_case():
    given = login(timestamp="2524608000000", extra="_ss=1,_v=sdk-c-4.2.0,ext=3")
    given["password"] = given["password"].upper()
    given["client_id"] = (
        "a1TestPK001.socket-01|timestamp=2524608000000,_ss=1,_v=sdk-c-4.2.0,"
        "securemode=2,signmethod=hmacsha256,ext=3,|"
    )
    assert connack(**given) == 0


@pytest.mark.parametrize("method", [None, "hmacmd5", "hmacsha1", "hmacsha256"])
@pytest.mark.parametrize("timestamp", [None, "1700000000", "2524608000000", "later"])
@pytest.mark.parametrize("client_id", ["x", "a1TestPK001.socket-01", "a1TestPK001&socket-01"])
def test_every_form_of_a_good_login_is_let_in(method, timestamp, client_id):
    assert connack(**login(method=method, timestamp=timestamp, client_id=client_id)) == 0


@pytest.mark.parametrize(
    ("expected", "change"),
    [
        (2, {"client_id": "a1TestPK001.socket-01"}),
        (2, {"client_id": "a1TestPK001.socket-01|"}),
        (2, {"client_id": "|securemode=3|"}),
        (2, {"client_id": "x|securemode=3|tail"}),
        (2, {"client_id": "x" * 65 + "|securemode=3|"}),
        (2, {"keepalive": 29}),
        (2, {"keepalive": 0}),
        (2, {"keepalive": 1201}),
        (4, {"username": None, "password": None}),
        (4, {"username": "socket-01"}),
        (4, {"username": "&a1TestPK001"}),
        (4, {"username": "socket-01&"}),
        (4, {"username": "socket-01&a1TestPK002"}),
        (4, {"username": "socket-99&a1TestPK001"}),
        (4, {"password": ""}),
        (4, {"password": b"\xff\xfe"}),
        (4, {"password": "0" * 64}),
        (4, {"client_id": "a1TestPK001.socket-01|signmethod=sha256|"}),
        (4, {"client_id": "a1TestPK001.socket-01|securemode=3|"}),
        (4, {"client_id": "a1TestPK001.socket-01|signmethod=hmacsha256,timestamp=1|"}),
        (4, {"client_id": "other|signmethod=hmacsha256|"}),
    ],
)
def test_every_bad_login_has_its_code(expected, change):
    assert connack(**(login() | change)) == expected


def test_a_login_without_a_password_is_refused():
    assert connack(**(login() | {"password": None})) == 4


@pytest.mark.parametrize("keepalive", [30, 300, 1200])
def test_a_keepalive_from_30_to_1200_is_taken(keepalive):
    assert connack(**login(keepalive=keepalive)) == 0


def test_a_long_keepalive_can_count_as_1200():
    core = Core(make_platform(AliyunRules(rejects_long_keepalive=False)))
    assert core.connect(1, **login(keepalive=60_000)) == [CONNACK]
    assert core.broker.session(DEVICE).keepalive_s == 1200
    core.wait(1799)
    assert not core.closed
    core.wait(2)
    assert core.closed == {1}


@pytest.mark.parametrize(
    ("is_tls", "securemode", "expected"),
    [(False, "3", 0), (False, "2", 4), (True, "2", 0), (True, "3", 4), (True, "", 4)],
)
def test_securemode_counts_only_where_it_is_enforced(is_tls, securemode, expected):
    given = login()
    given["client_id"] = given["client_id"].replace("securemode=3", f"securemode={securemode}")
    assert connack(is_tls=is_tls, **given) == 0
    rules = AliyunRules(enforces_securemode=True)
    assert connack(rules, is_tls=is_tls, **given) == expected


@pytest.mark.parametrize("name", ["disable", "delete"])
def test_a_device_that_is_not_enabled_is_refused_until_it_is(name):
    core = Core(make_platform())
    core.platform.notify(DEVICE, name)
    assert core.connect(1, **login()) == [(0x20, b"\x00\x05")]
    core.platform.notify(DEVICE, "enable")
    assert core.connect(2, **login()) == [CONNACK]


def test_connects_can_be_limited_to_five_a_minute():
    core = Core(make_platform(AliyunRules(connects_per_minute=5)))
    for number in range(5):
        assert core.connect(number, **login(secret="wrong")) == [(0x20, b"\x00\x04")]
        core.wait(10)
    assert core.connect(5, **login()) == [(0x20, b"\x00\x05")]
    assert core.connect(6, **login(name="socket-02")) == [CONNACK], "each device counts alone"
    core.wait(10)
    assert core.connect(7, **login()) == [CONNACK]


def test_who_comes_too_often_can_be_closed_without_a_word():
    rules = AliyunRules(connects_per_minute=1, codes=ConnackCodes(too_often=None))
    core = Core(make_platform(rules))
    assert core.connect(1, **login()) == [CONNACK]
    assert core.connect(2, **login()) == []
    assert core.closed == {2}, "and the session that is there stays"


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(ConnackCodes)])
def test_every_code_can_be_chosen(name):
    codes = dataclasses.replace(ConnackCodes(), **{name: 77})
    rules = AliyunRules(codes=codes, enforces_securemode=True, connects_per_minute=2)
    change = {
        "client_id": {"client_id": "x"},
        "keepalive": {"keepalive": 5},
        "username": {"username": "x"},
        "unknown": {"username": "x&y"},
        "signature": {"password": "00"},
        "securemode": {"client_id": login()["client_id"].replace("=3,_", "=2,_")},
    }.get(name, {})
    core = Core(make_platform(rules))
    if name == "disabled":
        core.platform.notify(DEVICE, "disable")
    if name == "too_often":
        core.connect(8, **login())
        core.connect(9, **login())
    assert core.connect(1, **(login() | change)) == [(0x20, b"\x00\x4d")]


def test_a_newer_login_kicks_the_older_whatever_its_client_id():
    core = Core(make_platform())
    assert core.connect(1, **login(timestamp="1")) == [CONNACK]
    assert core.connect(2, **login(client_id="other", timestamp="2")) == [CONNACK]
    assert core.closed == {1}


@pytest.mark.parametrize("text", ["", "x" * 65, "two words", "密码", "tab\t"])
def test_a_bad_secret_is_refused_without_being_shown(text):
    with pytest.raises(ConfigError) as caught:
        read_secret(text)
    assert not text or text not in str(caught.value)


def test_no_refusal_and_no_repr_holds_a_secret():
    platform = make_platform()
    given = login(secret="wrong")
    connect = Connect(
        protocol_level=4,
        client_id=given["client_id"],
        keepalive_s=60,
        is_clean=True,
        username=given["username"],
        password=given["password"].encode(),
    )
    verdict = platform.authenticate(connect, Core(platform).at)
    assert isinstance(verdict, Refused)
    registration = register("a1TestPK001", "x", SECRET, SOCKET)
    for text in (repr(vars(platform)), repr(verdict), repr(connect), repr(registration)):
        assert SECRET not in text
        assert given["password"] not in text


@pytest.mark.parametrize(
    ("client_id", "is_extended"),
    [
        ("x|ext=1|", True),
        ("x|ext=3|", True),
        ("x|ext=2|", False),
        ("x|ext=|", False),
        ("x|ext=²|", False),
        ("x|ext=" + "1" * 5000 + "|", False),
        ("x||", False),
    ],
)
def test_bit_0_of_ext_asks_for_extended_calls(client_id, is_extended):
    assert read_login(client_id).takes_extended_rrpc is is_extended
