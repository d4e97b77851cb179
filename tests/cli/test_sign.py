import json
import os
import subprocess
import sys
import time

import pytest

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="
PASSWORD = "2debdc61b009ef8d09597f106f6f8ca36f101415459b0623780a81e711e7257c;hmacsha256"
DEVICE = ("--product-id", "CS0SLTKSYA", "--device-name", "dev1")
FIXED = (*DEVICE, "--connid", "ZR5GT", "--expiry", "2623045740")


def polycloud(*arguments, secret=SECRET, stdin=""):
    environment = {key: value for key, value in os.environ.items() if key != "POLYCLOUD_SECRET"}
    if secret is not None:
        environment["POLYCLOUD_SECRET"] = secret
    return subprocess.run(
        [sys.executable, "-m", "agent", "sign", *arguments],
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_it_prints_what_a_client_needs_to_log_in():
    done = polycloud("tencent", *FIXED, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "host": "CS0SLTKSYA.iotcloud.tencentdevices.com",
        "port": 8883,
        "tls": True,
        "client_id": "CS0SLTKSYAdev1",
        "username": "CS0SLTKSYAdev1;12010126;ZR5GT;2623045740",
        "password": PASSWORD,
    }


def test_it_prints_the_same_for_people():
    done = polycloud("tencent", *FIXED)
    assert done.returncode == 0
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["password"] == PASSWORD
    assert (rows["port"], rows["tls"]) == ("8883", "true")


def test_options_reach_the_signature():
    done = polycloud(
        "tencent",
        *FIXED,
        *("--method", "hmacsha1", "--sdkappid", "21010406", "--region", "europe", "--no-tls"),
        "--json",
    )
    login = json.loads(done.stdout)
    assert login["host"] == "CS0SLTKSYA.europe.iothub.tencentdevices.com"
    assert (login["port"], login["tls"]) == (1883, False)
    assert login["username"] == "CS0SLTKSYAdev1;21010406;ZR5GT;2623045740"
    assert login["password"].endswith(";hmacsha1")


def test_the_secret_may_stand_in_a_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n")
    done = polycloud("tencent", *FIXED, "--secret-file", str(path), "--json", secret=None)
    assert json.loads(done.stdout)["password"] == PASSWORD


def test_the_secret_may_be_typed_and_is_not_shown():
    done = polycloud("tencent", *FIXED, "--json", secret=None, stdin=SECRET + "\n")
    assert json.loads(done.stdout)["password"] == PASSWORD
    assert SECRET not in done.stdout + done.stderr


def test_a_secret_is_no_argument():
    assert polycloud("tencent", *FIXED, "--secret", SECRET).returncode == 2


@pytest.mark.parametrize("secret", ["IyXmUW5sU/q1vnb5yzTkeQ", "no base64 at all!"])
def test_a_bad_secret_is_explained_and_not_shown(secret):
    done = polycloud("tencent", *FIXED, "--json", secret=secret)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "base64" in done.stderr
    assert secret not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_secret_file_that_cannot_be_read_is_explained(tmp_path, content):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    done = polycloud("tencent", *FIXED, "--secret-file", str(path))
    assert done.returncode == 1
    assert "secret file cannot be read" in done.stderr


def test_by_default_it_signs_for_a_day_under_a_mark_of_its_own():
    first, second = (json.loads(polycloud("tencent", *DEVICE, "--json").stdout) for _ in range(2))
    _, appid, connid, expiry = first["username"].split(";")
    assert appid == "12010126"
    assert len(connid) == 5
    assert int(expiry) == 2**63 - 1 or 86_000 < int(expiry) - time.time() < 86_500
    assert first["username"] != second["username"]


def test_what_is_missing_is_a_usage_error():
    assert polycloud("tencent", "--device-name", "dev1").returncode == 2


def test_help_has_an_example():
    assert "Example:" in polycloud("tencent", "--help").stdout


def test_it_imports_nothing_heavy():
    code = "import sys, agent.cli.sign; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"pydantic", "aiomqtt", "paho", "asyncio", "structlog", "ssl"}
