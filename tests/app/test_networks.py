"""What a person asks of the machine's networks, done by a task of its own."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agent.app.networks import Networks, networks_of
from agent.errors import DriverError
from agent.settings.root import AgentSettings

END_S = 10.0


class Wifi:
    """A machine's Wi-Fi: what was done to it, and whether ours is open."""

    def __init__(self):
        self.done = []
        self.is_open = False
        self.error = None
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self._has_moved = asyncio.Event()

    async def begin(self, name):
        await self._do(f"begin {name}")
        self.is_open = True
        return f"polycloud-{name}"

    async def end(self):
        await self._do("end")
        self.is_open = False

    async def forget(self):
        await self._do("forget")

    async def _do(self, what):
        self.done.append(what)
        self._has_moved.set()
        await self.may_go_on.wait()
        if self.error is not None and what != "end":
            raise self.error

    async def has_done(self, *what):
        async with asyncio.timeout(END_S):
            while self.done != list(what):
                self._has_moved.clear()
                await self._has_moved.wait()


class Running:
    """Networks at work; they end with the context."""

    def __init__(self, wifi, **seconds):
        self.networks = Networks(wifi, **seconds)

    async def __aenter__(self):
        self._task = asyncio.create_task(self.networks.run())
        return self.networks

    async def __aexit__(self, *_):
        self._task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._task


def events(logs):
    return [(entry["event"], entry["log_level"]) for entry in logs]


async def test_a_network_is_opened_and_closed_with_the_service():
    wifi = Wifi()
    async with Running(wifi) as networks:
        networks.begin("socket-1")
        await wifi.has_done("end", "begin socket-1")
        assert wifi.is_open
    assert not wifi.is_open


async def test_a_network_that_nobody_used_closes_by_itself():
    wifi = Wifi()
    with capture_logs() as logs:
        async with Running(wifi, open_s=0) as networks:
            networks.begin("socket-1")
            await wifi.has_done("end", "begin socket-1", "end")
    told = [("provisioning.open", "info"), ("provisioning.closed", "info")]
    assert events(logs) == told
    assert wifi.done.count("end") == 2


async def test_asked_again_it_stays_open_and_is_not_opened_twice():
    wifi = Wifi()
    async with Running(wifi) as networks:
        networks.begin("socket-1")
        await wifi.has_done("end", "begin socket-1")
        networks.begin("socket-1")
        networks.forget("socket-1")
        await wifi.has_done("end", "begin socket-1", "forget")


async def test_forgetting_comes_before_a_new_beginning():
    wifi = Wifi()
    async with Running(wifi) as networks:
        networks.begin("socket-1")
        networks.forget("socket-1")
        await wifi.has_done("end", "forget", "begin socket-1")


async def test_what_fails_is_told_and_can_be_asked_for_again():
    wifi = Wifi()
    wifi.error = DriverError("nmcli: no")
    with capture_logs() as logs:
        async with Running(wifi) as networks:
            networks.begin("socket-1")
            networks.forget("socket-1")
            await wifi.has_done("end", "forget", "begin socket-1")
            wifi.error = None
            networks.begin("socket-1")
            await wifi.has_done("end", "forget", "begin socket-1", "begin socket-1")
    assert events(logs)[:2] == [
        ("networks.not_forgotten", "warning"),
        ("provisioning.impossible", "warning"),
    ]


async def test_an_opening_that_is_cut_off_is_closed():
    wifi = Wifi()
    async with Running(wifi) as networks:
        await wifi.has_done("end")
        wifi.may_go_on.clear()
        networks.begin("socket-1")
        await wifi.has_done("end", "begin socket-1")
        wifi.may_go_on.set()
    assert wifi.done[-1] == "end"


async def test_a_stop_does_not_wait_for_a_network_that_does_not_close():
    wifi = Wifi()
    with capture_logs() as logs:
        async with Running(wifi, leave_s=0) as networks:
            networks.begin("socket-1")
            await wifi.has_done("end", "begin socket-1")
            wifi.may_go_on.clear()
    assert events(logs)[-1] == ("provisioning.failed", "warning")


async def test_without_the_setting_a_person_is_told_and_nothing_is_done():
    with capture_logs() as logs:
        networks = networks_of(AgentSettings())
        networks.begin("socket-1")
        networks.forget("socket-1")
        await networks.run()
    assert events(logs) == [("provisioning.impossible", "warning"), ("networks.kept", "info")]
    assert logs[0]["reason"] == '[agent] wifi = "none"'
