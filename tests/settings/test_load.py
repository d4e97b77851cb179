from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.settings.device import MeterSettings, SimulatedMeterSettings, StartPolicy
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.load import load
from agent.settings.not_yet import NotYetError

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="

DEVICE = """\
[device]
id = "socket-1"
kind = "socket"
"""

TENCENT = """\
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
[clouds.tencent]
product_id = "CS0SLTKSYA"
device_name = "dev1"
device_secret_file = "tencent.secret"
"""


def write(folder: Path, text: str, name: str = "socket.toml", mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def write_secret(folder: Path, text: str = SECRET + "\n", mode: int = 0o600) -> Path:
    return write(folder, text, "tencent.secret", mode)


def faults(path: Path, **environ: str) -> list[Fault]:
    with pytest.raises(ConfigFaults) as caught:
        load(path, environ)
    return list(caught.value.faults)


def only(path: Path, **environ: str) -> Fault:
    (fault,) = faults(path, **environ)
    return fault


# ── what loads ──────────────────────────────────────────────────────────────────────────────


def test_a_small_file_has_defaults_for_the_rest(tmp_path: Path):
    (entry,) = load(write(tmp_path, DEVICE), {}).devices
    assert entry.clouds == {}
    assert entry.device.meter == MeterSettings()
    assert entry.device.relay.pin == "GPIO17"


def test_a_simulated_meter_is_told_by_its_driver(tmp_path: Path):
    text = DEVICE + '[device.meter]\ndriver = "simulated"\nload = "kettle"\n'
    meter = load(write(tmp_path, text), {}).devices[0].device.meter
    assert isinstance(meter, SimulatedMeterSettings)
    assert meter.load == "kettle"


def test_a_start_policy_may_be_a_table_by_cause(tmp_path: Path):
    text = DEVICE + '[device.relay]\non_start = { restart = "restore", crash = "off" }\n'
    relay = load(write(tmp_path, text), {}).devices[0].device.relay
    assert relay.on_start == StartPolicy(restart="restore")


def test_a_folder_is_its_device_files_and_one_agent_file(tmp_path: Path):
    write(tmp_path, '[agent]\nclock = "system"\n', "agent.toml")
    write(tmp_path, DEVICE, "b.toml")
    write(tmp_path, DEVICE.replace("socket-1", "socket-2").replace("\n", "\n", 1), "a.toml")
    write(tmp_path, "not read", "notes.txt")
    simulated = '[device.meter]\ndriver = "simulated"\n[device.relay]\ndriver = "simulated"\n'
    others = '[device.button]\ndriver = "none"\n[device.indicator]\ndriver = "none"\n'
    write(tmp_path, DEVICE + simulated + others, "b.toml")
    config = load(tmp_path, {})
    assert config.agent.clock == "system"
    assert [entry.device.id for entry in config.devices] == ["socket-2", "socket-1"]
    assert [entry.path.name for entry in config.devices] == ["a.toml", "b.toml"]


# ── faults ──────────────────────────────────────────────────────────────────────────────────


def test_every_fault_is_told_with_line_key_found_and_allowed(tmp_path: Path):
    path = write(
        tmp_path,
        DEVICE
        + """\
[device.relay]
min_off_s = -3
on_start = { crash = "of" }
[device.meter]
driver = "simulatd"
[device.protection]
rated_current_a = true
[device.reporting]
max_interval_s = 1
[device.reporting.change]
voltag = "2%"
current = "lots"
""",
    )
    assert [(f.line, f.key, f.found, f.allowed, f.hint) for f in faults(path)] == [
        (5, "device.relay.min_off_s", "-3", "0 to 3600", ""),
        (
            *(6, "device.relay.on_start.crash", '"of"', "off | on | restore"),
            "did you mean 'off'?",
        ),
        (
            *(8, "device.meter.driver", '"simulatd"', "hlw8032 | simulated"),
            "did you mean 'simulated'?",
        ),
        (10, "device.protection.rated_current_a", "true", "above 0 to 16", ""),
        (
            *(14, "device.reporting.change.voltag", "an unknown name"),
            "voltage | current | active_power | apparent_power | power_factor | total_energy",
            "did you mean 'voltage'?",
        ),
        (
            *(15, "device.reporting.change.current", '"lots"'),
            "a number, a percentage, or both: 0.01, '2%', '10% or 3'",
            "",
        ),
    ]


def test_a_fault_is_one_line_that_an_editor_can_jump_to(tmp_path: Path):
    fault = only(write(tmp_path, DEVICE + "[device.relay]\nmin_off_s = -3\n"))
    expected = "socket.toml:5: device.relay.min_off_s: found -3; allowed: 0 to 3600"
    assert str(fault).removeprefix(f"{tmp_path}/") == expected


@pytest.mark.parametrize(
    ("text", "line", "key", "found", "hint"),
    [
        (DEVICE + 'bord = "x"\n', 4, "device.bord", "an unknown key", "did you mean 'board'?"),
        (
            *(DEVICE + "min_off_s = 3\n", 4, "device.min_off_s", "an unknown key"),
            "'min_off_s' belongs in [device.relay]",
        ),
        (DEVICE + "[devic.x]\n", 4, "devic", "an unknown section", "did you mean 'device'?"),
        (
            *(DEVICE + "[clouds.tencnt]\n", 4, "clouds.tencnt", "an unknown cloud"),
            "did you mean 'tencent'?",
        ),
        (
            *(DEVICE + 'clouds = ["tencnt"]\n', 4, "device.clouds[0]", '"tencnt"'),
            "did you mean 'tencent'?",
        ),
        (
            *(DEVICE + 'clouds = ["tencent"]\n', 4, "device.clouds[0]"),
            *('"tencent" without its section', ""),
        ),
        ('[device]\nkind = "socket"\n', 1, "device.id", "nothing", ""),
        (DEVICE + "clouds = [3]\n", 4, "device.clouds[0]", "3", ""),
        (
            *('[device]\nid = "a"\nkind = "sockt"\n', 3, "device.kind", '"sockt"'),
            "did you mean 'socket'?",
        ),
        ("", None, "device", "nothing", ""),
        ("device = 3\n", 1, "device", "3", ""),
        ("clouds = 3\n" + DEVICE, 1, "clouds", "3", ""),
        (DEVICE + "relay = 3\n", 4, "device.relay", "3", ""),
        (
            DEVICE + '[device.relay]\non_start = "maybe"\n',
            5,
            "device.relay.on_start",
            '"maybe"',
            "",
        ),
        (DEVICE + "[device.relay]\nmin_off_s = nan\n", 5, "device.relay.min_off_s", "nan", ""),
        (
            *(DEVICE + "[device.reporting]\nmax_interval_s = 2\n", 5),
            *("device.reporting.max_interval_s", "2", ""),
        ),
        (
            *(DEVICE + '[device.button]\npin = "27"\n', 5, "device.button.pin", '"27"'),
            "did you mean 'GPIO27'?",
        ),
        (DEVICE + "[device.relay]\npin = 17\n", 5, "device.relay.pin", "17", ""),
    ],
)
def test_each_kind_of_fault_names_its_place(
    tmp_path: Path, text: str, line: int | None, key: str, found: str, hint: str
):
    fault = only(write(tmp_path, text))
    assert (fault.line, fault.key, fault.found, fault.hint) == (line, key, found, hint)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[device]\nid = socket\n", 2, "at column 6"),
        ("[device\n", 1, "at column 8"),
        ('a = """\n\n', 1, "at the end of the file"),
        ("a = 1\na = 2\n", 2, "Cannot overwrite a value"),
    ],
)
def test_bad_toml_is_told_with_line_and_column(tmp_path: Path, text: str, line: int, says: str):
    fault = only(write(tmp_path, text))
    assert fault.line == line
    assert says in fault.found


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 6000])
def test_nesting_and_numbers_without_end_are_faults_too(tmp_path: Path, text: str):
    (tmp_path / "socket.toml").write_text(text)
    with pytest.raises(ConfigError):
        load(tmp_path / "socket.toml", {})


