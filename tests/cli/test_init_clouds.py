"""`polycloud init` for the clouds after the first: what is asked, and what is written."""

import json
import os
import stat
from pathlib import Path

import pytest

from agent.settings.clouds import AliyunSettings, OnenetSettings
from agent.settings.load import load
from tests.cli.init_support import at_a_terminal
from tests.cli.init_support import init_here as init

SECRET = "0123456789abcdef0123456789abcdef"
ALIYUN = ("--cloud", "aliyun", "--product-key", "k19g7hBjoOD", "--device-name", "testdevice1")
PASSWORD = "7b2e3f79724bdb04e581d822a04044129a11c8cd4e8fc4bdfec69ee335de7e05"
PARAMETERS = f"""\
{{"clientId":"k19g7hBjoOD.testdevice1|securemode=2,signmethod=hmacsha256,timestamp=1729065411543|",
    "username":"testdevice1&k19g7hBjoOD",
    "mqttHostUrl":"iot-06z00d9jq7p2pgk.mqtt.iothub.aliyuncs.com",
    "passwd":"{PASSWORD}",
    "port":1883}}"""
PLAIN = PARAMETERS.replace("securemode=2", "securemode=3")
KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
ONENET = ("--cloud", "onenet", "--product-id", "9MaNe52pNO", "--device-name", "dev1")
HARDWARE = ("--board", "code504", "--port", "simulated", "--id", "socket-1")


def aliyun_of(folder: Path) -> AliyunSettings:
    cloud = load(folder / "socket.toml", {}).devices[0].clouds["aliyun"]
    assert isinstance(cloud, AliyunSettings)
    return cloud


def onenet_of(folder: Path) -> OnenetSettings:
    cloud = load(folder / "socket.toml", {}).devices[0].clouds["onenet"]
    assert isinstance(cloud, OnenetSettings)
    return cloud


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ── Aliyun ──────────────────────────────────────────────────────────────────────────────────


