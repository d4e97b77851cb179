"""Emulated platforms that end a session with its credentials, where they are told to."""

import asyncio

import pytest

from agent.clouds.in_memory import MemoryTransport
from agent.devices.socket.thing_table import SOCKET
from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions, strict_about_expiry
from agent.errors import TransportError
from tests.clouds.support import run_virtually
from tests.contract.dialects import SPEAKERS

NOON = 1_800_000_000.0
HOST = "cloud.test"


@pytest.mark.parametrize("cuts", [True, False])
@pytest.mark.parametrize("name", ["tencent", "onenet", "onenet-datastream"])
def test_a_session_ends_with_its_credentials_only_where_that_is_wanted(name, cuts):
    async def main():
        loop = asyncio.get_running_loop()
        speaker = SPEAKERS[name]
        options = EmulatorOptions(clouds=(speaker.cloud,), wall_clock=lambda: NOON + loop.time())
        emulator = Emulator(strict_about_expiry(options) if cuts else options)
        endpoint = emulator.clouds[speaker.cloud].endpoint
        codec = speaker.factory(speaker.settings(host=HOST, keepalive_s=60), SOCKET)
        life_s = codec.connect_params(NOON, "abcde").valid_until - NOON
        login = codec.connect_params(NOON + loop.time() - life_s + 600, "abcde")
        async with endpoint, MemoryTransport({HOST: endpoint}).connect(login) as session:
            left_s = login.valid_until - NOON - loop.time()
            assert await is_open_after(session, left_s - 1)
            assert await is_open_after(session, 2) is not cuts

    run_virtually(main())


async def is_open_after(session, seconds):
    try:
        async with asyncio.timeout(seconds):
            await anext(session.messages())
    except TimeoutError:
        return True
    except TransportError as error:
        assert "closed by the platform" in str(error)  # noqa: PT017 - the other outcome
        return False
    return True
