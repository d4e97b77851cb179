"""`[clouds.aliyun]`: a device by its three values, or by the console's JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.settings.clouds import AliyunSettings
from agent.settings.clouds.pasted import read_mqtt_params
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load

SECRET = "0123456789abcdef0123456789abcdef"
PASSWORD = "7b2e3f79724bdb04e581d822a04044129a11c8cd4e8fc4bdfec69ee335de7e05"
PASTED = f"""\
{{"clientId":"k19g7hBjoOD.testdevice1|securemode=2,signmethod=hmacsha256,timestamp=1729065411543|",
    "username":"testdevice1&k19g7hBjoOD",
    "mqttHostUrl":"iot-06z00d9jq7p2pgk.mqtt.iothub.aliyuncs.com",
    "passwd":"{PASSWORD}",
    "port":1883}}
"""
DEVICE = """\
[device]
id = "socket-1"
kind = "socket"
clouds = ["aliyun"]
[clouds.aliyun]
"""
TRIPLE = DEVICE + 'product_key = "k19g7hBjoOD"\ndevice_name = "testdevice1"\n'
BY_FILE = TRIPLE + 'device_secret_file = "aliyun.secret"\n'
BY_JSON = DEVICE + 'mqtt_params_file = "aliyun.json"\n'


def write(folder: Path, text: str, name: str = "socket.toml", mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def section(path: Path, **environ: str) -> AliyunSettings:
    cloud = load(path, environ).devices[0].clouds["aliyun"]
    assert isinstance(cloud, AliyunSettings)
    return cloud


def only(path: Path, **environ: str) -> Fault:
    with pytest.raises(ConfigFaults) as caught:
        load(path, environ)
    (fault,) = caught.value.faults
    return fault


def test_a_device_is_named_by_its_three_values(tmp_path: Path):
    write(tmp_path, f"{SECRET}\n", "aliyun.secret")
    cloud = section(write(tmp_path, BY_FILE))
    assert cloud.device_secret.get_secret_value() == SECRET
    assert cloud.identity == ("k19g7hBjoOD", "testdevice1")
    assert cloud.pasted is None
    assert (cloud.region, cloud.method, cloud.keepalive_s) == ("cn-shanghai", "hmacsha256", 60)
    assert (cloud.system_topics, cloud.read_only_in_set) == ("implicit", "refuse")


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


@pytest.mark.parametrize("secret", ["x" * 65, "two words", "naïve", "tab\tbed"])
def test_what_is_no_device_secret_is_refused_and_never_shown(tmp_path: Path, secret: str):
    write(tmp_path, secret, "aliyun.secret")
    fault = only(write(tmp_path, BY_FILE))
    assert fault.found == "(hidden)"
    assert "1 to 64 letters and digits" in fault.allowed
    assert secret not in str(fault)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("product_key", '"k19g7hBjoOD&"', "1 to 20 letters and digits"),
        ("product_key", f'"{"k" * 21}"', "1 to 20 letters and digits"),
        ("device_name", '"abc"', "4 to 32 letters"),
        ("device_name", '"with/slash"', "4 to 32 letters"),
        ("instance_id", '"iot_x.mqtt"', "iot-06z00d9jq7p2pgk"),
        ("region", '"Shanghai!"', "cn-shanghai"),
        ("keepalive_s", "29", "30 to 1200"),
        ("keepalive_s", "1201", "30 to 1200"),
        ("method", '"hmacsha512"', "hmacsha256 | hmacsha1 | hmacmd5"),
        ("system_topics", '"all"', "implicit | subscribe"),
        ("read_only_in_set", '"drop"', "refuse | ignore"),
        ("tls", '"psk"', "not for Aliyun"),
        ("product_key", "3", "1 to 20 letters and digits"),
        ("device_name", "3", "4 to 32 letters"),
        ("instance_id", '""', "iot-06z00d9jq7p2pgk"),
        ("region", "3", "cn-shanghai"),
        ("keepalive_s", "true", "30 to 1200"),
        ("port", "0", "1 to 65535"),
        ("host", "3", "a host name"),
        ("server_name", '""', "a host name"),
        ("verify", '"ca_only"', "full | ca-only"),
        ("commands", '"of_only"', "all | off_only | none"),
        ("custom_topics", '"a"', "a list"),
        ("rename", "3", "a table"),
        ("mqtt_params_file", "3", "the path of a file"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(
    tmp_path: Path, key: str, value: str, says: str
):
    write(tmp_path, SECRET, "aliyun.secret")
    text = "".join(
        line for line in BY_FILE.splitlines(keepends=True) if not line.startswith(f"{key} ")
    )
    fault = only(write(tmp_path, text + f"{key} = {value}\n"))
    assert fault.key == f"clouds.aliyun.{key}"
    assert fault.found.strip('"') == value.strip('"')
    assert says in fault.allowed


@pytest.mark.parametrize("wire_id", ["a/b", "a+", "a b", "post", "x" * 51, "a:b:c", ":a"])
def test_a_rename_gives_an_identifier_of_the_platform(tmp_path: Path, wire_id: str):
    write(tmp_path, SECRET, "aliyun.secret")
    fault = only(write(tmp_path, BY_FILE + f'rename = {{ trip = "{wire_id}" }}\n'))
    assert (fault.key, fault.found) == ("clouds.aliyun.rename.trip", f'"{wire_id}"')
    assert fault.allowed.startswith("an identifier of the product's model")


def test_a_rename_may_name_a_module_of_the_model(tmp_path: Path):
    write(tmp_path, SECRET, "aliyun.secret")
    cloud = section(write(tmp_path, BY_FILE + 'rename = { voltage = "meter:U_1" }\n'))
    assert cloud.rename == {"voltage": "meter:U_1"}


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


# ── what works, and was hardly meant ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ('instance_id = "iot-x"\nregion = "cn-shanghai"\n', "region is not used beside"),
        ('region = "cn-shangai"\n', "region 'cn-shangai': did you mean 'cn-shanghai'?"),
        ('region = "me-central-9"\n', ""),
        ('region = "us-west-1"\n', ""),
        ('instance_id = "iot-x"\n', ""),
    ],
)
def test_a_region_that_helps_nobody_gives_a_warning(tmp_path: Path, extra: str, says: str):
    write(tmp_path, SECRET, "aliyun.secret")
    path = write(tmp_path, BY_FILE + extra)
    warnings = load(path, {}).warnings
    assert [warning.startswith(f"{path}:5: clouds.aliyun: {says}") for warning in warnings] == (
        [True] if says else []
    )


@pytest.mark.parametrize(
    ("given", "missing", "line"),
    [('product_key = "k"', "device_name", 5), ('device_name = "testdevice1"', "product_key", 5)],
)
def test_half_a_name_is_told_with_the_half_that_is_missing(
    tmp_path: Path, given: str, missing: str, line: int
):
    fault = only(write(tmp_path, DEVICE + given + "\n"))
    assert (fault.line, fault.key, fault.found) == (line, f"clouds.aliyun.{missing}", "nothing")


def test_a_file_with_parameters_that_is_missing_is_told(tmp_path: Path):
    fault = only(write(tmp_path, BY_JSON))
    assert (fault.line, fault.key) == (6, "clouds.aliyun.mqtt_params_file")
    assert "No such file" in fault.found


def test_systemd_may_bring_the_secret_or_the_parameters(tmp_path: Path):
    folder = tmp_path / "credentials"
    folder.mkdir()
    write(folder, SECRET, "aliyun.device_secret", 0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(folder)}
    path = write(tmp_path, TRIPLE)
    assert section(path, **environ).device_secret.get_secret_value() == SECRET


def test_systemd_may_bring_the_parameters_alone(tmp_path: Path):
    write(tmp_path, PASTED, "aliyun.mqtt_params", 0o440)
    path = write(tmp_path, DEVICE)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert section(path, **environ).identity == ("k19g7hBjoOD", "testdevice1")
    assert load(path, environ).warnings == ()
    named = write(tmp_path, DEVICE + f'mqtt_params_file = "{tmp_path}/aliyun.mqtt_params"\n')
    assert section(named, **environ).identity == ("k19g7hBjoOD", "testdevice1")


def test_parameters_of_systemd_do_not_stand_over_what_the_section_says(tmp_path: Path):
    write(tmp_path, PASTED, "aliyun.mqtt_params", 0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert only(write(tmp_path, TRIPLE), **environ).found == "no secret"
    write(tmp_path, "{", "aliyun.mqtt_params", 0o440)
    fault = only(write(tmp_path, DEVICE), **environ)
    assert fault.file == str(tmp_path / "aliyun.mqtt_params")
    assert "this is not JSON" in fault.allowed


def test_a_variable_changes_one_key_of_the_section(tmp_path: Path):
    write(tmp_path, SECRET, "aliyun.secret")
    path = write(tmp_path, BY_FILE)
    environ = {"POLYCLOUD_CLOUDS__ALIYUN__INSTANCE_ID": "iot-x"}
    assert section(path, **environ).instance_id == "iot-x"
    wrong = only(path, POLYCLOUD_CLOUDS__ALIYUN__KEEPALIVE_S="5")
    assert (wrong.file, wrong.allowed) == ("environment", "30 to 1200")
