"""How connects are counted: at a door before the broker."""

import asyncio

import pytest

from chaos.gate import Gate, client_id, closest_s
from chaos.kills import starts
from chaos.kills.starts import clouded, row
from chaos.report import Verdict
from chaos.stage import living
from tests.integration.process import until

pytestmark = pytest.mark.unmeasured


async def test_the_gate_sees_who_connects_and_lets_it_through(tmp_path):
    async with clouded(tmp_path) as (stage, gate), living(stage) as life:
        await life.ready()
        await until(lambda: gate.seen, "a CONNECT")
        assert list(gate.seen) == ["CS0SLTKSYAdev1"]
        async with asyncio.timeout(10):
            while not await is_connected(life):
                pass


async def is_connected(life):
    return (await life.ask("status"))["devices"][0]["clouds"]["tencent"]["connected"]


def test_a_client_id_stands_after_the_header_of_a_connect():
    body = b"\0\4MQTT\4\xc2\0\x3c" + b"\0\5dev-1" + b"rest"
    assert client_id(body) == "dev-1"


def test_the_closest_two_connects_are_of_one_identity():
    assert closest_s({"a": [1.0, 9.0, 15.0], "b": [2.0]}) == 6.0
    assert closest_s({"a": [1.0], "b": [2.0]}) is None


def test_connects_closer_than_the_platform_allows_fail_and_so_does_an_agent_that_never_connects():
    assert row(Gate(target=0, seen={"a": [0.0, 5.0, 11.0]}), 12, 12.0).verdict is Verdict.HELD
    assert row(Gate(target=0, seen={"a": [0.0, 4.0, 11.0]}), 12, 12.0).verdict is Verdict.BROKEN
    assert row(Gate(target=0), 12, 12.0).verdict is Verdict.BROKEN


async def test_an_agent_that_is_started_and_killed_over_and_over_keeps_the_platforms_floor():
    (found,) = await starts.run(seed=1, lives=8)
    assert found.verdict is Verdict.HELD, found.why
