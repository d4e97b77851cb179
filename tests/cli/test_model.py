"""`polycloud model`, run as a user would."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from agent.cli import cli
from agent.emulator.makers import MODELS

CLOUDS = ("tencent", "aliyun", "onenet")
CONFIG = """
[device]
id = "socket-1"
kind = "socket"
board = "code504"
clouds = ["tencent"]

[clouds.tencent]
product_id = "CS0SLTKSYA"
device_name = "dev1"
device_secret_file = "nowhere.secret"
[clouds.tencent.rename]
total_energy = "energy"
current_limit = "limit_a"

[clouds.onenet]
product_id = "9MaNe52pNO"
device_name = "dev1"
"""


def in_a_process(*arguments, stdin=b"", **environ):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("POLYCLOUD_")}
    return subprocess.run(
        [sys.executable, "-m", "agent", "model", *map(str, arguments)],
        input=stdin,
        env={**clean, **environ, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=30,
        check=False,
    )


def model(*arguments, stdin=b"", **environ):
    """Run it in this process: each of its own would cost half a second."""
    unset = dict.fromkeys(key for key in os.environ if key.startswith("POLYCLOUD_"))
    done = CliRunner().invoke(
        cli, ["model", *map(str, arguments)], input=stdin, env={**unset, **environ}
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return SimpleNamespace(
        returncode=done.exit_code, stdout=done.stdout_bytes, stderr=done.stderr_bytes
    )


def export(*arguments, **environ):
    done = model("export", *arguments, **environ)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "socket.toml"
    path.write_text(CONFIG)
    return path


@pytest.mark.parametrize("cloud", CLOUDS)
def test_an_export_is_equal_to_itself(cloud):
    done = in_a_process("export", cloud, "--defaults")
    assert done.returncode == 0
    back = in_a_process("diff", cloud, "-", "--defaults", stdin=done.stdout)
    assert back.returncode == 0, back.stdout.decode()
    assert b"\nequal: " in back.stdout


def test_the_exports_names_are_in_the_language_that_was_asked_for():
    for language, name in (("zh", "电源开关"), ("en", "Power_switch")):
        document = export("aliyun", "--defaults", "--language", language)
        assert document["properties"][0]["name"] == name
    assert export("aliyun", "--defaults")["properties"][0]["name"] == "电源开关_Power_switch"


@pytest.mark.parametrize(
    ("cloud", "key"), [("tencent", "ProductId"), ("aliyun", "productKey"), ("onenet", "productId")]
)
def test_the_product_is_what_was_typed_and_is_asked_for_where_it_is_not(cloud, key):
    assert export(cloud, "--defaults", "--product", "P1")["profile"][key] == "P1"
    done = model("export", cloud, "--defaults")
    assert json.loads(done.stdout)["profile"][key] == ""
    assert b"--product KEY" in done.stderr


def test_standard_output_holds_json_only_and_one_line_for_machines():
    done = model("export", "onenet", "--defaults", "--json")
    assert done.stdout.count(b"\n") == 1
    assert json.loads(done.stdout)["version"] == "1.0"


def test_it_writes_a_file(tmp_path):
    path = tmp_path / "model.json"
    done = model("export", "tencent", "--defaults", "-o", path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert json.loads(path.read_text(encoding="utf-8")) == export("tencent", "--defaults")


def test_a_file_that_cannot_be_written_is_a_plain_error(tmp_path):
    done = model("export", "tencent", "--defaults", "-o", tmp_path / "no" / "model.json")
    assert done.returncode == 1
    assert b"No such file" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_devices_own_rename_and_product_are_exported_and_no_secret_is_needed(config):
    document = export("tencent", "socket-1", "--config", config)
    assert document["profile"]["ProductId"] == "CS0SLTKSYA"
    identifiers = {row["id"] for row in document["properties"]}
    assert {"energy", "limit_a"} <= identifiers
    assert "total_kwh" not in identifiers


def test_a_cloud_that_the_device_does_not_use_yet_is_exported_too(config):
    assert export("onenet", "--config", config)["profile"]["productId"] == "9MaNe52pNO"
    done = model("export", "aliyun", "--config", config)
    assert done.returncode == 0
    assert b"socket-1, which has no [clouds.aliyun]: default identifiers" in done.stderr


def test_the_environment_overrides_the_file(config):
    variable = {"POLYCLOUD_CLOUDS__TENCENT__PRODUCT_ID": "AAAAAAAAAA"}
    document = export("tencent", "--config", config, **variable)
    assert document["profile"]["ProductId"] == "AAAAAAAAAA"


def test_a_folder_with_several_devices_asks_which(config):
    (config.parent / "other.toml").write_text(CONFIG.replace("socket-1", "socket-2"))
    done = model("export", "tencent", "--config", config.parent)
    assert done.returncode == 2
    assert b"name one: socket-2, socket-1" in done.stderr
    done = model("export", "tencent", "socket-3", "--config", config.parent)
    assert done.returncode == 2
    assert b"no device 'socket-3'; it has: socket-2, socket-1" in done.stderr
    assert export("tencent", "socket-2", "--config", config.parent)["profile"]["ProductId"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('total_energy = "energy"', 'power = "energy"', "power"),
        ('total_energy = "energy"', 'total_energy = "count-down"', "letters, digits and '_'"),
        ('total_energy = "energy"', 'total_energy = "voltage"', "would both be 'voltage'"),
        ("[device]", "[device", "no TOML"),
    ],
)
def test_a_wrong_rename_is_told_and_nothing_is_written(config, old, new, reason):
    config.write_text(CONFIG.replace(old, new))
    done = model("export", "tencent", "--config", config)
    assert (done.returncode, done.stdout) == (78, b"")
    assert reason in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("generation", ["datastream", "legacy"])
def test_a_generation_without_thing_models_says_so(config, generation):
    text = f'device_name = "101"\ngeneration = "{generation}"\ntls = false\n'
    config.write_text(CONFIG.replace('"9MaNe52pNO"\ndevice_name = "dev1"\n', f'"123"\n{text}'))
    done = model("export", "onenet", "--config", config)
    assert done.returncode == 2, done.stderr.decode()
    assert "have no thing model" in done.stderr.decode()


def test_defaults_exclude_a_configuration(config):
    assert model("export", "tencent", "--defaults", "--config", config).returncode == 2
    assert model("export", "tencent", "socket-1", "--defaults").returncode == 2


def test_a_configuration_that_is_not_there_is_a_configuration_error(tmp_path):
    assert model("export", "tencent", "--config", tmp_path / "no.toml").returncode == 78
    done = model("export", "tencent", "--config", tmp_path)
    assert done.returncode == 78
    assert b"no device file" in done.stderr


@pytest.fixture
def changed(tmp_path):
    """An export of Tencent's console in which one thing is missing, and one is narrower."""
    document = json.loads((MODELS / "tencent-socket.json").read_bytes())
    document["properties"][1]["define"]["max"] = "300"
    document["properties"].pop(5)
    document["properties"].append({**document["properties"][1], "id": "colour"})
    path = tmp_path / "exported.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_differences_are_told_harmful_ones_first(changed):
    done = model("diff", "tencent", changed, "--defaults")
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    weights = [line.split()[0] for line in lines[1:] if line.split()[1] in KINDS]
    assert weights == ["harmful"] * 2 + ["harmless"] + ["note"] * 6
    assert "property voltage: 0 to 300 there, 0 to 400 on the device" in lines[1]
    assert "property power_factor: the platform refuses its values" in lines[2]
    assert "property colour: the device has no such property" in lines[3]
    assert "2 harmful, 1 harmless" in lines
    assert "polycloud model export tencent" in lines[-1]


