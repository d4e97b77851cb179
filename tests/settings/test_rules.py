"""`[device.rules]`: each fault with its line, what was found and what is allowed."""

from pathlib import Path

import pytest

from agent.settings.load import load
from tests.settings.device_files import DEVICE, faults, only, write


def with_rule(text: str, name: str = "charge") -> str:
    return DEVICE + f"[device.rules]\n{name} = '''{text}'''\n"


def test_rules_are_kept_as_they_are_written(tmp_path: Path):
    text = with_rule("when active_power < 5 for 10m: off") + 'tv = "preset standby_killer"\n'
    (device,) = load(write(tmp_path, text), {}).devices
    assert device.device.rules == {
        "charge": "when active_power < 5 for 10m: off",
        "tv": "preset standby_killer",
    }


@pytest.mark.parametrize(
    ("text", "found", "allowed", "hint"),
    [
        (
            "when activ_power < 5: off",
            "\"when activ_power < 5: off\": no value is named 'activ_power'",
            "power_switch | voltage",
            "did you mean 'active_power'?",
        ),
        (
            "when voltage < 5 fro 10m: off",
            "\"when voltage < 5 fro 10m: off\": character 18: found 'fro'",
            "and | for | after | between | rest | ':'",
            "did you mean 'for'?",
        ),
        (
            "when voltage < 5: set voltage = 5",
            '"when voltage < 5: set voltage = 5": voltage can only be read',
            "",
            "",
        ),
        ("preset nix", "\"preset nix\": no preset is named 'nix'", "charge_cutoff | ", ""),
        ("x" * 200, f'"{"x" * 47}…: it has 200 characters', "up to 160", ""),
    ],
)
def test_a_text_that_is_no_rule_is_told(
    tmp_path: Path, text: str, found: str, allowed: str, hint: str
):
    fault = only(write(tmp_path, with_rule(text)))
    assert (fault.line, fault.key, fault.hint) == (5, "device.rules.charge", hint)
    assert fault.found == found
    assert fault.allowed.startswith(allowed)


def test_a_name_that_is_none_is_told(tmp_path: Path):
    fault = only(write(tmp_path, with_rule("when voltage < 5: off", "Charge")))
    assert (fault.line, fault.key) == (5, "device.rules.Charge")
    assert fault.allowed.startswith("a small letter, then up to 31")


def test_every_fault_of_several_rules_is_told_at_once(tmp_path: Path):
    lines = [f'r{number} = "when voltage < 5: of"' for number in range(3)]
    found = faults(write(tmp_path, DEVICE + "[device.rules]\n" + "\n".join(lines)))
    assert [fault.line for fault in found] == [5, 6, 7]


def test_rules_are_bounded_in_number(tmp_path: Path):
    lines = [f'r{number} = "when voltage < 5: off"' for number in range(21)]
    fault = only(write(tmp_path, DEVICE + "[device.rules]\n" + "\n".join(lines)))
    assert (fault.key, fault.line) == ("device.rules", 4)
    assert fault.allowed.startswith("up to 20 rules")
