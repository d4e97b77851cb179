from pathlib import Path

import pytest

from agent.settings.clouds import CloudSettings
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="
KEY = "clouds.tencent.device_secret"
TENCENT = """\
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
[clouds.tencent]
product_id = "CS0SLTKSYA"
device_name = "dev1"
"""
FROM_FILE = TENCENT + 'device_secret_file = "tencent.secret"\n'
IN_CONFIG = TENCENT + f'device_secret = "{SECRET}"\n'


def write(folder: Path, text: str, name: str = "socket.toml", mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def secret_of(path: Path, **environ: str) -> str:
    return load(path, environ).devices[0].clouds["tencent"].device_secret.get_secret_value()


def only(path: Path, **environ: str) -> Fault:
    with pytest.raises(ConfigFaults) as caught:
        load(path, environ)
    (fault,) = caught.value.faults
    return fault


def test_a_secret_has_a_file_of_its_own_beside_the_configuration(tmp_path: Path):
    write(tmp_path, f"  {SECRET}\n\n", "tencent.secret")
    assert secret_of(write(tmp_path, FROM_FILE, mode=0o644)) == SECRET


def test_a_secret_may_stand_in_a_configuration_that_nobody_else_reads(tmp_path: Path):
    assert secret_of(write(tmp_path, IN_CONFIG)) == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secret_in_a_configuration_that_others_read_is_refused(tmp_path: Path, mode: int):
    path = write(tmp_path, IN_CONFIG, mode=mode)
    fault = only(path)
    assert (fault.line, fault.key, fault.allowed) == (8, KEY, "mode 0600")
    assert fault.found == f"a secret in a file of mode {mode:04o}"
    assert fault.hint == f"chmod 600 {path}"


def test_systemd_may_bring_the_secret(tmp_path: Path):
    folder = tmp_path / "credentials"
    folder.mkdir()
    write(folder, SECRET + "\n", "tencent.device_secret", 0o440)
    path = write(tmp_path, TENCENT)
    assert secret_of(path, CREDENTIALS_DIRECTORY=str(folder)) == SECRET
    assert load(path, {"CREDENTIALS_DIRECTORY": str(folder)}).warnings == ()


def test_a_variable_may_bring_the_secret_instead_of_the_file(tmp_path: Path):
    path = write(tmp_path, FROM_FILE)
    assert secret_of(path, POLYCLOUD_CLOUDS__TENCENT__DEVICE_SECRET=SECRET) == SECRET
    other = write(tmp_path, SECRET, "other.secret")
    assert secret_of(path, POLYCLOUD_CLOUDS__TENCENT__DEVICE_SECRET_FILE=str(other)) == SECRET


def test_without_any_source_all_of_them_are_named(tmp_path: Path):
    fault = only(write(tmp_path, TENCENT))
    assert (fault.line, fault.key, fault.found) == (5, KEY, "no secret")
    assert "device_secret_file, device_secret, or the systemd credential" in fault.allowed


def test_two_sources_are_one_too_many(tmp_path: Path):
    write(tmp_path, SECRET, "tencent.secret")
    fault = only(write(tmp_path, FROM_FILE + f'device_secret = "{SECRET}"\n'))
    assert fault.found == f"several: {KEY}_file, {KEY}"
    credential = write(tmp_path, SECRET, "tencent.device_secret")
    fault = only(write(tmp_path, FROM_FILE), CREDENTIALS_DIRECTORY=str(tmp_path))
    assert fault.file == str(credential)


def test_a_file_that_is_missing_empty_or_binary_is_told_apart(tmp_path: Path):
    path = write(tmp_path, FROM_FILE)
    fault = only(path)
    assert (fault.line, fault.key) == (8, KEY + "_file")
    assert "No such file" in fault.found
    write(tmp_path, " \n", "tencent.secret")
    assert only(path).found == f"that {tmp_path / 'tencent.secret'} is empty"
    (tmp_path / "tencent.secret").write_bytes(b"\xff\xff")
    assert "not a text file" in only(path).found


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    (tmp_path / "tencent.secret").mkdir()
    assert "Is a directory" in only(write(tmp_path, FROM_FILE)).found


@pytest.mark.parametrize("text", [SECRET[:-2], "hush hush", "YQ", "QUJD" * 17])
def test_what_is_no_device_secret_is_refused_and_never_shown(tmp_path: Path, text: str):
    write(tmp_path, text, "tencent.secret")
    fault = only(write(tmp_path, FROM_FILE))
    assert (fault.line, fault.found) == (8, "(hidden)")
    assert "every '=' at the end" in fault.allowed
    assert text not in str(fault)


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_secret_file_that_others_may_read_gives_a_warning(tmp_path: Path, mode: int):
    path = write(tmp_path, SECRET, "tencent.secret", mode)
    (warning,) = load(write(tmp_path, FROM_FILE), {}).warnings
    assert str(path) in warning
    assert "chmod 600" in warning


@pytest.mark.parametrize(
    "line",
    [
        "device_secret = 12345",
        'device_secrt = "hush hush"',
        'api_token = "hush hush"',
        "device_secret_file = 12345",
    ],
)
def test_no_fault_shows_the_value_of_a_key_that_names_a_secret(tmp_path: Path, line: str):
    fault = str(only(write(tmp_path, TENCENT + line + "\n")))
    assert "12345" not in fault
    assert "hush" not in fault


def test_no_representation_shows_the_secret(tmp_path: Path):
    config = load(write(tmp_path, IN_CONFIG), {})
    assert SECRET not in repr(config)
    assert SECRET not in str(config.devices[0].clouds)


def test_clouds_that_are_not_named_need_no_secret(tmp_path: Path):
    text = TENCENT.replace('["tencent"]', "[]") + 'device_secret_file = "nowhere"\n'
    assert load(write(tmp_path, text), {}).devices[0].clouds == {}


def test_a_cloud_that_asks_for_nothing_takes_any_secret_and_lacks_no_root():
    assert CloudSettings.secret_fault("device_secret", "anything at all") is None
    assert not CloudSettings().lacks_root
