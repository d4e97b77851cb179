"""What most tests run in their own process runs in one of its own too."""

import os
import subprocess
import sys

import pytest


def polycloud(*arguments, stdin=b"", **environ):
    return subprocess.run(
        [sys.executable, "-m", "agent", *map(str, arguments)],
        input=stdin,
        env={"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error", **environ},
        capture_output=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("sign", "aliyun", "--product-key", "pk", "--device-name", "device"), 0, "password"),
        (("sign", "onenet", "--product-id", "9MaNe52pNO", "--device-name", "d"), 0, "version="),
        (("check", "--config", "/nowhere.toml"), 78, "/nowhere.toml"),
        (("backup", "/nowhere/backup", "--config", "/nowhere.toml"), 78, "/nowhere.toml"),
        (("decode", "-"), 0, ""),
        (("model", "export", "aliyun", "--defaults"), 0, "PowerSwitch"),
    ],
)
def test_it_ends_as_it_does_in_the_tests_own_process(arguments, code, said):
    secret = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
    done = polycloud(*arguments, POLYCLOUD_SECRET=secret)
    assert done.returncode == code, done.stderr
    assert said in (done.stdout + done.stderr).decode()
    assert secret.encode() not in done.stdout + done.stderr
