import hashlib
import hmac
import ssl
from importlib import resources

import pytest

from agent import __version__
from agent.clouds.aliyun.codec import AliyunCodec
from agent.clouds.aliyun.credentials import Identity, host_of, parameters_of, sign
from agent.devices.socket.thing_table import SOCKET
from agent.errors import ConfigError
from tests.clouds.aliyun_device import DN, PK, SECRET, make_codec, pasted_settings

V1 = (
    f"{PK}&{DN}|securemode=3,signmethod=hmacsha1,ext=1,_ss=1,lan=Python,_v=1.2.13,"
    "timestamp=1700000000|"
)
PASTED = {
    "clientId": "k19g7hBjoOD.testdevice1|securemode=2,signmethod=hmacsha256,"
    "timestamp=1729065411543|",
    "username": "testdevice1&k19g7hBjoOD",
    "mqttHostUrl": "iot-06z00d9jq7p2pgk.mqtt.iothub.aliyuncs.com",
    "passwd": "7b2e3f79724bdb04e581d822a04044129a11c8cd4e8fc4bdfec69ee335de7e05",
    "port": 1883,
}


def official(method):
    return Identity(product_key="pk", device_name="device", secret="secret", method=method)


def test_the_password_is_that_of_the_official_vector():
    signed = sign(official("hmacsha1"), client_id="12345", timestamp="789")
    assert signed.password.upper() == "FAFD82A3D602B37FB0FA8B7892F24A477F851A14"
    assert signed.username == "device&pk"
    assert signed.client_id == "12345|securemode=2,signmethod=hmacsha1,timestamp=789|"


def test_the_login_is_that_of_the_official_sdk():
    identity = Identity(product_key=PK, device_name=DN, secret=SECRET, method="hmacsha1")
    signed = sign(
        identity,
        client_id=f"{PK}&{DN}",
        is_tls=False,
        extensions=("ext=1", "_ss=1", "lan=Python", "_v=1.2.13"),
        timestamp="1700000000",
    )
    assert signed.client_id == V1
    assert signed.username == "socket-01&a1TestPK001"
    assert signed.password == "8da0e25546352810326f45a4c89dfc559b300530"


@pytest.mark.parametrize(
    ("method", "timestamp", "password"),
    [
        ("hmacmd5", "32472115200", "16CB9B20009795D576E9172CDC820646"),
        ("hmacsha1", "32472115200", "4E5358D2C33CA163BDA58EC994B9E312712230C7"),
        (
            "hmacsha256",
            "32472115200",
            "2842DC9F2FBA19C671DD3F4D24590D41F91C25FD9BC4E5101951BEA88B7DEACD",
        ),
        ("hmacmd5", "1700000000", "21FAD88809E6E674A0BC8D43D6FD1889"),
        ("hmacsha1", "1700000000", "501B3E054A929A0158D8E34826A224C1B9E967E3"),
    ],
)
def test_the_password_is_that_of_a_test_vector_that_others_publish(method, timestamp, password):
    identity = Identity(
        product_key="123456789",
        device_name="abcdefg",
        secret="Y877Bgo8X5owd3lcB5wWDjryNPoB",
        method=method,
    )
    assert sign(identity, timestamp=timestamp).password.upper() == password


def test_neither_transport_nor_extensions_are_signed():
    identity = Identity(product_key=PK, device_name=DN, secret=SECRET)
    passwords = {
        sign(identity, is_tls=is_tls, extensions=extensions).password
        for is_tls in (True, False)
        for extensions in ((), ("_ss=1", "sii=eth|00:11"))
    }
    assert len(passwords) == 1


@pytest.mark.parametrize("method", ["hmacsha256", "hmacsha1", "hmacmd5"])
@pytest.mark.parametrize("timestamp", [None, "2524608000000"])
def test_a_timestamp_stands_in_both_or_in_neither(method, timestamp):
    content = "clientIdpk.devicedeviceNamedeviceproductKeypk"
    content += f"timestamp{timestamp}" if timestamp else ""
    signed = sign(official(method), timestamp=timestamp)
    digest = hmac.new(b"secret", content.encode(), method.removeprefix("hmac")).hexdigest()
    assert signed.password == digest
    assert ("timestamp" in signed.client_id) is (timestamp is not None)
    assert f"signmethod={method}" in signed.client_id


def test_a_client_id_is_read_from_its_first_bar_to_its_last():
    read = parameters_of("pk&dn|securemode=2,sii=eth|00:11,_ss=1|")
    assert read == {"securemode": "2", "sii": "eth|00:11", "_ss": "1"}
    assert parameters_of("pk.dn") == {}
    assert parameters_of("pk.dn|odd|") == {}