def test_a_file_that_is_not_there_or_no_text_is_a_fault(tmp_path: Path):
    assert "No such file" in only(tmp_path / "none.toml").found
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in only(tmp_path / "binary.toml").found


def test_an_empty_folder_is_a_fault(tmp_path: Path):
    write(tmp_path, "", "agent.toml")
    assert only(tmp_path).found == "no device file"


def test_a_custom_board_needs_its_coefficients(tmp_path: Path):
    found = faults(write(tmp_path, DEVICE + 'board = "custom"\n[device.meter]\nkv = 1.0\n'))
    assert [fault.key for fault in found] == ["device.meter.ki", "device.meter.kp"]
    assert all(fault.line == 5 for fault in found)


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


# ── two devices ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("second", "key"),
    [
        ('id = "socket-1"\nmeter = { port = "/dev/b" }\n', "device.id"),
        ('id = "socket-2"\n', "device.meter.port"),
        ('id = "socket-2"\nmeter.port = "/dev/b"\nrelay.pin = "BCM17"\n', "device.relay.pin"),
    ],
)
def test_two_devices_do_not_share_what_there_is_once(tmp_path: Path, second: str, key: str):
    write(tmp_path, DEVICE, "a.toml")
    quiet = 'button.driver = "none"\nindicator.driver = "none"\n'
    if "relay" not in second:
        quiet += 'relay.pin = "GPIO22"\n'
    path = write(tmp_path, '[device]\nkind = "socket"\n' + second + quiet, "b.toml")
    fault = only(tmp_path)
    assert (fault.file, fault.key) == (str(path), key)
    assert f"a.toml: {key} has too" in fault.found


