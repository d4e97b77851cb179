"""The model of a device whose energy a platform sums."""

import json

from tests.cli.test_model import CONFIG, model


def test_energy_that_is_summed_is_in_the_model_where_it_is_switched_on(tmp_path):
    section = '[clouds.aliyun]\nproduct_key = "k19g7hBjoOD"\ndevice_name = "testdevice1"\n'
    file = tmp_path / "socket.toml"
    file.write_text(CONFIG + "\n" + section + 'device_secret_file = "nowhere.secret"\n')
    without = model("export", "aliyun", "--config", file).stdout
    file.write_text(file.read_text() + "unit_power_consumption = true\n")
    export = model("export", "aliyun", "--config", file).stdout
    row = {row["identifier"]: row for row in json.loads(export)["properties"]}.get(
        "UnitPowerConsumption"
    )
    assert row["accessMode"] == "r"
    assert row["dataType"]["specs"] == {
        "min": "0",
        "max": "1000",
        "step": "0.001",
        "unit": "kW·h",
        "unitName": "千瓦·时",
    }
    assert b"UnitPowerConsumption" not in without
    assert model("diff", "aliyun", "-", "--config", file, stdin=export).returncode == 0
    assert model("diff", "aliyun", "-", "--config", file, stdin=without).returncode == 1