def test_an_instance_has_a_host_of_its_own():
    assert host_of("pk", "iot-x", "cn-shanghai") == "iot-x.mqtt.iothub.aliyuncs.com"
    assert host_of("pk", None, "us-west-1") == "pk.iot-as-mqtt.us-west-1.aliyuncs.com"


def test_the_agent_logs_in_with_tls_and_asks_for_the_system_topics():
    params = make_codec(instance_id="iot-x").connect_params(None, "nonce")
    assert params.host == "iot-x.mqtt.iothub.aliyuncs.com"
    assert (params.port, params.keepalive_s, params.clean_session) == (8883, 60, True)
    assert params.client_id == (
        f"{PK}.{DN}|securemode=2,signmethod=hmacsha256,ext=1,_ss=1,lan=Python,"
        f"_v=polycloud-{__version__}|"
    )
    content = f"clientId{PK}.{DN}deviceName{DN}productKey{PK}"
    assert params.password == hmac.new(SECRET.encode(), content.encode(), "sha256").hexdigest()
    assert params.tls is not None
    assert params.tls.anchors == ("aliyun-iot-root.pem", "globalsign-root-r1.pem")


def test_an_agent_that_subscribes_asks_for_no_system_topics():
    params = make_codec(system_topics="subscribe").connect_params(None, "nonce")
    assert "_ss" not in params.client_id
    assert "ext" not in params.client_id


def test_settings_reach_the_connection():
    codec = make_codec(
        host="broker.lan",
        port=18883,
        server_name="b",
        ca_file="/ca.pem",
        keepalive_s=300,
        method="hmacmd5",
        region="us-west-1",
    )
    params = codec.connect_params(1e9, "x")
    assert (params.host, params.port, params.keepalive_s) == ("broker.lan", 18883, 300)
    assert "signmethod=hmacmd5" in params.client_id
    assert params.tls is not None
    assert (params.tls.server_name, params.tls.ca_file) == ("b", "/ca.pem")
    plain = make_codec(tls=False, region="us-west-1").connect_params(1e9, "x")
    assert (plain.host, plain.port) == (f"{PK}.iot-as-mqtt.us-west-1.aliyuncs.com", 1883)
    assert plain.tls is None
    assert "securemode=3" in plain.client_id


def test_without_the_host_name_only_the_private_root_is_trusted():
    tls = make_codec(verify="ca-only").connect_params(None, "x").tls
    assert tls is not None
    assert (tls.anchors, tls.verifies_host) == (("aliyun-iot-root.pem",), False)


def test_what_the_console_shows_logs_in_as_it_was_pasted():
    codec = AliyunCodec(pasted_settings(PASTED, tls=False), SOCKET)
    params = codec.connect_params(None, "x")
    assert (params.host, params.port) == (PASTED["mqttHostUrl"], 1883)
    assert (params.client_id, params.username) == (PASTED["clientId"], PASTED["username"])
    assert (params.password, params.tls) == (PASTED["passwd"], None)


def test_host_and_port_stand_over_what_was_pasted():
    codec = AliyunCodec(pasted_settings(PASTED, host="127.0.0.1", port=18883), SOCKET)
    params = codec.connect_params(None, "x")
    assert (params.host, params.port) == ("127.0.0.1", 18883)
    assert params.tls is not None


def test_pasted_parameters_without_tls_need_tls_false():
    plain = PASTED | {"clientId": "a.b|securemode=3,signmethod=hmacsha1|"}
    with pytest.raises(ConfigError, match=r"securemode=3.*tls = false") as caught:
        AliyunCodec(pasted_settings(plain), SOCKET)
    assert PASTED["passwd"] not in str(caught.value)
    AliyunCodec(pasted_settings(plain, tls=False), SOCKET)


def test_pasted_parameters_that_nobody_checked_are_a_config_error():
    with pytest.raises(ConfigError, match="passwd is missing"):
        AliyunCodec(pasted_settings({**PASTED, "passwd": None}), SOCKET)


def test_nothing_shows_a_secret():
    codec = make_codec()
    params = codec.connect_params(None, "x")
    identity = official("hmacsha1")
    shown = repr(params) + repr(sign(identity)) + repr(identity)
    assert params.password not in shown
    assert "'secret'" not in shown
    pasted = pasted_settings(PASTED)
    assert PASTED["passwd"] not in repr(pasted) + repr(pasted.pasted)


@pytest.mark.parametrize(
    ("file", "fingerprint"),
    [
        (
            "globalsign-root-r1.pem",
            "EBD41040E4BB3EC742C9E381D31EF2A41A48B6685C96E7CEF3C1DF6CD4331C99",
        ),
        (
            "aliyun-iot-root.pem",
            "7CA438A3976B5242D231F861499822DA855831382735836B361E7E9715661676",
        ),
    ],
)
def test_the_shipped_roots_are_the_platforms(file, fingerprint):
    pem = resources.files("agent").joinpath("trust", file).read_text()
    assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper() == fingerprint