KINDS = {"missing", "differs", "extra", "inexpressible"}


def test_differences_are_told_to_machines(changed):
    done = model("diff", "tencent", changed, "--defaults", "--json")
    assert (done.returncode, done.stderr) == (1, b"")
    answer = json.loads(done.stdout)
    assert (answer["cloud"], answer["equal"]) == ("tencent", False)
    assert (answer["harmful"], answer["harmless"]) == (2, 1)
    first = answer["findings"][0]
    assert set(first) == {"kind", "weight", "feature", "identifier", "name", "text"}
    missing = [row["name"] for row in answer["findings"] if row["kind"] == "missing"]
    assert missing == ["power_factor"]


def test_it_compares_with_the_devices_own_identifiers(config):
    own = MODELS / "tencent-socket.json"
    assert model("diff", "tencent", own, "--defaults").returncode == 0
    done = model("diff", "tencent", own, "socket-1", "--config", config)
    assert done.returncode == 1
    assert b"property energy (total_energy)" in done.stdout
    other = json.loads(own.read_bytes())
    other["profile"]["ProductId"] = "BBBBBBBBBB"
    done = model("diff", "tencent", "-", "--config", config, stdin=json.dumps(other).encode())
    assert b"it is of product BBBBBBBBBB, the device of CS0SLTKSYA" in done.stdout


def test_the_file_of_another_cloud_is_called_by_its_name():
    done = model("diff", "tencent", MODELS / "aliyun-socket.json", "--defaults")
    assert (done.returncode, done.stdout) == (2, b"")
    text = done.stderr.decode()
    assert "aliyun-socket.json: this is the TSL (物模型) of aliyun" in text
    assert "polycloud model diff aliyun FILE" in text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "this is no JSON"),
        (b"\x00\xff\xfe", "this is no JSON"),
        (b"[]", "the file is an object, not a list"),
        (b'{"properties": [{"id": 1}]}', "properties[0].id is a text"),
    ],
)
def test_a_file_that_is_no_model_is_a_usage_error(tmp_path, content, reason):
    path = tmp_path / "file.json"
    path.write_bytes(content)
    done = model("diff", "tencent", path, "--defaults")
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{path}: {reason}" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path, name):
    done = model("diff", "tencent", tmp_path / name, "--defaults")
    assert done.returncode == 2
    assert "cannot be read" in done.stderr.decode()


@pytest.mark.parametrize("arguments", [["export"], ["export", "azure"], ["diff", "tencent"], ["x"]])
def test_what_is_missing_or_unknown_is_a_usage_error(arguments):
    assert model(*arguments).returncode == 2


@pytest.mark.parametrize("arguments", [[], ["export"], ["diff"]])
def test_help_has_an_example(arguments):
    assert "polycloud model " in model(*arguments, "--help").stdout.decode()


def test_it_imports_nothing_heavy_before_it_is_needed():
    code = "import sys, agent.cli.model, agent.cli.model.diff; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    assert not set(done.stdout.split()) & {"pydantic", "aiomqtt", "asyncio", "ssl"}