def test_aliyuns_three_values_make_a_section_with_an_instance(tmp_path: Path):
    options = ("--instance-id", "iot-06z00d9jq7p2pgk", "--output", str(tmp_path))
    done = init("--yes", *ALIYUN, *options, POLYCLOUD_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    cloud = aliyun_of(tmp_path)
    assert cloud.identity == ("k19g7hBjoOD", "testdevice1")
    assert cloud.device_secret.get_secret_value() == SECRET
    assert cloud.instance_id == "iot-06z00d9jq7p2pgk"
    assert "region" not in cloud.model_fields_set
    assert names_in(tmp_path) == ["aliyun.secret", "socket.toml"]
    assert mode_of(tmp_path / "aliyun.secret") == 0o600
    assert SECRET not in done.stdout + done.stderr + (tmp_path / "socket.toml").read_text()


def test_without_an_instance_a_region_is_written(tmp_path: Path):
    done = init("--yes", *ALIYUN, "--output", str(tmp_path), POLYCLOUD_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    assert 'region = "cn-shanghai"' in (tmp_path / "socket.toml").read_text()
    other = ("--region", "ap-southeast-1", "--output", str(tmp_path))
    assert init("--yes", *ALIYUN, *other, POLYCLOUD_SECRET=SECRET).returncode == 0
    assert aliyun_of(tmp_path).region == "ap-southeast-1"


def test_a_person_is_asked_for_aliyuns_values_until_each_is_one(tmp_path: Path):
    answers = ["k19g7hBjoOD", "abc", "testdevice1", "two words", SECRET, "", "", str(tmp_path), "n"]
    done = init("--cloud", "aliyun", *HARDWARE, answers="\n".join(answers) + "\n")
    assert done.returncode == 0, done.stderr
    assert "allowed: the DeviceName: 4 to 32 letters" in done.stderr
    assert "found (hidden); allowed: the DeviceSecret" in done.stderr
    assert (aliyun_of(tmp_path).device_name, aliyun_of(tmp_path).region) == (
        "testdevice1",
        "cn-shanghai",
    )


def test_an_instance_makes_the_region_needless(tmp_path: Path):
    answers = ["iot-06z00d9jq7p2pgk", str(tmp_path), "n"]
    done = init(*ALIYUN, *HARDWARE, answers="\n".join(answers), POLYCLOUD_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    assert aliyun_of(tmp_path).instance_id == "iot-06z00d9jq7p2pgk"
    assert "Region" not in done.stderr


def test_the_consoles_mqtt_parameters_are_kept_as_they_were_pasted(tmp_path: Path):
    done = init("--cloud", "aliyun", *HARDWARE, answers=f"{PARAMETERS}\n{tmp_path}\nn\n")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "aliyun.json").read_text() == PARAMETERS + "\n"
    assert mode_of(tmp_path / "aliyun.json") == 0o600
    assert 'mqtt_params_file = "aliyun.json"' in (tmp_path / "socket.toml").read_text()
    assert aliyun_of(tmp_path).identity == ("k19g7hBjoOD", "testdevice1")
    assert PASSWORD not in done.stdout + done.stderr + (tmp_path / "socket.toml").read_text()


def test_the_parameters_may_come_from_a_file_without_questions(tmp_path: Path):
    options = ("--yes", "--cloud", "aliyun", "--credentials", "-", "--output", str(tmp_path))
    done = init(*options, "--json", answers=PARAMETERS)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["secret_file"] == str(tmp_path / "aliyun.json")


def test_parameters_without_tls_need_a_yes(tmp_path: Path):
    start = ("--cloud", "aliyun", *HARDWARE, "--output", str(tmp_path / "new"))
    refused = init(*start, answers=f"{PLAIN}\nn\n")
    assert refused.returncode == 2
    assert "put securemode=2 in its place" in refused.stderr
    assert not (tmp_path / "new").exists()
    done = init(*start, answers=f"{PLAIN}\ny\nn\n")
    assert done.returncode == 0, done.stderr
    assert aliyun_of(tmp_path / "new").tls is False


def test_parameters_without_tls_need_an_option_where_nobody_is_asked(tmp_path: Path):
    options = ("--yes", "--cloud", "aliyun", "--credentials", "-", "--output", str(tmp_path / "n"))
    refused = init(*options, answers=PLAIN)
    assert (refused.returncode, "--no-tls" in refused.stderr) == (2, True)
    assert init(*options, "--no-tls", answers=PLAIN).returncode == 0
    assert aliyun_of(tmp_path / "n").tls is False


@pytest.mark.parametrize(
    ("options", "pasted", "code", "says"),
    [
        ((), PARAMETERS.replace('"username"', '"user"'), 78, "username is missing"),
        ((), PARAMETERS.replace("&k19g7hBjoOD", ""), 78, "username is not DeviceName&ProductKey"),
        (("--instance-id", "iot-a"), PARAMETERS, 2, "--instance-id: the console's JSON says it"),
        ((), '{"a": "b"}', 2, "none of what is needed: ProductKey, DeviceName, DeviceSecret"),
        ((), "hush", 2, "this is not JSON"),
        (
            ("--generation", "thing"),
            PARAMETERS,
            2,
            "--generation does not belong to --cloud aliyun",
        ),
    ],
)
def test_what_is_wrong_with_the_json_is_said_and_nothing_is_written(
    tmp_path: Path, options: tuple[str, ...], pasted: str, code: int, says: str
):
    start = ("--yes", "--cloud", "aliyun", "--credentials", "-", "--output", str(tmp_path / "new"))
    done = init(*start, *options, answers=pasted)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert PASSWORD not in done.stderr
    assert not (tmp_path / "new").exists()


# ── OneNET ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("generation", ["thing", "datastream"])
def test_onenets_values_make_a_section_of_a_generation(tmp_path: Path, generation: str):
    options = ("--generation", generation, "--output", str(tmp_path))
    done = init("--yes", *ONENET, *options, POLYCLOUD_SECRET=KEY)
    assert done.returncode == 0, done.stderr
    cloud = onenet_of(tmp_path)
    assert (cloud.generation, cloud.domain, cloud.identity) == (
        generation,
        "shared",
        ("9MaNe52pNO", "dev1"),
    )
    assert cloud.device_key.get_secret_value() == KEY
    assert mode_of(tmp_path / "onenet.secret") == 0o600
    assert f"warn {tmp_path}/socket.toml:" in done.stdout
    assert "clouds.onenet: set ca_file" in done.stdout


def test_the_old_platform_is_without_tls_and_says_so_in_the_file(tmp_path: Path):
    device = ("--cloud", "onenet", "--product-id", "91025", "--device-name", "9377500")
    options = ("--generation", "legacy", "--output", str(tmp_path))
    done = init("--yes", *device, *options, POLYCLOUD_SECRET="sample-api-key")
    assert done.returncode == 0, done.stderr
    assert "tls = false" in (tmp_path / "socket.toml").read_text()
    assert onenet_of(tmp_path).device_key.get_secret_value() == "sample-api-key"


def test_the_root_of_the_shared_brokers_is_asked_for_and_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root.pem").write_text("a root")
    answers = ["", "9MaNe52pNO", "dev1", KEY[:-1], KEY, "", "root.pem", str(tmp_path / "new"), "n"]
    done = init("--cloud", "onenet", *HARDWARE, answers="\n".join(answers))
    assert done.returncode == 0, done.stderr
    assert onenet_of(tmp_path / "new").ca_file == str(tmp_path / "new" / "onenet-ca.pem")
    assert (tmp_path / "new" / "onenet-ca.pem").read_text() == "a root"
    assert "found (hidden); allowed: base64" in done.stderr
    assert "set ca_file:" not in done.stdout


def test_the_brokers_of_a_product_need_no_root(tmp_path: Path):
    options = ("--generation", "thing", "--domain", "product")
    done = init(*ONENET, *HARDWARE, *options, answers=f"{tmp_path}\nn\n", POLYCLOUD_SECRET=KEY)
    assert done.returncode == 0, done.stderr
    assert onenet_of(tmp_path).domain == "product"
    assert "PEM" not in done.stderr


def test_a_root_that_is_not_there_is_told(tmp_path: Path):
    options = ("--ca-file", "/nowhere/at/all", "--output", str(tmp_path / "new"))
    done = init("--yes", *ONENET, *options, POLYCLOUD_SECRET=KEY)
    assert (done.returncode, "--ca-file /nowhere/at/all: No such" in done.stderr) == (2, True)


def test_an_option_that_is_wrong_is_told_after_the_questions(tmp_path: Path):
    device = ("--cloud", "onenet", "--product-id", "9MaNe52pNO", "--device-name", "dev 1")
    done = init(*device, *HARDWARE, answers=f"\n\n{tmp_path / 'new'}\n", POLYCLOUD_SECRET=KEY)
    assert done.returncode == 78, done.stderr
    assert 'clouds.onenet.device_name: found "dev 1"' in done.stderr
    assert not (tmp_path / "new").exists()


# ── at a terminal ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cloud", "answers", "hidden"),
    [
        ("aliyun", ["k19g7hBjoOD", "testdevice1", SECRET, "", "cn-shanghai"], SECRET),
        ("onenet", ["legacy", "91025", "9377500", "sample-api-key"], "sample-api-key"),
        ("tencent", ["CS0SLTKSYA", "dev1", "IyXmUW5sU/q1vnb5yzTkeQ=="], "IyXmUW5sU"),
    ],
)
def test_at_a_terminal_the_secret_is_not_shown(
    tmp_path: Path, cloud: str, answers: list[str], hidden: str
):
    code, shown = at_a_terminal(
        ["--cloud", cloud, *HARDWARE, "--output", str(tmp_path)], [*answers, "n"]
    )
    assert code == 0, shown
    assert "(not shown)" in shown
    assert hidden not in shown
    assert load(tmp_path / "socket.toml", dict(os.environ)).devices[0].device.clouds == (cloud,)


def test_at_a_terminal_json_may_be_pasted_over_several_lines(tmp_path: Path):
    options = ["--cloud", "aliyun", *HARDWARE, "--output", str(tmp_path)]
    code, shown = at_a_terminal(options, [PARAMETERS, "n"])
    assert code == 0, shown
    assert aliyun_of(tmp_path).identity == ("k19g7hBjoOD", "testdevice1")
