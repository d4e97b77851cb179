"""`[clouds.aliyun]`: a device by the JSON that the console shows."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.settings.clouds.pasted import read_mqtt_params
from agent.settings.load import load
from tests.settings.aliyun_files import (
    BY_FILE,
    DEVICE,
    PASSWORD,
    PASTED,
    SECRET,
    only,
    section,
    write,
)

BY_JSON = DEVICE + 'mqtt_params_file = "aliyun.json"\n'


@pytest.mark.parametrize("text", [PASTED, "\ufeff" + PASTED.replace("1883", '"1883"')])
def test_a_device_is_named_by_what_the_console_shows(tmp_path: Path, text: str):
    write(tmp_path, text, "aliyun.json")
    cloud = section(write(tmp_path, BY_JSON, mode=0o644))
    pasted = cloud.pasted
    assert pasted is not None
    assert pasted.client_id.startswith("k19g7hBjoOD.testdevice1|securemode=2,")
    assert (pasted.username, pasted.password) == ("testdevice1&k19g7hBjoOD", PASSWORD)
    assert (pasted.host, pasted.port) == ("iot-06z00d9jq7p2pgk.mqtt.iothub.aliyuncs.com", 1883)
    assert cloud.identity == ("k19g7hBjoOD", "testdevice1")
    assert PASSWORD not in repr(cloud) + repr(pasted)


def test_the_json_may_stand_in_the_configuration_or_a_variable(tmp_path: Path):
    flat = PASTED.replace("\n", " ").strip()
    path = write(tmp_path, DEVICE + f"mqtt_params = '{flat}'\n")
    assert section(path).identity == ("k19g7hBjoOD", "testdevice1")
    path.chmod(0o644)
    assert only(path).allowed == "mode 0600"
    other = write(tmp_path, DEVICE + 'mqtt_params_file = "nowhere"\n')
    variable = {"POLYCLOUD_CLOUDS__ALIYUN__MQTT_PARAMS": flat}
    assert section(other, **variable).identity == ("k19g7hBjoOD", "testdevice1")


def test_a_file_with_the_json_that_others_may_read_gives_a_warning(tmp_path: Path):
    path = write(tmp_path, PASTED, "aliyun.json", 0o644)
    (warning,) = load(write(tmp_path, BY_JSON), {}).warnings
    assert str(path) in warning
    assert "chmod 600" in warning


def changed(**values: Any) -> str:
    body = json.loads(PASTED) | values
    return json.dumps({key: value for key, value in body.items() if value is not None})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PASTED.replace('"port"', "port"), "this is not JSON"),
        ("[" * 9000, "this is not JSON"),
        ("[]", "no object"),
        (changed(clientId=None), "clientId is missing"),
        (changed(clientId="k19g7hBjoOD.testdevice1"), "clientId is not the part before '|'"),
        (changed(clientId=7), "clientId is not"),
        (changed(username=None), "username is missing"),
        (changed(username="testdevice1"), "username is not DeviceName&ProductKey"),
        (changed(username="a&b&c"), "username is not"),
        (changed(username="dev#1&pk"), "username is not"),
        (changed(username="dev1&p/k"), "username is not"),
        (changed(passwd=None), "passwd is missing"),
        (changed(passwd=""), "passwd is not the password"),
        (changed(passwd="x" * 2000), "passwd is not the password"),
        (changed(passwd=f"{PASSWORD}\0"), "passwd is not the password"),
        (changed(mqttHostUrl=None), "mqttHostUrl is missing"),
        (changed(mqttHostUrl="ssl://iot.example:1883"), "mqttHostUrl is not a host name"),
        (changed(port=None), "port is missing"),
        (changed(port=0), "port is not 1 to 65535"),
        (changed(port=70_000), "port is not"),
        (changed(port=True), "port is not"),
        (changed(port="many"), "port is not"),
    ],
)
def test_what_the_json_lacks_is_said_and_nothing_of_it_is_shown(
    tmp_path: Path, text: str, says: str
):
    write(tmp_path, text, "aliyun.json")
    fault = only(write(tmp_path, BY_JSON))
    assert (fault.line, fault.key) == (6, "clouds.aliyun.mqtt_params_file")
    assert fault.found == "(hidden)"
    assert says in fault.allowed
    assert "clientId, username, passwd, mqttHostUrl and port" in fault.allowed
    assert PASSWORD not in str(fault)


@given(text=st.text() | st.binary().map(repr) | st.dictionaries(st.text(), st.text()).map(str))
def test_any_text_is_no_parameters_or_one_error(text: str):
    with pytest.raises(ValueError, match="is"):
        read_mqtt_params(text)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('product_key = "k19g7hBjoOD"', "product_key"),
        ('device_name = "testdevice1"', "device_name"),
        ('device_secret_file = "x"', "device_secret_file"),
        ('instance_id = "iot-x"', "instance_id"),
        ('region = "cn-shanghai"', "region"),
        ('method = "hmacsha1"', "method"),
    ],
)
def test_nothing_says_again_what_the_json_says(tmp_path: Path, line: str, key: str):
    write(tmp_path, PASTED, "aliyun.json")
    fault = only(write(tmp_path, BY_JSON + line + "\n"))
    assert (fault.line, fault.key) == (7, f"clouds.aliyun.{key}")
    assert fault.allowed == "nothing beside mqtt_params_file, which says it already"


def test_one_identity_in_both_forms_is_one_device(tmp_path: Path):
    write(tmp_path, SECRET, "aliyun.secret")
    write(tmp_path, PASTED, "aliyun.json")
    folder = tmp_path / "devices"
    folder.mkdir()
    simulated = '[device.meter]\ndriver = "simulated"\n' + "".join(
        f'[device.{part}]\ndriver = "simulated"\n' for part in ("relay", "button", "indicator")
    )
    write(folder, BY_FILE.replace("aliyun.secret", "../aliyun.secret") + simulated, "a.toml")
    other = BY_JSON.replace("aliyun.json", "../aliyun.json").replace("socket-1", "socket-2")
    write(folder, other + simulated, "b.toml")
    fault = only(folder)
    assert fault.allowed == "an identity of its own"
    assert fault.key == "clouds.aliyun.mqtt_params_file"
    assert "a.toml: clouds.aliyun.device_name has too" in fault.found


# ── a login without TLS ─────────────────────────────────────────────────────────────────────

PLAIN = PASTED.replace("securemode=2", "securemode=3")


@pytest.mark.parametrize("extra", ["", "tls = true\n"])
def test_parameters_without_tls_are_a_fault_where_tls_is_on(tmp_path: Path, extra: str):
    write(tmp_path, PLAIN, "aliyun.json")
    fault = only(write(tmp_path, BY_JSON + extra))
    assert (fault.line, fault.key) == (6, "clouds.aliyun.mqtt_params_file")
    assert fault.found == "(hidden)"
    assert "securemode=2" in fault.allowed
    assert "tls = false" in fault.allowed


def test_parameters_without_tls_are_right_where_tls_is_off(tmp_path: Path):
    write(tmp_path, PLAIN, "aliyun.json")
    assert section(write(tmp_path, BY_JSON + "tls = false\n")).tls is False
    variable = {"POLYCLOUD_CLOUDS__ALIYUN__TLS": "false"}
    assert section(write(tmp_path, BY_JSON), **variable).tls is False


def test_a_file_with_parameters_that_is_missing_is_told(tmp_path: Path):
    fault = only(write(tmp_path, BY_JSON))
    assert (fault.line, fault.key) == (6, "clouds.aliyun.mqtt_params_file")
    assert "No such file" in fault.found
