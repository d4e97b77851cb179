"""Where `polycloud backup` and `restore` look for the state, with a faulty configuration too."""

import pytest

from tests.cli.backup_support import keep, polycloud


def test_without_a_state_it_says_where_it_looked(tmp_path):
    code, _, err = polycloud("backup", tmp_path / "b", "--state-dir", tmp_path)
    assert code == 1
    assert str(tmp_path / "state.db") in err
    assert "--config" in err


def test_two_places_are_a_mistake_of_usage_and_a_wrong_config_is_one_of_configuration(tmp_path):
    assert polycloud("backup", "b", "--config", "x", "--state-dir", "y")[0] == 2
    assert polycloud("restore", "b", "--config", tmp_path / "missing.toml")[0] == 78


AGENT = '[agent]\nstate_dir = "{state}"\ncontrol_socket = "{state}/none.sock"\n'


FAULTY = """
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
colour = "unknown here"

[clouds.tencent]
psk_file = "/nowhere/psk"
"""


@pytest.mark.parametrize("is_folder", [False, True])
async def test_a_missing_secret_or_a_fault_elsewhere_keeps_nobody_from_the_state(
    tmp_path, is_folder
):
    state, config = tmp_path / "state", tmp_path / "config"
    await keep(state)
    agent = AGENT.format(state=state)
    if is_folder:
        config.mkdir()
        (config / "agent.toml").write_text(agent)
        (config / "socket-1.toml").write_text(FAULTY)
        (config / "socket-2.toml").write_text("this is not TOML")
    else:
        config.write_text(agent + FAULTY)
    assert polycloud("check", "--config", config)[0] == 78
    code, out, err = polycloud("backup", tmp_path / "b", "--config", config)
    assert (code, err) == (0, "")
    assert f"copied from {state / 'state.db'}" in out
    code, out, err = polycloud("restore", tmp_path / "b", "--config", config)
    assert (code, err) == (0, "")
    assert f"ok {state / 'state.db'}: restored" in out


@pytest.mark.parametrize("agent", ["[agent]\nstate_dir = 7\n", "[agent\n"])
def test_where_the_place_of_the_state_is_not_understood_the_faults_are_told(tmp_path, agent):
    config = tmp_path / "config.toml"
    config.write_text(agent + FAULTY)
    code, out, err = polycloud("backup", tmp_path / "b", "--config", config)
    assert (code, out) == (78, "")
    assert str(config) in err


def test_a_folder_without_a_file_for_the_agent_means_the_usual_place(tmp_path):
    (tmp_path / "socket-1.toml").write_text(FAULTY)
    code, _, err = polycloud("backup", tmp_path / "b", "--config", tmp_path)
    assert code == 1
    assert "/var/lib/polycloud/state.db" in err
