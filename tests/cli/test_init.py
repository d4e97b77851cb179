import json
import stat
from pathlib import Path

import pytest

from agent.settings.clouds import TencentSettings
from agent.settings.load import load
from tests.cli.init_support import init

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="
TRIPLE = ("--product-id", "CS0SLTKSYA", "--device-name", "dev1")


def secret_of(folder: Path) -> str:
    cloud = load(folder / "socket.toml", {}).devices[0].clouds["tencent"]
    assert isinstance(cloud, TencentSettings)
    return cloud.device_secret.get_secret_value()


def test_options_alone_make_a_configuration_that_passes_check(tmp_path: Path):
    done = init("--yes", *TRIPLE, "--output", str(tmp_path / "new"), POLYCLOUD_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    assert f"ok {tmp_path / 'new/socket.toml'}: socket-1" in done.stdout
    assert secret_of(tmp_path / "new") == SECRET
    assert load(tmp_path / "new", {}).warnings == ()


def test_the_secret_has_a_file_of_mode_0600_and_is_shown_nowhere(tmp_path: Path):
    done = init("--yes", *TRIPLE, "--output", str(tmp_path), POLYCLOUD_SECRET=SECRET)
    mode = (tmp_path / "tencent.secret").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert SECRET not in done.stdout + done.stderr + (tmp_path / "socket.toml").read_text()


def test_no_draft_is_left_behind(tmp_path: Path):
    init("--yes", *TRIPLE, "--output", str(tmp_path), POLYCLOUD_SECRET=SECRET)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["socket.toml", "tencent.secret"]


def test_the_secret_may_come_from_a_file_or_standard_input(tmp_path: Path):
    given = tmp_path / "given"
    given.write_text(f"{SECRET}\n")
    done = init("--yes", *TRIPLE, "--secret-file", str(given), "--output", str(tmp_path / "a"))
    assert (done.returncode, secret_of(tmp_path / "a")) == (0, SECRET)
    stdin = ("--secret-file", "-", "--output", str(tmp_path / "b"))
    assert init("--yes", *TRIPLE, *stdin, answers=SECRET).returncode == 0
    assert secret_of(tmp_path / "b") == SECRET


def test_the_secret_is_no_option(tmp_path: Path):
    done = init("--yes", *TRIPLE, "--secret", SECRET, "--output", str(tmp_path))
    assert done.returncode == 2


def test_the_consoles_json_gives_all_three_values(tmp_path: Path):
    pasted = json.dumps({"productId": "CS0SLTKSYA", "deviceName": "dev1", "deviceSecret": SECRET})
    done = init("--yes", "--credentials", "-", "--output", str(tmp_path), answers=pasted)
    assert done.returncode == 0, done.stderr
    assert secret_of(tmp_path) == SECRET


def test_a_person_answers_questions(tmp_path: Path):
    answers = ["", "/dev/ttyUSB0", "", "CS0SLTKSYA", "dev1", SECRET, "kitchen", str(tmp_path), "n"]
    done = init(answers="\n".join(answers) + "\n")
    assert done.returncode == 0, done.stderr
    device = load(tmp_path / "socket.toml", {}).devices[0].device
    assert (device.id, device.meter.model_dump()["port"]) == ("kitchen", "/dev/ttyUSB0")
    assert secret_of(tmp_path) == SECRET


def test_a_person_may_paste_json_over_several_lines(tmp_path: Path):
    pasted = json.dumps(
        {"ProductId": "CS0SLTKSYA", "DeviceName": "dev1", "DevicePsk": SECRET}, indent=2
    )
    answers = ["direct", "", "", pasted, "", str(tmp_path), "n"]
    done = init(answers="\n".join(answers) + "\n")
    assert done.returncode == 0, done.stderr
    assert secret_of(tmp_path) == SECRET
    assert "isolator" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_nothing_is_overwritten_without_a_yes(tmp_path: Path):
    (tmp_path / "socket.toml").write_text("mine")
    options = ("--board", "code504", "--port", "/dev/ttyAMA0", "--cloud", "none", "--id", "a")
    done = init(*options, "--output", str(tmp_path), answers="n\n")
    assert done.returncode == 1
    assert (tmp_path / "socket.toml").read_text() == "mine"
    done = init(*options, "--output", str(tmp_path), answers="y\n")
    assert done.returncode == 0
    assert load(tmp_path / "socket.toml", {}).devices[0].device.id == "a"


def test_a_simulated_device_needs_neither_hardware_nor_cloud(tmp_path: Path):
    options = ("--port", "simulated", "--cloud", "none", "--output", str(tmp_path))
    assert init("--yes", *options).returncode == 0
    device = load(tmp_path / "socket.toml", {}).devices[0].device
    drivers = {part.driver for part in (device.meter, device.relay, device.button)}
    assert drivers | {device.indicator.driver} == {"simulated"}


@pytest.mark.parametrize(
    ("light", "button"),
    [("spi", "gpiod"), ("rgb", "auto"), ("rpi_ws281x", "gpiozero"), ("none", "none")],
)
def test_light_and_button_are_driven_as_the_options_say(tmp_path: Path, light: str, button: str):
    options = ("--light", light, "--button", button, "--cloud", "none", "--output", str(tmp_path))
    done = init("--yes", *options)
    assert done.returncode == 0, done.stderr
    device = load(tmp_path / "socket.toml", {}).devices[0].device
    assert (device.indicator.driver, device.button.driver) == (light, button)


def test_a_custom_board_takes_its_coefficients(tmp_path: Path):
    options = ("--board", "custom", "--cloud", "none", "--output", str(tmp_path), "--yes")
    assert init(*options).returncode == 2
    assert init(*options, "--kv", "1.5", "--ki", "1", "--kp", "1.5").returncode == 0
    assert load(tmp_path / "socket.toml", {}).devices[0].device.meter.kv == 1.5


@pytest.mark.parametrize(
    ("options", "environ", "code", "says"),
    [
        (("--product-id", "abc", "--device-name", "d"), SECRET, 78, "clouds.tencent.product_id"),
        (TRIPLE, "no secret!", 78, "device_secret_file: found (hidden)"),
        (TRIPLE, "", 2, "POLYCLOUD_SECRET"),
        ((), SECRET, 2, "--product-id"),
        (("--cloud", "aliyun"), SECRET, 2, "--product-key"),
        ((*TRIPLE, "--generation", "legacy"), SECRET, 2, "--generation does not belong"),
        (("--cloud", "none", "--region", "x"), SECRET, 2, "--region does not belong"),
        (
            ("--port", "simulated", "--light", "spi"),
            SECRET,
            2,
            "--light and --button do not belong",
        ),
        ((*TRIPLE, "--light", "spy"), SECRET, 2, "rpi_ws281x"),
        (("--cloud", "azure"), SECRET, 2, "aliyun"),
        ((*TRIPLE, "--secret-file", "/nowhere/at/all"), "", 2, "No such file"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, options: tuple[str, ...], environ: str, code: int, says: str
):
    done = init("--yes", *options, "--output", str(tmp_path / "new"), POLYCLOUD_SECRET=environ)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert not (tmp_path / "new").exists()
    assert "no secret!" not in done.stderr


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    done = init("--yes", "--cloud", "none", "--output", str(tmp_path / "file/in"))
    assert done.returncode == 1
    assert "Not a directory" in done.stderr


def test_json_alone_is_on_stdout_even_where_questions_are_asked(tmp_path: Path):
    answers = f"code504\n/dev/ttyAMA0\ntencent\nCS0SLTKSYA\ndev1\n{SECRET}\nsocket-1\n"
    done = init("--json", "--output", str(tmp_path), answers=answers)
    assert done.returncode == 0, done.stderr
    files = {"config": "socket.toml", "secret_file": "tencent.secret"}
    assert json.loads(done.stdout) == {key: str(tmp_path / name) for key, name in files.items()}
