"""The section of a device that is declared in its file, and the faults of one."""

from pathlib import Path

import pytest

from agent.app.codecs import check_codecs
from agent.settings.changes import restart_reasons
from agent.settings.faults import ConfigFaults
from agent.settings.generic import GenericSettings
from agent.settings.load import load
from agent.settings.notices import notices
from agent.settings.smoothing import parse_filter, parse_warm_up
from tests.settings.device_files import faults, only, write, write_secret

HEAD = '[device]\nid = "env-1"\nkind = "generic"\n'
SENSOR = '[device.sensors.MQ2]\ndriver = "simulated"\n'
SWITCH = '[device.switches.Lamp]\ndriver = "simulated"\n'
CLOUD = '[clouds.tencent]\nproduct_id = "CS0SLTKSYA"\ndevice_name = "dev1"\n'
CLOUD += 'device_secret_file = "tencent.secret"\n'


def loaded(folder: Path, text: str) -> GenericSettings:
    (entry,) = load(write(folder, HEAD + text), {}).devices
    assert isinstance(entry.device, GenericSettings)
    return entry.device


def test_a_device_is_what_its_file_declares(tmp_path):
    device = loaded(tmp_path, SENSOR + SWITCH)
    assert (list(device.sensors), list(device.switches)) == (["MQ2"], ["Lamp"])
    assert (device.main_switch, device.accept_stored_on) == ("Lamp", True)
    assert device.own_names == ("MQ2", "Lamp")


def test_a_device_without_parts_is_none(tmp_path):
    fault = only(write(tmp_path, HEAD))
    assert (fault.key, fault.found) == ("device.sensors", "nothing")
    assert "[device.switches.NAME]" in fault.allowed


@pytest.mark.parametrize("name", ["2MQ", "MQ-2", "", "M" * 33, "温度"])
def test_a_part_is_called_like_an_identifier(tmp_path, name):
    fault = only(write(tmp_path, HEAD + SENSOR.replace("MQ2", f'"{name}"')))
    assert fault.line == 4
    assert fault.allowed == "a letter, then up to 31 letters, digits or '_'"


@pytest.mark.parametrize(
    ("name", "found"),
    [("rest", "a word of the rules"), ("count_down", "a name that a socket gives")],
)
def test_a_name_that_means_something_else_is_refused(tmp_path, name, found):
    fault = only(write(tmp_path, HEAD + SENSOR.replace("MQ2", name)))
    assert (fault.line, fault.found) == (4, found)


def test_a_name_is_given_once(tmp_path):
    fault = only(write(tmp_path, HEAD + SENSOR + SWITCH.replace("Lamp", "MQ2")))
    assert (fault.line, fault.key) == (6, "device.switches.MQ2")
    assert "[device.sensors.MQ2]" in fault.found


@pytest.mark.parametrize(("role", "most"), [("sensors", 64), ("switches", 16), ("dimmers", 16)])
def test_there_are_only_so_many(tmp_path, role, most):
    parts = "".join(f'[device.{role}.P{n}]\ndriver = "simulated"\n' for n in range(most + 1))
    fault = only(write(tmp_path, HEAD + parts))
    assert (fault.key, fault.allowed) == (f"device.{role}", f"up to {most} {role}")


def test_a_wrong_kind_is_told_with_the_faults_of_the_one_that_was_meant(tmp_path):
    text = (HEAD + SENSOR + "filter = 3\n").replace('"generic"', '"generik"')
    first, second = faults(write(tmp_path, text))
    assert (first.line, first.key, first.found) == (3, "device.kind", '"generik"')
    assert (first.allowed, first.hint) == ("socket | generic | strip", "did you mean 'generic'?")
    assert second.key == "device.sensors.MQ2.filter"


@pytest.mark.parametrize(
    ("line", "key", "allowed"),
    [
        ('filter = "median"', "filter", "none, or 'median N'"),
        ('filter = "median 1"', "filter", "N 2 to 60"),
        ('filter = "mean 61"', "filter", "N 2 to 60"),
        ('warm_up = "3"', "warm_up", "a duration up to 1d"),
        ('warm_up = "2d"', "warm_up", "a duration up to 1d"),
        ("range = [5, 5]", "range", "[lowest, highest]"),
        ("range = [0, 1e13]", "range", "up to 1e+12"),
        ("step = 1e-9", "step", "1e-06 to 1000"),
        ("scale = 0", "scale", "other than 0"),
        ('driver = "simulatd"', "driver", "simulated"),
        ("retrys = 3", "retrys", "retries"),
    ],
)
def test_a_wrong_key_of_a_sensor_is_told_with_its_line(tmp_path, line, key, allowed):
    text = (
        HEAD + SENSOR.replace('driver = "simulated"\n', "") if "driver" in line else HEAD + SENSOR
    )
    fault = only(write(tmp_path, f"{text}{line}\n"))
    assert fault.line in (5, 6)
    assert fault.key == f"device.sensors.MQ2.{key}"
    assert allowed in fault.allowed


def test_a_switch_on_a_real_line_names_it(tmp_path):
    fault = only(write(tmp_path, HEAD + SWITCH.replace("simulated", "gpiod")))
    assert (fault.key, fault.found) == ("device.switches.Lamp.pin", "nothing")
    fault = only(write(tmp_path, HEAD + SWITCH.replace("simulated", "gpiod") + 'pin = "4"\n'))
    assert (fault.line, fault.hint) == (6, "did you mean 'GPIO4'?")
    assert (fault.key, fault.found) == ("device.switches.Lamp.pin", '"4"')


