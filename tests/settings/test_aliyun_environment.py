"""`[clouds.aliyun]`: what systemd and variables bring."""

from pathlib import Path

from agent.settings.load import load
from tests.settings.aliyun_files import (
    BY_FILE,
    DEVICE,
    PASTED,
    SECRET,
    TRIPLE,
    only,
    section,
    write,
)


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
