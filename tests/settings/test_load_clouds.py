"""Faults in the sections of clouds."""

from pathlib import Path

import pytest

from agent.settings.faults import ConfigFaults
from agent.settings.load import load
from tests.settings.device_files import DEVICE, TENCENT, only, write, write_secret


def test_sections_of_clouds_that_are_not_named_are_validated_too(tmp_path: Path):
    fault = only(
        write(tmp_path, DEVICE + '[clouds.onenet]\nproduct_id = "a"\nport = 0\ndevice_name = "b"\n')
    )
    assert (fault.line, fault.key, fault.allowed) == (6, "clouds.onenet.port", "1 to 65535")


def test_a_legacy_product_without_tls_false_is_an_error(tmp_path: Path):
    text = '[clouds.onenet]\nproduct_id = "5"\ndevice_name = "1"\ngeneration = "legacy"\n'
    fault = only(write(tmp_path, DEVICE + text))
    assert (fault.key, fault.found) == ("clouds.onenet.tls", "nothing")
    load(write(tmp_path, DEVICE + text + "tls = false\n"), {})


def test_aliyun_needs_the_device_or_the_consoles_parameters(tmp_path: Path):
    fault = only(write(tmp_path, DEVICE + '[clouds.aliyun]\nregion = "cn-shanghai"\n'))
    assert fault.key == "clouds.aliyun.product_key"
    load(write(tmp_path, DEVICE + '[clouds.aliyun]\nmqtt_params_file = "p.json"\n'), {})


def test_a_ca_file_that_is_missing_is_a_fault(tmp_path: Path):
    write_secret(tmp_path)
    fault = only(write(tmp_path, TENCENT + 'ca_file = "no.pem"\n'))
    assert (fault.line, fault.key) == (9, "clouds.tencent.ca_file")


def test_a_cloud_is_named_once(tmp_path: Path):
    write_secret(tmp_path)
    text = TENCENT.replace('["tencent"]', '["tencent", "tencent"]')
    fault = only(write(tmp_path, text))
    assert (fault.key, fault.found) == ("device.clouds[1]", '"tencent" twice')


def test_rename_gives_texts(tmp_path: Path):
    write_secret(tmp_path)
    fault = only(write(tmp_path, TENCENT + "rename = { voltage = 3 }\n"))
    assert (fault.line, fault.key) == (9, "clouds.tencent.rename.voltage")
    assert (fault.found, fault.allowed) == ("3", "a text of 1 to 64 characters")


def test_rename_takes_only_names_of_the_thing(tmp_path: Path):
    write_secret(tmp_path)
    fault = only(write(tmp_path, TENCENT + 'rename = { volt = "u" }\n'))
    assert (fault.key, fault.hint) == ("clouds.tencent.rename.volt", "did you mean 'voltage'?")


def test_a_wrong_cloud_is_told_together_with_the_faults_of_the_device(tmp_path):
    path = tmp_path / "socket.toml"
    path.write_text('[device]\nid = "x"\nkind = "socket"\nclouds = ["tencnt"]\nmeter.port = 3\n')
    with pytest.raises(ConfigFaults) as caught:
        load(path, {})
    assert sorted(fault.line or 0 for fault in caught.value.faults) == [4, 5]
    assert "did you mean 'tencent'?" in str(caught.value)
