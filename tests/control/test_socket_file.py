"""The control socket in the file system: who may ask, and whose file it is."""

import asyncio
import grp
import os
import socket
import stat

import pytest

from agent.control.client import ControlClient
from agent.errors import ControlError
from tests.control.served import USER, Agent, serve


@pytest.fixture
def agent():
    return Agent()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "control.sock"


async def test_without_the_group_only_the_owner_may_ask(path, agent):
    async with serve(path, agent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_group_may_ask_where_it_exists(path, agent):
    group = grp.getgrgid(os.getegid()).gr_name
    async with serve(path, agent, group=group):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert path.stat().st_gid == os.getegid()


async def test_the_socket_is_gone_at_the_end(path, agent):
    async with serve(path, agent):
        assert path.is_socket()
    assert not path.exists()


async def test_a_socket_that_a_dead_agent_left_is_replaced(path, agent):
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with serve(path, agent):
        assert await asyncio.to_thread(ControlClient(str(path)).call, "echo") == {"you": USER}


async def test_a_socket_that_a_living_agent_serves_is_left_alone(path, agent):
    async with serve(path, agent):
        with pytest.raises(ControlError, match="another agent listens there"):
            async with serve(path, agent):
                pass
        assert await asyncio.to_thread(ControlClient(str(path)).call, "echo") == {"you": USER}


async def test_a_file_that_is_no_socket_is_never_removed(path, agent):
    path.parent.mkdir()
    path.write_text("precious")
    with pytest.raises(ControlError, match="set \\[agent\\] control_socket"):
        async with serve(path, agent):
            pass
    assert path.read_text() == "precious"


async def test_a_socket_of_a_later_agent_is_not_removed(path, agent):
    async with serve(path, agent):
        path.unlink()
        path.write_text("another's")
    assert path.read_text() == "another's"


async def test_a_path_that_is_too_long_is_named(tmp_path, agent):
    with pytest.raises(ControlError, match="at most 107 bytes"):
        async with serve(tmp_path / ("x" * 120), agent):
            pass
