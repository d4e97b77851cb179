"""A start goes without the device files that have faults, as long as others can be used."""

import pytest

from agent.settings.faults import ConfigFaults
from agent.settings.load import load, load_usable
from tests.settings.device_files import DEVICE, write

AGENT = '[agent]\nclock = "system"\n'


def device(name, more=""):
    return (
        DEVICE.replace("socket-1", name)
        + f"""\
[device.meter]
port = "/dev/{name}"
[device.relay]
driver = "simulated"
[device.button]
driver = "none"
[device.indicator]
driver = "none"
{more}"""
    )


def ids(config):
    return [each.device.id for each in config.devices]


def test_files_without_faults_are_loaded_as_they_are(tmp_path):
    write(tmp_path, AGENT, "agent.toml")
    write(tmp_path, device("a"), "a.toml")
    assert load_usable(tmp_path, {}) == load(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "device_id", "found"),
    [
        (device("b").replace("kind", "kint"), "b", "an unknown key"),
        ("[device\n", None, "no TOML"),
        ('[device]\nid = 7\nkind = "socket"\n', None, "7"),
        ("", None, "nothing"),
        (device("b", '[devices]\nid = "b"\n'), "b", "an unknown section"),
    ],
)
def test_a_faulty_file_is_left_out_and_told(tmp_path, text, device_id, found):
    write(tmp_path, device("a"), "a.toml")
    write(tmp_path, text, "b.toml")
    config = load_usable(tmp_path, {})
    assert ids(config) == ["a"]
    (left,) = config.left_out
    assert (left.path.name, left.device_id) == ("b.toml", device_id)
    assert any(found in fault.found for fault in left.faults)
    assert all(fault.file == str(left.path) for fault in left.faults)


def test_of_files_that_conflict_the_first_in_order_is_used(tmp_path):
    write(tmp_path, device("a"), "a.toml")
    write(tmp_path, device("b").replace("/dev/b", "/dev/a"), "b.toml")
    write(tmp_path, device("c").replace("/dev/c", "/dev/b"), "c.toml")
    write(tmp_path, device("b"), "d.toml")
    config = load_usable(tmp_path, {})
    assert [each.path.name for each in config.devices] == ["a.toml", "c.toml"]
    assert [each.path.name for each in config.left_out] == ["b.toml", "d.toml"]
    (fault,) = config.left_out[0].faults
    assert "a.toml: device.meter.port has too" in fault.found
    (fault,) = config.left_out[1].faults  # its id was never b's, whose file is left out
    assert "c.toml: device.meter.port has too" in fault.found


def test_a_device_that_claims_one_thing_twice_is_left_out(tmp_path):
    write(tmp_path, device("a"), "a.toml")
    twice = device("b").replace('driver = "simulated"', 'driver = "gpiod"\npin = "GPIO27"')
    write(tmp_path, twice.replace('driver = "none"', 'driver = "gpiod"', 1), "b.toml")
    config = load_usable(tmp_path, {})
    assert (ids(config), len(config.left_out)) == (["a"], 1)


def test_an_agent_section_with_a_fault_is_everybodys(tmp_path):
    write(tmp_path, AGENT.replace("clock", "clok"), "agent.toml")
    write(tmp_path, device("a"), "a.toml")
    with pytest.raises(ConfigFaults, match=r"agent\.clok"):
        load_usable(tmp_path, {})


def test_nothing_is_used_where_the_agents_section_may_not_have_been_read(tmp_path):
    write(tmp_path, device("a"), "a.toml")
    write(tmp_path, AGENT + "[device\n", "b.toml")
    with pytest.raises(ConfigFaults, match="no TOML"):
        load_usable(tmp_path, {})
    (tmp_path / "b.toml").unlink()
    (tmp_path / "b.toml").mkdir()
    with pytest.raises(ConfigFaults, match="cannot be read"):
        load_usable(tmp_path, {})
    write(tmp_path, AGENT, "agent.toml")
    assert ids(load_usable(tmp_path, {})) == ["a"]


def test_where_no_file_can_be_used_all_their_faults_are_told(tmp_path):
    for name in ("a", "b"):
        write(tmp_path, device(name).replace("kind", "kint"), f"{name}.toml")
    with pytest.raises(ConfigFaults) as caught:
        load_usable(tmp_path, {})
    assert {fault.file for fault in caught.value.faults} == {
        str(tmp_path / "a.toml"),
        str(tmp_path / "b.toml"),
    }


def test_a_single_file_is_never_left_out(tmp_path):
    path = write(tmp_path, device("a").replace("kind", "kint"))
    with pytest.raises(ConfigFaults):
        load_usable(path, {})
    assert ids(load_usable(write(tmp_path, device("a")), {})) == ["a"]


def test_a_variable_that_is_wrong_for_all_ends_the_start(tmp_path):
    write(tmp_path, device("a"), "a.toml")
    with pytest.raises(ConfigFaults):
        load_usable(tmp_path, {"POLYCLOUD_DEVISE__NAME": "x"})
    with pytest.raises(ConfigFaults):
        load_usable(tmp_path, {"POLYCLOUD_DEVICE__BORD": "x"})
