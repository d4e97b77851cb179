import json

import pytest

from tests.cli.inprocess import in_text

SECRET = "0123456789abcdef0123456789abcdef"
DEVICE = ("--product-key", "a1TestPK001", "--device-name", "socket-01")
OFFICIAL = ("--product-key", "pk", "--device-name", "device", "--client-id", "12345")


def polycloud(*arguments, secret=SECRET, stdin=""):
    environ = {} if secret is None else {"POLYCLOUD_SECRET": secret}
    return in_text("sign", "aliyun", *arguments, stdin=stdin, environ=environ)


def login(*arguments, **more):
    done = polycloud(*arguments, "--json", **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_prints_what_a_client_needs_to_log_in():
    found = login(*DEVICE, "--instance-id", "iot-06z00d9jq7p2pgk")
    assert list(found) == ["host", "port", "tls", "client_id", "username", "password"]
    assert found["host"] == "iot-06z00d9jq7p2pgk.mqtt.iothub.aliyuncs.com"
    assert (found["port"], found["tls"]) == (8883, True)
    client_id = "a1TestPK001.socket-01|securemode=2,signmethod=hmacsha256|"
    assert (found["client_id"], found["username"]) == (client_id, "socket-01&a1TestPK001")
    assert found["password"] == "6bb4e3e6db909e1d97c13199b6263726f7fa7c3e73d22e1338b77dad4cee01c5"


def test_it_signs_the_official_vector():
    found = login(
        *OFFICIAL, "--timestamp", "789", "--method", "hmacsha1", "--no-tls", secret="secret"
    )
    assert found["client_id"] == "12345|securemode=3,signmethod=hmacsha1,timestamp=789|"
    assert found["password"].upper() == "FAFD82A3D602B37FB0FA8B7892F24A477F851A14"
    assert (found["port"], found["tls"]) == (1883, False)


def test_it_signs_as_the_official_sdk_does():
    found = login(
        *DEVICE,
        *("--client-id", "a1TestPK001&socket-01"),
        *("--method", "hmacsha1", "--timestamp", "1700000000"),
    )
    assert found["password"] == "8da0e25546352810326f45a4c89dfc559b300530"


def test_without_a_timestamp_none_is_sent_or_signed():
    assert "timestamp" not in login(*DEVICE)["client_id"]
    assert login(*DEVICE)["password"] != login(*DEVICE, "--timestamp", "789")["password"]


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ((), "a1TestPK001.iot-as-mqtt.cn-shanghai.aliyuncs.com"),
        (("--region", "us-west-1"), "a1TestPK001.iot-as-mqtt.us-west-1.aliyuncs.com"),
        (
            ("--instance-id", "iot-x", "--region", "us-west-1"),
            "iot-x.mqtt.iothub.aliyuncs.com",
        ),
    ],
)
def test_the_host_is_an_instances_or_a_regions(options, host):
    assert login(*DEVICE, *options)["host"] == host


def test_it_prints_the_same_for_people():
    done = polycloud(*DEVICE)
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["username"] == "socket-01&a1TestPK001"
    assert (rows["port"], rows["tls"]) == ("8883", "true")


def test_the_secret_may_stand_in_a_file_or_be_typed(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n")
    password = login(*DEVICE)["password"]
    assert login(*DEVICE, "--secret-file", str(path), secret=None)["password"] == password
    assert login(*DEVICE, secret=None, stdin=SECRET + "\n")["password"] == password


def test_an_empty_secret_is_explained(tmp_path):
    path = tmp_path / "secret"
    path.write_text("\n")
    done = polycloud(*DEVICE, "--secret-file", str(path))
    assert done.returncode == 1
    assert "the secret is empty" in done.stderr


def test_a_file_that_an_editor_began_with_a_mark_holds_the_same_secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"\xef\xbb\xbf" + SECRET.encode() + b"\r\n")
    found = login(*DEVICE, "--secret-file", str(path), secret=None)
    assert found["password"] == login(*DEVICE)["password"]


def test_without_any_secret_it_says_where_one_may_come_from():
    done = polycloud(*DEVICE, secret=None)
    assert (done.returncode, done.stdout) == (1, "")
    assert "set POLYCLOUD_SECRET, or give --secret-file" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--product-key", "a1TestPK001"),
        ("--product-key", "", "--device-name", "socket-01"),
        ("--product-key", "a1TestPK001", "--device-name", "socket 01"),
        (*DEVICE, "--client-id", "12345|securemode=3|"),
        (*DEVICE, "--client-id", ""),
        (*DEVICE, "--client-id", "x" * 65),
        (*DEVICE, "--method", "hmacsha512"),
        (*DEVICE, "--timestamp", "now"),
        (*DEVICE, "--secret", SECRET),
    ],
)
def test_what_is_missing_or_wrong_is_a_usage_error(options):
    done = polycloud(*options)
    assert done.returncode == 2
    assert done.stdout == ""


def test_help_has_an_example():
    assert "Example:" in polycloud("--help").stdout
