"""`[device.reporting.change]` as the contract has it: from a file to what is reported."""

import pytest

from agent.app.policies import policy_of
from agent.devices.socket.socket import Socket
from agent.errors import ConfigError
from agent.reporting import Reported, Sight, due, reported
from agent.settings.load import load
from tests.settings.device_files import DEVICE, only, write

CONTRACT = """\
[device.reporting]
min_interval_s = 5
max_interval_s = 300
[device.reporting.change]
voltage = "2%"
current = "10%"
active_power = "10% or 3"
total_energy = 0.01
"""
ALLOWED = "a number, a percentage, or both: 0.01, '2%', '10% or 3'"


def policy(tmp_path, text):
    (device,) = load(write(tmp_path, DEVICE + text), {}).devices
    return policy_of(device.device, Socket(settings=device.device))


def told(policy, name, values, every_s=10.0):
    """Measure one value after the other, and list what is reported of them."""
    last, out, now = Reported(), [], 1000.0
    for value in values:
        sight = Sight(snapshot={name: value})
        values_due = due(last, sight, policy, now)
        if values_due:
            last = reported(last, values_due, sight, now)
            out.append(value)
        now += every_s
    return out


@pytest.mark.parametrize(
    ("name", "measured", "reports"),
    [
        ("voltage", [230.0, 234.5, 234.6, 239.2, 239.3], [230.0, 234.6, 239.3]),
        ("current", [1.0, 1.09, 1.1, 0.99, 0.0], [1.0, 1.1, 0.99, 0.0]),
        # Either bound: 10 % of a small load, 3 W of a large one.
        ("active_power", [10.0, 10.9, 11.0, 12.0, 12.1], [10.0, 11.0, 12.1]),
        ("active_power", [1000.0, 1002.9, 1003.0, 0.0], [1000.0, 1003.0, 0.0]),
        ("total_energy", [1.0, 1.009, 1.01, 1.0199, 1.02], [1.0, 1.01, 1.02]),
    ],
)
def test_the_contracts_own_lines_decide_what_is_reported(tmp_path, name, measured, reports):
    assert told(policy(tmp_path, CONTRACT), name, measured) == reports


@pytest.mark.parametrize(
    ("text", "measured", "reports"),
    [
        ("0.5", [10.0, 10.4, 10.5, 11.1], [10.0, 10.5, 11.1]),
        ("3", [10.0, 12.9, 13.0], [10.0, 13.0]),
        ("0", [10.0, 10.0, 10.1], [10.0, 10.1]),
        ('"3"', [10.0, 12.9, 13.0], [10.0, 13.0]),
        ('"10%"', [100.0, 109.9, 110.0], [100.0, 110.0]),
        ('"2.5 %"', [100.0, 102.4, 102.5], [100.0, 102.5]),
        ('"3 or 10%"', [100.0, 102.9, 103.0], [100.0, 103.0]),
        ('"10% or 30"', [100.0, 109.9, 110.0], [100.0, 110.0]),
        ('"0%"', [10.0, 10.0, 10.1], [10.0, 10.1]),
        ('"100%"', [10.0, 19.9, 20.0, 0.0], [10.0, 20.0, 0.0]),
    ],
)
def test_each_form_counts_from_its_bound_on(tmp_path, text, measured, reports):
    lines = f"[device.reporting.change]\nactive_power = {text}\n"
    assert told(policy(tmp_path, lines), "active_power", measured) == reports


def test_whatever_moves_it_waits_for_the_minimum_and_not_beyond_the_maximum(tmp_path):
    made = policy(tmp_path, CONTRACT)
    assert told(made, "voltage", [230.0, 260.0, 290.0, 320.0], every_s=2.0) == [230.0, 320.0]
    still = [230.0] * 31
    assert told(made, "voltage", still, every_s=9.9) == [230.0]
    assert told(made, "voltage", still, every_s=10.0) == [230.0, 230.0]


def test_what_the_file_leaves_out_keeps_the_things_own_change(tmp_path):
    lines = "[device.reporting.change]\nvoltage = 5\n"
    made, default = policy(tmp_path, lines), policy(tmp_path, "")
    assert made.changes["voltage"] != default.changes["voltage"]
    assert {**made.changes, "voltage": default.changes["voltage"]} == default.changes
    assert default.changes == policy(tmp_path, CONTRACT).changes


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('voltage = "two"', '"two"'),
        ('voltage = ""', '""'),
        ('voltage = "2% and 3"', '"2% and 3"'),
        ('voltage = "2% or 3%"', '"2% or 3%"'),
        ('voltage = "2 or 3"', '"2 or 3"'),
        ('voltage = "2% or 3 or 4"', '"2% or 3 or 4"'),
        ('voltage = "-2%"', '"-2%"'),
        ('voltage = "101%"', '"101%"'),
        ('voltage = "2 V"', '"2 V"'),
        ('voltage = "1e3"', '"1e3"'),
        ("voltage = -1", "-1"),
        ("voltage = true", "true"),
        ("voltage = nan", "nan"),
        ("voltage = inf", "inf"),
        ("voltage = [2]", "a list"),
    ],
)
def test_another_text_is_told_with_file_line_key_and_what_is_allowed(tmp_path, line, found):
    path = write(tmp_path, f"{DEVICE}[device.reporting.change]\n{line}\n")
    fault = only(path)
    assert (fault.line, fault.key) == (5, "device.reporting.change.voltage")
    assert (fault.found, fault.allowed) == (found, ALLOWED)
    with pytest.raises(ConfigError) as told:
        load(path, {})
    text = f"{path}:5: device.reporting.change.voltage: found {found}; allowed: {ALLOWED}"
    assert text in str(told.value)


@pytest.mark.parametrize("name", ["voltag", "power_switch", "count_down", "Voltage"])
def test_a_name_that_is_not_measured_is_told_with_those_that_are(tmp_path, name):
    fault = only(write(tmp_path, f"{DEVICE}[device.reporting.change]\n{name} = 1\n"))
    assert (fault.line, fault.key) == (5, f"device.reporting.change.{name}")
    assert fault.allowed.split(" | ")[:2] == ["voltage", "current"]
