"""Each fault of a file is told with its place, what was found and what is allowed."""

from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.settings.load import load
from tests.settings.device_files import DEVICE, TENCENT, faults, only, write, write_secret


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
            *(
                8,
                "device.meter.driver",
                '"simulatd"',
                "hlw8032 | cse7766 | cse7759b | hlw8012 | bl0937 | bl0942 | pzem004t | simulated",
            ),
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
