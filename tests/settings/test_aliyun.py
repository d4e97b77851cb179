"""`[clouds.aliyun]`: a device by its three values, and what each key takes."""

from pathlib import Path

import pytest

from agent.settings.load import load
from tests.settings.aliyun_files import BY_FILE, DEVICE, SECRET, only, section, write


def test_a_device_is_named_by_its_three_values(tmp_path: Path):
    write(tmp_path, f"{SECRET}\n", "aliyun.secret")
    cloud = section(write(tmp_path, BY_FILE))
    assert cloud.device_secret.get_secret_value() == SECRET
    assert cloud.identity == ("k19g7hBjoOD", "testdevice1")
    assert cloud.pasted is None
    assert (cloud.region, cloud.method, cloud.keepalive_s) == ("cn-shanghai", "hmacsha256", 60)
    assert (cloud.system_topics, cloud.read_only_in_set) == ("implicit", "refuse")


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
        ("history", '"none"', "history | batch | single"),
        ("batch", '"events"', "all | properties | none"),
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
