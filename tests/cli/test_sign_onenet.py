"""`polycloud sign onenet`: the published tokens, and whatever of them may differ."""

import json
import time

import pytest

from tests.cli.inprocess import in_text

K2 = "EnW4T71eIE55xOIQMN6pFMKuqel5T5HTzsGJRPiDhlM="
K3 = "DR883k7np7iYavEtpHeArHV86tUTEwKdNkC6gdee78I="
DEVICE = ("--product-id", "238322", "--device-name", "mqtts-test-device")
RES = "products%2F238322%2Fdevices%2Fmqtts-test-device"


def sign(*arguments, secret=K3, as_json=True):
    options = (*arguments, "--json") if as_json else arguments
    return in_text("sign", "onenet", *options, environ={"POLYCLOUD_SECRET": secret})


def test_it_prints_what_a_client_needs_to_log_in():
    done = sign(*DEVICE, "--method", "md5", "--expiry", "1672735919")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "host": "mqttstls.heclouds.com",
        "port": 8883,
        "tls": True,
        "client_id": "mqtts-test-device",
        "username": "238322",
        "password": f"version=2018-10-31&res={RES}&et=1672735919&method=md5"
        "&sign=TqXfglVQXI7rjbqw2EgW%2BQ%3D%3D",
    }


def test_it_prints_the_same_for_people():
    arguments = (*DEVICE, "--method", "sha1", "--expiry", "7557387130", "--no-tls")
    done = sign(*arguments, secret=K2 + "\n", as_json=False)
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["password"].endswith("&sign=Rs0u%2FKnyoK5%2FMuKo5xKa0tW%2BWqY%3D")
    assert (rows["host"], rows["port"], rows["tls"]) == ("mqtts.heclouds.com", "1883", "false")


def test_options_reach_the_token():
    done = sign(
        *(*DEVICE, "--method", "sha256", "--expiry", "1893456000"),
        *("--res", "projectid/aBcDeF/groupid/g1", "--version", "2020-05-29"),
        secret=K2,
    )
    assert json.loads(done.stdout)["password"] == (
        "version=2020-05-29&res=projectid%2FaBcDeF%2Fgroupid%2Fg1&et=1893456000&method=sha256"
        "&sign=CL3JCkwnZ78xwT8EIfhjL2y5cqupG2t6CpzcTix3le0%3D"
    )


def test_the_methods_letter_case_is_signed_as_typed():
    lower, upper = (
        json.loads(sign(*DEVICE, "--method", method, "--expiry", "1").stdout)["password"]
        for method in ("sha256", "SHA256")
    )
    assert "&method=SHA256&" in upper
    assert lower.partition("&sign=")[2] != upper.partition("&sign=")[2]


def test_by_default_it_signs_with_sha256_for_30_days():
    password = json.loads(sign(*DEVICE).stdout)["password"]
    fields = dict(pair.split("=") for pair in password.split("&"))
    assert list(fields) == ["version", "res", "et", "method", "sign"]
    assert fields["method"] == "sha256"
    left_s = int(fields["et"]) - time.time()
    assert int(fields["et"]) == 2_524_579_200 or 0 <= 30 * 86_400 - left_s < 60


@pytest.mark.parametrize("method", ["sha512", "hmacsha1", ""])
def test_another_method_is_a_usage_error(method):
    done = sign(*DEVICE, "--method", method)
    assert done.returncode == 2
    assert "sha256, sha1, md5" in done.stderr


@pytest.mark.parametrize("secret", ["no base64 at all!", "IyXmUW5sU"])
def test_a_bad_key_is_explained_and_not_shown(secret):
    done = sign(*DEVICE, secret=secret)
    assert (done.returncode, done.stdout) == (1, "")
    assert "base64" in done.stderr
    assert secret not in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_missing_is_a_usage_error_and_help_has_an_example():
    assert sign("--product-id", "238322").returncode == 2
    assert "Example:" in sign("--help", as_json=False).stdout
