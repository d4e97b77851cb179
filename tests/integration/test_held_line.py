"""The agent, its line held through a restart by a service manager that the test plays."""

import os

import pytest

from agent import levels
from agent.errors import LineBusyError
from tests.integration.config import DeviceFile
from tests.integration.process import guard, ready, running, until

KILLED = ("signal", "killed", "KILL")


def closing(folder, **relay):
    """A device whose start closes: 'restore' would need what the disk may not have yet."""
    return DeviceFile(folder).set("device.relay", on_start="on", **relay)


async def given(agent):
    """Wait until the agent gives its line to be held; take a copy of our own."""

    def stored():
        return next((each for each in agent.manager.seen if "FDSTORE" in each.fields), None)

    notification = await agent.until(stored, "FDSTORE")
    (descriptor,) = notification.descriptors
    return notification.fields["FDNAME"], os.dup(descriptor)


def dropped(agent):
    return agent.told("FDSTOREREMOVE")


async def closed_and_killed(config):
    async with ready(config) as agent:
        held = await given(agent)
        await agent.kill()
    assert "left as it is" in await guard(config, *KILLED)
    return held


async def test_a_contact_does_not_move_while_its_line_goes_from_process_to_process(tmp_path):
    config = closing(tmp_path)
    held = await closed_and_killed(config)
    with pytest.raises(LineBusyError):
        levels.claim(str(config.contact))
    moved = config.movements
    async with ready(config, held=held) as agent:
        os.close(held[1])
        await agent.logged("line.taken_back", device="socket-1", is_on=True)
        assert (await agent.device())["properties"]["power_switch"] is True
        assert (config.is_closed, config.movements, dropped(agent)) == (True, moved, [])
        await agent.switch(on=False)
        assert config.movements == moved + 1
        await agent.stop()
        assert dropped(agent)


async def test_a_stop_that_keeps_the_contact_leaves_its_line_held(tmp_path):
    config = closing(tmp_path, on_stop="keep")
    async with ready(config) as agent:
        _, descriptor = await given(agent)
        assert await agent.stop() == 0
        assert dropped(agent) == []
    os.close(descriptor)
    assert config.is_closed


async def test_a_line_that_the_policy_no_longer_wants_held_is_let_go(tmp_path):
    config = closing(tmp_path)
    held = await closed_and_killed(config)
    config.set("device.relay", on_start="off")
    async with ready(config, held=held) as agent:
        os.close(held[1])
        assert not config.is_closed
        await agent.until(lambda: dropped(agent), "FDSTOREREMOVE")
        await agent.kill()
    assert "opened" in await guard(config, *KILLED)


async def test_a_descriptor_that_is_not_the_line_is_refused_and_the_line_opened_anew(tmp_path):
    config = closing(tmp_path)
    name, descriptor = await closed_and_killed(config)
    os.close(descriptor)
    wrong = os.open(os.devnull, os.O_RDWR)
    async with ready(config, held=(name, wrong)) as agent:
        os.close(wrong)
        refused = await agent.logged("line.refused", name=name)
        assert "not a claim on the line" in refused["reason"]
        assert dropped(agent)
        assert config.is_closed, "it is closed all the same"
        assert await agent.stop() == 0


async def test_a_line_that_is_let_go_a_moment_later_is_waited_for(tmp_path):
    config = closing(tmp_path)
    name, descriptor = await closed_and_killed(config)
    other = os.open(os.devnull, os.O_RDONLY)

    async def let_go(agent):
        await agent.until(lambda: dropped(agent), "FDSTOREREMOVE")
        os.close(descriptor)
        await agent.ready()

    async with running(config, held=(name, other)) as agent:
        os.close(other)
        await let_go(agent)
        assert config.is_closed


async def test_a_line_that_stays_in_use_is_a_fault_that_says_so(tmp_path):
    config = closing(tmp_path)
    claim = levels.claim(str(config.contact))
    async with running(config) as agent:
        assert await agent.ended() != 0
        assert "in use by another process" in agent.text
    os.close(claim)


async def test_a_held_contact_whose_device_is_gone_is_opened(tmp_path):
    config = closing(tmp_path)
    held = await closed_and_killed(config)
    config.set("device", id="socket-2")
    config.set("device.relay", state_file=str(tmp_path / "another"))
    async with running(config, held=held) as agent:
        await agent.until(lambda: dropped(agent), "FDSTOREREMOVE")
        os.close(held[1])
        await agent.ready()
        (refused,) = agent.entries("line.refused")
        assert "no such device" in refused["reason"]
        await until(lambda: not config.is_closed, "the contact is opened")
        assert (tmp_path / "another").read_text() == "1"
