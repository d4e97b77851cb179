"""Hostile clients at the control socket: each is answered, and nobody is held up."""

import asyncio
import contextlib
import json
import socket
from concurrent.futures import ThreadPoolExecutor

from agent.control.connection import MAX_CLIENTS
from agent.control.protocol import MAX_LINE
from agent.emulator.emulator import Emulator
from agent.errors import ControlError
from tests.integration.config import DeviceFile
from tests.integration.process import ready


def setting(values):
    return b'{"jsonrpc":"2.0","id":1,"method":"set","params":{"values":' + values + b"}}\n"


REQUESTS = {
    "no JSON": b"hello\n",
    "not UTF-8": b"\xff\xfe\n",
    "no object": b"[]\n",
    "deep": b"[" * 60_000 + b"\n",
    "no such method": b'{"jsonrpc":"2.0","id":1,"method":"explode"}\n',
    "hostile names": setting(b'{"\\ud800":1}'),
    "not a number": setting(b'{"count_down":NaN}'),
    "infinite": setting(b'{"count_down":1e999}'),
    "huge": setting(b'{"count_down":1' + b"0" * 4_000 + b"}"),
    "a list for a value": setting(b'{"power_switch":[]}'),
    "nothing set": setting(b"{}"),
    "another's device": b'{"jsonrpc":"2.0","id":1,"method":"toggle","params":{"device":"\\ud8"}}\n',
    "too long": b"x" * (MAX_LINE + 10) + b"\n",
}


async def asked(config, request):
    """Send bytes, and take the one line that comes back."""
    reader, writer = await asyncio.open_unix_connection(config.control_socket, limit=1 << 20)
    writer.write(request)
    async with asyncio.timeout(10):
        line = await reader.readline()
    writer.close()
    return json.loads(line)


async def test_hostile_requests_are_answered_with_an_error_and_move_nothing(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        moved_at = config.moved_at
        for name, request in REQUESTS.items():
            answer = await asked(config, request)
            assert answer["error"]["message"], name
        assert config.moved_at == moved_at
        assert (await agent.device())["countdown"] is None
        assert "Traceback" not in agent.text


async def test_half_requests_take_places_and_hold_nobody_else_up(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        halves = [await half_a_request(config) for _ in range(MAX_CLIENTS - 1)]
        await agent.switch(on=True)
        halves += [await half_a_request(config) for _ in range(2)]
        device = await served_again(agent)
        assert device["properties"]["power_switch"] is True
        for writer in halves:
            writer.close()


async def test_twenty_at_once_are_all_answered(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        with ThreadPoolExecutor(20) as threads:
            loop = asyncio.get_running_loop()
            asked = [loop.run_in_executor(threads, outcome, agent.control) for _ in range(20)]
            async with asyncio.timeout(10):
                answers = await asyncio.gather(*asked)
        told = f"{MAX_CLIENTS} clients are connected already: try again"
        assert all(each == "served" or each.startswith(told) for each in answers)
        assert answers.count("served") >= MAX_CLIENTS


def outcome(control):
    try:
        control.call("status")
    except ControlError as error:
        return str(error)
    return "served"


async def half_a_request(config):
    _, writer = await asyncio.open_unix_connection(config.control_socket)
    writer.write(b'{"jsonrpc":"2.0","id":1,"meth')
    return writer


async def served_again(agent):
    """Ask until the places of those who have left are free."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(ControlError):
                return await agent.device()


async def test_it_answers_people_while_its_cloud_says_nothing_at_all(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        async with Emulator() as emulator:
            config = DeviceFile(tmp_path).with_tencent(
                mute.getsockname()[1], emulator.ports.ca_file
            )
        async with ready(config) as agent:
            for on in (True, False):
                await agent.switch(on=on)
                assert config.is_closed is on
            assert not (await agent.device())["clouds"]["tencent"]["connected"]
            assert await agent.stop() == 0
