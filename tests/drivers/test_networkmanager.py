"""NetworkManager by its command, which is a real process here."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from agent.drivers.networkmanager import PROFILE, NetworkManager
from agent.errors import DriverError
from agent.settings.root import AgentSettings
from tests.integration.process import until

PASSWORD = "correct horse:1"
HOME = "11111111-1111-4111-8111-111111111111"
GUEST = "22222222-2222-4222-8222-222222222222"
WIRED = "33333333-3333-4333-8333-333333333333"


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


class Machine:
    """A machine with profiles, a fake command and a file with a password."""

    def __init__(self, folder):
        self.folder = folder
        self.password_file = folder / "password"
        self.password_file.write_text(PASSWORD + "\n")
        self.command = folder / "nmcli"
        source = Path(__file__).with_name("nmcli.py").read_text()
        self.command.write_text(f"#!{sys.executable} -IS\n{source}")
        self.command.chmod(0o755)
        rows = {HOME: ["home", "802-11-wireless"], WIRED: ["lan", "802-3-ethernet"]}
        self.put({**rows, GUEST: ["guest:5", "802-11-wireless"]})

    def put(self, profiles):
        (self.folder / "profiles.json").write_text(json.dumps(profiles))

    @property
    def profiles(self):
        return {row[0] for row in json.loads((self.folder / "profiles.json").read_text()).values()}

    @property
    def calls(self):
        file = self.folder / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def handed_over(self):
        return (self.folder / "up").read_text()

    def order(self, *orders):
        (self.folder / "orders").write_text(" ".join(orders))

    def driver(self, **changes):
        settings = {"wifi": "networkmanager", "wifi_password_file": str(self.password_file)}
        section = AgentSettings.model_validate({**settings, **changes})
        return NetworkManager(section, None, command=str(self.command), patience_s=20)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_NMCLI", str(tmp_path))
    return Machine(tmp_path)


async def test_a_network_of_our_own_is_opened_and_closed_again(machine):
    driver = machine.driver()
    assert await driver.begin("socket-1") == "polycloud-socket-1"
    assert machine.profiles == {"home", "lan", "guest:5", PROFILE}
    assert machine.handed_over == f"802-11-wireless-security.psk:{PASSWORD}\n"
    (added,) = [call for call in machine.calls if "add" in call]
    assert added[added.index("ssid") + 1] == "polycloud-socket-1"
    assert added[added.index("802-11-wireless.mode") + 1] == "ap"
    await driver.end()
    await driver.end()
    assert machine.profiles == {"home", "lan", "guest:5"}


async def test_the_password_is_no_argument_and_its_profile_does_not_keep_it(machine):
    await machine.driver().begin("socket-1")
    assert PASSWORD not in json.dumps(machine.calls)
    (added,) = [call for call in machine.calls if "add" in call]
    assert added[added.index("802-11-wireless-security.psk-flags") + 1] == "2"


async def test_a_long_name_still_makes_a_network_name(machine):
    name = await machine.driver().begin("s" * 64)
    assert name == "polycloud-" + "s" * 22


async def test_what_an_earlier_process_left_is_replaced(machine):
    await machine.driver().begin("socket-1")
    await machine.driver().begin("socket-2")
    assert machine.profiles == {"home", "lan", "guest:5", PROFILE}


async def test_a_network_that_does_not_come_up_is_taken_back_and_its_error_holds_no_secret(
    machine,
):
    machine.order("fail-up")
    with pytest.raises(DriverError, match="Connection activation failed") as caught:
        await machine.driver().begin("socket-1")
    assert PASSWORD not in str(caught.value)
    assert PROFILE not in machine.profiles


async def test_forgetting_deletes_wifi_and_nothing_else(machine):
    driver = machine.driver(wifi_password_file="")
    await driver.forget()
    assert machine.profiles == {"lan"}


async def test_a_profile_that_stays_is_an_error_and_does_not_save_the_others(machine):
    machine.order(f"stubborn:{HOME}")
    with pytest.raises(DriverError, match="it is in use"):
        await machine.driver().forget()
    assert machine.profiles == {"home", "lan"}


async def test_without_a_password_there_is_no_open_network(machine):
    with pytest.raises(DriverError, match="wifi_password_file"):
        await machine.driver(wifi_password_file="").begin("socket-1")
    assert machine.calls == []


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 64, "two\nlines123", "umlaut-äöü", "a\0bcdefgh"]
)
async def test_a_password_that_wifi_does_not_take_is_told_and_not_shown(machine, text):
    machine.password_file.write_text(text)
    with pytest.raises(DriverError, match=r"found \(hidden\); allowed: one line, 8 to 63"):
        await machine.driver().begin("socket-1")
    assert machine.calls == []


async def test_a_password_file_that_is_not_there_is_named(machine):
    machine.password_file.unlink()
    with pytest.raises(DriverError, match="password: No such file"):
        await machine.driver().begin("socket-1")


@pytest.mark.parametrize(
    ("order", "says"),
    [("deny", r"a rule of polkit's, see docs/service\.md"), ("babble", "says more than 65536")],
)
async def test_what_goes_wrong_is_said(machine, order, says):
    machine.order(order)
    with pytest.raises(DriverError, match=says):
        await machine.driver().forget()


async def test_a_command_that_hangs_is_ended(machine):
    machine.order("hang")
    driver = NetworkManager(AgentSettings(), None, command=str(machine.command), patience_s=0.2)
    with pytest.raises(DriverError, match=r"no answer within 0\.2 s"):
        await driver.forget()


async def test_a_command_ends_with_whoever_waits_for_it(machine):
    machine.order("hang")
    waiting = asyncio.create_task(machine.driver().forget())
    await until((machine.folder / "pid").exists, "it runs")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(int((machine.folder / "pid").read_text()), 0)


async def test_a_machine_without_networkmanager_says_so(machine):
    machine.command.unlink()
    with pytest.raises(DriverError, match="is NetworkManager installed"):
        await machine.driver().forget()


async def test_no_descriptor_is_left_open(machine):
    before = open_descriptors()
    await machine.driver().begin("socket-1")
    machine.command.unlink()
    with pytest.raises(DriverError):
        await machine.driver().end()
    assert open_descriptors() <= before