def test_two_devices_with_one_identity_would_throw_each_other_out(tmp_path: Path):
    write_secret(tmp_path)
    simulated = '[device.meter]\ndriver = "simulated"\n[device.relay]\ndriver = "simulated"\n'
    simulated += '[device.button]\ndriver = "none"\n[device.indicator]\ndriver = "none"\n'
    write(tmp_path, TENCENT + simulated, "a.toml")
    write(tmp_path, TENCENT.replace("socket-1", "socket-2") + simulated, "b.toml")
    fault = only(tmp_path)
    assert (fault.line, fault.key) == (7, "clouds.tencent.device_name")
    assert fault.allowed == "an identity of its own"


@pytest.mark.parametrize("pin", ["GPIO17", "BCM17", "gpio17", " GPIO017 "])
def test_relay_and_button_do_not_share_a_pin(tmp_path: Path, pin: str):
    fault = only(write(tmp_path, DEVICE + f'[device.button]\npin = "{pin}"\n'))
    assert (fault.line, fault.key) == (5, "device.button.pin")
    assert fault.found.startswith(f'"{pin}", which ')


def test_agent_may_stand_in_one_file_only(tmp_path: Path):
    write(tmp_path, "[agent]\n", "agent.toml")
    path = write(tmp_path, "[agent]\n" + DEVICE)
    fault = only(tmp_path)
    assert (fault.file, fault.line, fault.key) == (str(path), 1, "agent")


# ── later versions ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[device]\nid = "a"\nkind = "generic"\nsensors = 3\n', 3, "device.kind"),
        (DEVICE + '[device.indicator]\ndriver = "spi"\n', 5, "device.indicator.driver"),
        (DEVICE + '[device.button]\ndriver = "gpiod"\n', 5, "device.button.driver"),
        (TENCENT + 'tls = "psk"\n', 9, "clouds.tencent.tls"),
    ],
)
def test_what_comes_later_says_so(tmp_path: Path, text: str, line: int, key: str):
    write_secret(tmp_path)
    with pytest.raises(NotYetError, match="not yet in version") as caught:
        load(write(tmp_path, text), {})
    (fault,) = caught.value.faults
    assert (fault.line, fault.key) == (line, key)
    assert isinstance(caught.value, ConfigError)
    assert not isinstance(caught.value, ConfigFaults)


def test_a_wrong_cloud_is_told_together_with_the_faults_of_the_device(tmp_path):
    path = tmp_path / "socket.toml"
    path.write_text('[device]\nid = "x"\nkind = "socket"\nclouds = ["tencnt"]\nmeter.port = 3\n')
    with pytest.raises(ConfigFaults) as caught:
        load(path, {})
    assert sorted(fault.line or 0 for fault in caught.value.faults) == [4, 5]
    assert "did you mean 'tencent'?" in str(caught.value)


# ── what the operating system cannot take ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("agent", "state_dir"),
        ("agent", "control_socket"),
        ("device.relay", "pin"),
        ("device.meter", "port"),
        ("clouds.tencent", "host"),
        ("clouds.tencent", "ca_file"),
        ("clouds.tencent", "device_secret_file"),
    ],
)
def test_a_nul_in_a_text_is_a_fault_and_no_crash(tmp_path: Path, section: str, key: str):
    write_secret(tmp_path)
    text = TENCENT.replace(
        'device_secret_file = "tencent.secret"\n', "", key.startswith("device_s")
    )
    head, found, tail = text.partition(f"[{section}]\n")
    line = f'[{section}]\n{key} = "a\\u0000b"\n'
    path = write(tmp_path, head + line + tail if found else text + line)
    fault = next(fault for fault in faults(path) if fault.key == f"{section}.{key}")
    assert "U+0000" in fault.allowed


def test_a_name_too_long_for_the_file_system_is_a_fault_and_no_crash(tmp_path: Path):
    write_secret(tmp_path)
    fault = only(write(tmp_path, TENCENT + f'ca_file = "{"x" * 5000}"\n'))
    assert (fault.key, fault.allowed) == ("clouds.tencent.ca_file", "a PEM file")
