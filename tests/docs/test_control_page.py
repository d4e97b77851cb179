"""The page of the control socket: its examples run, its bounds and codes are those of the code."""

import asyncio
import json
import re
import shlex
import sys

import pytest

from agent.app.control import Methods
from agent.app.feeds import FEEDS, MOST
from agent.control import protocol
from agent.control.connection import MAX_CLIENTS
from agent.control.waiting_lines import MOST_BYTES, MOST_LINES
from agent.log_ring import MOST_LINES as MOST_LOG_LINES
from tests.docs.pages import ROOT, code_blocks, table_spans, text_of
from tests.integration.config import DeviceFile
from tests.integration.process import PATIENCE_S, environment, ready

pytestmark = pytest.mark.unmeasured

PAGE = ROOT / "docs" / "control.md"
SOCKET = "/run/polycloud/control.sock"
PYTHON = re.findall(r"^```python\n(.*?)^```$", text_of(PAGE), re.MULTILINE | re.DOTALL)


async def first_line(program, socket):
    """Run an example against the agent at *socket* and give the first line that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        "-c",
        program.replace(SOCKET, str(socket)),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            return (await process.stdout.readline()).decode()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_python_examples_run_as_they_stand(tmp_path):
    config = DeviceFile(tmp_path)
    asks, is_told = PYTHON
    async with ready(config):
        assert await first_line(asks, config.control_socket) == "socket-1 False\n"
        told = await first_line(is_told, config.control_socket)
        assert "'topic': 'values'" in told
        assert "'is_whole': True" in told


async def test_the_line_for_a_shell_switches_on(tmp_path):
    (line,) = [text for _, block in code_blocks(PAGE) for text in block if text.startswith("echo ")]
    sent = shlex.split(line)[1]
    request = protocol.parse_line(sent.encode())
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        answer = await agent.ask(request.method, **request.params)
        assert answer["properties"]["power_switch"] is True
        assert config.is_closed


def test_the_codes_are_those_of_the_protocol():
    text = text_of(PAGE)
    codes = re.findall(r"^\| (-32\d+) \|", text, re.MULTILINE)
    assert [int(code) for code in codes] == [
        protocol.PARSE_ERROR,
        protocol.INVALID_REQUEST,
        protocol.METHOD_NOT_FOUND,
        protocol.INVALID_PARAMS,
        protocol.REFUSED,
    ]


def test_the_bounds_are_those_of_the_code():
    text = text_of(PAGE)
    for bound in (
        f"| a line | {protocol.MAX_LINE:,} bytes |",
        f"| a batch | {protocol.MAX_BATCH} requests",
        f"| clients at once | {MAX_CLIENTS};",
        f"| subscriptions of a client | {MOST} |",
        f"{MOST_LINES} messages or {MOST_BYTES // 1024} kB wait",
        f"newest {MOST_LOG_LINES} lines",
    ):
        assert bound in text


def test_every_topic_has_a_row():
    firsts = [spans[0] for spans in table_spans(PAGE)]
    assert set(FEEDS) <= set(firsts)


async def test_methods_describes_what_the_agent_really_takes(tmp_path):
    config = DeviceFile(tmp_path)
    async with ready(config) as agent:
        listed = (await agent.ask("methods"))["methods"]
    names = [each["name"] for each in listed]
    assert sorted(names) == sorted(set(names))
    described = Methods({}, dict, NoPast()).described
    assert names == [method.name for method in described]
    assert json.dumps(listed)


class NoPast:
    async def records(self, device_id, *, topics=(), limit=100):
        raise NotImplementedError

    def listen(self, heard):
        raise NotImplementedError

    async def kept(self):
        raise NotImplementedError
