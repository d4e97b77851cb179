"""The configurations of what is measured: they load, and a move changes one line."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.demo.dialects import DIALECTS
from agent.settings.load import load
from bench.subject import Account, Subject, device, renamed

CLOUDS = ("tencent", "aliyun", "onenet")


def account(folder: Path, cloud: str, ca_file: Path | None) -> Account:
    known = DIALECTS[cloud].identity()
    secret_file = folder / f"{cloud}.secret"
    secret_file.write_text(known.secret)
    secret_file.chmod(0o600)
    return Account(device=known, secret_file=secret_file, port=1883, ca_file=ca_file)


def text(folder: Path, subject: Subject, ca_file: Path | None = None) -> str:
    sections = [account(folder, cloud, ca_file).section for cloud in CLOUDS]
    return device(subject, folder, 4001) + "".join(sections)


def loaded(folder: Path, written: str):
    path = folder / "bench.toml"
    path.write_text(written)
    (config,) = load(path, {}).devices
    return config


@pytest.mark.parametrize("clouds", [CLOUDS[:1], CLOUDS])
def test_it_loads_and_names_the_subjects_clouds(tmp_path: Path, clouds: tuple[str, ...]):
    config = loaded(tmp_path, text(tmp_path, Subject(name="agent", clouds=clouds, is_on=True)))
    assert config.device.clouds == clouds
    assert set(config.clouds) == set(clouds)
    assert (config.device.relay.on_start, config.device.indicator.driver) == ("on", "none")
    assert not any(section.tls for section in config.clouds.values())


def test_with_a_ca_file_it_goes_over_tls(tmp_path: Path):
    ca_file = tmp_path / "ca.pem"
    ca_file.touch()
    config = loaded(tmp_path, text(tmp_path, Subject(name="agent", clouds=CLOUDS), ca_file))
    assert [section.ca_file for section in config.clouds.values()] == [str(ca_file)] * 3


def test_a_move_to_other_clouds_changes_one_line(tmp_path: Path):
    before = text(tmp_path, Subject(name="agent"))
    after = renamed(before, ("aliyun", "onenet"))
    changed = [
        (old, new)
        for old, new in zip(before.splitlines(), after.splitlines(), strict=True)
        if old != new
    ]
    assert changed == [('clouds = ["tencent"]', 'clouds = ["aliyun", "onenet"]')]
    assert loaded(tmp_path, after).device.clouds == ("aliyun", "onenet")


def test_a_secret_is_not_shown(tmp_path: Path):
    shown = account(tmp_path, "tencent", None)
    assert shown.device.secret not in repr(shown)
    assert shown.device.secret not in shown.section
    assert replace(shown, port=1).section != shown.section
