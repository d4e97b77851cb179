"""The control API over HTTP: what it answers, what it refuses, and nobody there."""

import socket

import pytest

from agent.demo.api import CloudApi, CloudApiError, over_http
from agent.emulator.emulator import Emulator


def api(port, name="dev1"):
    return CloudApi(ask=over_http(port), cloud="tencent", product="CS0SLTKSYA", name=name)


async def test_it_reads_commands_and_misbehaves():
    async with Emulator() as emulator:
        cloud = api(emulator.ports.http)
        assert (await cloud.device())["online"] is False
        assert await cloud.messages() == []
        reply = await cloud.set({"power_switch": 1})
        assert reply["error"] == "offline"
        await cloud.fault("drop")
        assert len(emulator.faults()) == 1
        await cloud.heal()
        assert not emulator.faults()


async def test_what_it_refuses_is_said_with_its_reason():
    async with Emulator() as emulator:
        with pytest.raises(CloudApiError, match="no device is tencent/CS0SLTKSYA/a b/"):
            await api(emulator.ports.http, "a b/").device()
        with pytest.raises(CloudApiError, match="kind is one of"):
            await api(emulator.ports.http).fault("rain")


async def test_nobody_there_is_said():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        with pytest.raises(CloudApiError, match="does not answer"):
            await api(server.getsockname()[1]).device()