def test_two_parts_do_not_share_a_pin(tmp_path):
    text = SWITCH.replace("simulated", "auto") + 'pin = "GPIO4"\n'
    dimmer = '[device.dimmers.Glow]\ndriver = "gpiozero"\npin = "BCM4"\n'
    fault = only(write(tmp_path, HEAD + text + dimmer))
    assert (fault.key, fault.allowed) == ("device.dimmers.Glow.pin", "a pin of its own")
    simulated = loaded(tmp_path, SWITCH + SWITCH.replace("Lamp", "Other"))
    assert simulated.lines == {}


@pytest.mark.parametrize(
    ("main", "switches", "allowed", "hint"),
    [("Lmp", SWITCH, "Lamp", "did you mean 'Lamp'?"), ("Lamp", SENSOR, "nothing", "")],
)
def test_the_main_switch_is_one_of_them(tmp_path, main, switches, allowed, hint):
    fault = only(write(tmp_path, f'{HEAD}main = "{main}"\n{switches}'))
    assert (fault.line, fault.key, fault.hint) == (4, "device.main", hint)
    assert fault.allowed.startswith(allowed)


def test_a_reportable_change_is_of_its_own(tmp_path):
    change = "[device.reporting.change]\nMQ2 = 5\n"
    assert loaded(tmp_path, SENSOR + change).reporting.changes["MQ2"].absolute == 5
    fault = only(write(tmp_path, HEAD + SENSOR + change.replace("MQ2", "MQ3")))
    assert (fault.line, fault.key) == (7, "device.reporting.change.MQ3")
    assert (fault.found, fault.allowed) == ("an unknown name", "MQ2")
    assert fault.hint == "did you mean 'MQ2'?"
    fault = only(write(tmp_path, HEAD + SWITCH + change))
    assert fault.allowed == "nothing: a switch is always due"


def test_a_cloud_renames_its_own_names(tmp_path):
    write_secret(tmp_path)
    rename = '[clouds.tencent.rename]\nMQ2 = "smoke"\n'
    config = load(write(tmp_path, HEAD + 'clouds = ["tencent"]\n' + SENSOR + CLOUD + rename), {})
    assert config.devices[0].clouds["tencent"].rename == {"MQ2": "smoke"}
    check_codecs(config.devices[0])
    wrong = rename.replace("MQ2", "voltage")
    fault = only(write(tmp_path, HEAD + SENSOR + CLOUD + wrong))
    assert (fault.line, fault.key) == (11, "clouds.tencent.rename.voltage")
    assert (fault.found, fault.allowed) == ("an unknown name", "MQ2")


def test_what_a_faulty_device_may_rename_is_not_judged(tmp_path):
    wrong = '[clouds.tencent.rename]\nvoltage = "u"\n'
    (fault,) = faults(write(tmp_path, HEAD + SENSOR + "a = 1\n" + CLOUD + wrong))
    assert fault.key == "device.sensors.MQ2.a"


def test_rules_and_schedules_are_judged_by_its_own_names(tmp_path):
    rules = '[device.rules]\ngas = "when MQ3 > 3: event gas"\n'
    fault = only(write(tmp_path, HEAD + SENSOR + rules))
    assert (fault.line, fault.hint) == (7, "did you mean 'MQ2'?")
    schedules = '[device.schedules]\na = "set Lmp = on at 07:00"\n'
    fault = only(write(tmp_path, HEAD + SWITCH + schedules))
    assert (fault.line, fault.key) == (7, "device.schedules.a")


def test_a_reload_takes_over_what_moves_nothing(tmp_path):
    def config(text):
        return load(write(tmp_path, HEAD + text), {})

    old = config(SENSOR + SWITCH)
    rules = '[device.rules]\ngas = "when MQ2 > 3: event gas"\n'
    assert restart_reasons(old, config(f"accept_stored_on = false\n{SENSOR}{SWITCH}{rules}")) == ()
    reasons = restart_reasons(old, config(SENSOR + 'unit = "ppm"\n' + SWITCH))
    assert reasons == ("device 'env-1': sensors has changed: needs a restart",)
    reasons = restart_reasons(old, config(SENSOR + SWITCH.replace("Lamp", "Light")))
    assert reasons == ("device 'env-1': switches has changed: needs a restart",)


def test_a_restart_that_clicks_is_told(tmp_path):
    text = HEAD + SWITCH.replace("simulated", "auto") + 'pin = "GPIO4"\n'
    config = load(write(tmp_path, text), {})
    (notice,) = notices(config, has_gpiod=False)
    assert notice.startswith("env-1: Lamp: a restart clicks the contact")
    assert notices(config, has_gpiod=True) == ()


def test_filters_and_warm_ups_are_read():
    assert (parse_filter(" Median  5 ").kind, parse_filter("median 5").count) == ("median", 5)
    assert parse_filter("none").count == 1
    assert parse_warm_up("1h30m") == 5400


def test_an_identifier_is_given_once(tmp_path):
    write_secret(tmp_path)
    rename = '[clouds.tencent.rename]\nMQ2 = "Lamp"\n'
    text = HEAD + 'clouds = ["tencent"]\n' + SENSOR + SWITCH + CLOUD + rename
    with pytest.raises(ConfigFaults, match="would both be 'Lamp'"):
        check_codecs(load(write(tmp_path, text), {}).devices[0])


def test_a_variable_brings_a_part_as_json(tmp_path):
    path = write(tmp_path, HEAD + SWITCH)
    variables = {
        "POLYCLOUD_DEVICE__SENSORS": '{"T": {"driver": "simulated", "range": [0, 5]}}',
        "POLYCLOUD_DEVICE__ACCEPT_STORED_ON": "false",
    }
    (entry,) = load(path, variables).devices
    assert entry.device.own_names == ("T", "Lamp")
    assert entry.device.accept_stored_on is False
