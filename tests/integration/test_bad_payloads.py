"""Hostile payloads from the cloud: nothing crashes, the contact stays, the reply says why."""

import asyncio
import json

import pytest

from agent.emulator.emulator import Emulator
from agent.emulator.options import EmulatorOptions
from agent.emulator.tencent.rules import TencentRules
from tests.integration.config import KEY, DeviceFile
from tests.integration.process import ready

pytestmark = pytest.mark.unmeasured

TOKEN = "hostile"
OWN = f"{KEY.product}/{KEY.name}"
PROPERTY = f"$thing/down/property/{OWN}"
ACTION = f"$thing/down/action/{OWN}"


def control(params, token=TOKEN):
    return json.dumps({"method": "control", "clientToken": token, "params": params})


def action(name):
    return json.dumps({"method": "action", "clientToken": "hostile", "actionId": name})


DEEP = "[" * 30_000
UNANSWERABLE = {
    "empty": "",
    "no JSON": "power_switch=1",
    "cut off": '{"method":"control","clientToken":"hostile","params":{"power_switch":1',
    "deep nesting": f'{{"method":"control","clientToken":"hostile","params":{DEEP}',
    "deep and whole": '{"a":' * 20_000 + "1" + "}" * 20_000,
    "larger than 64 KB": control({"power_switch": 1, "x": "y" * 70_000}),
    "token of another type": control({"power_switch": 1}, token=[1]),
    "no token": '{"method":"control","params":{"power_switch":1}}',
    "long token": control({"power_switch": 1}, token="t" * 20_000),
    "method of another type": '{"method":{},"clientToken":"hostile","params":{"power_switch":1}}',
    "unknown method": '{"method":"explode","clientToken":"hostile","params":{"power_switch":1}}',
    "answer to nothing": '{"method":"report_reply","clientToken":"hostile","code":0}',
    "answer with a huge code": '{"method":"report_reply","clientToken":"CS0SLTKSYA-1","code":1e99}',
    "status of another": (
        '{"method":"get_status_reply","clientToken":"x","data":{"control":{"power_switch":1}}}'
    ),
}
REFUSED = {
    "params missing": ('{"method":"control","clientToken":"hostile"}', 400),
    "params are a list": (control([1]), 400),
    "too many params": (control({f"p{n}": 1 for n in range(2_000)}), 400),
    "nothing is set": (control({}), 400),
    "unknown identifier": (control({"power_swich": 1}), 403),
    "read-only": (control({"voltage": 230}), 403),
    "a good one beside a bad one": (control({"power_switch": 1, "count_down": -1}), 406),
    "too large": (control({"power_switch": 1, "count_down": 86_401}), 406),
    "wrong type": (control({"power_switch": "on"}), 406),
    "null": (control({"power_switch": None}), 406),
    "an object": (control({"power_switch": {"power_switch": 1}}), 406),
    "two for a bool": (control({"power_switch": 2}), 406),
    "huge whole number": (control({"count_down": 10**4_000}), 406),
    "huge float": (
        '{"method":"control","clientToken":"hostile","params":{"count_down":1e999}}',
        406,
    ),
    "not a number": (control({"count_down": float("nan")}), 406),
    "lone surrogate as a value": (control({"power_switch": "\ud800"}), 406),
    "lone surrogate as a name": (control({"\ud800": 1}), 403),
    "lone surrogate as a name of nothing": (control({"\ud800": None}), 406),
    "control characters": (control({"\x00\x1b[2J\n": 1}), 403),
}


async def online(emulator, config):
    ports = emulator.ports
    return config.with_tencent(ports.tencent.mqtts, ports.ca_file)


def replies(emulator, after):
    """What the device answered to the token of the hostile ones."""
    bodies = [
        json.loads(each.payload)
        for each in emulator.messages(KEY, after=after)
        if each.direction == "up"
    ]
    return [body for body in bodies if body.get("clientToken") == "hostile"]


def throw(emulator, payload, topic=PROPERTY):
    after = max((message.number for message in emulator.messages(KEY)), default=0)
    assert emulator.add_fault({"kind": "garbage", "topic": topic, "payload": payload}) == 1
    return after


async def still_obeys(emulator, agent, config):
    """A session and a process that have survived take the next command as ever."""
    assert not config.is_closed
    for on in (1, 0):
        reply = await emulator.set_properties(KEY, {"power_switch": on})
        assert reply.code == 0
        assert config.is_closed is bool(on)
    assert len(agent.entries("cloud.up")) == 1
    assert "Traceback" not in agent.text
    assert not agent.entries("library.logged")


async def test_hostile_payloads_are_dropped_or_refused_with_the_platforms_code(tmp_path):
    options = EmulatorOptions(tencent=TencentRules(uplinks_per_s=None))
    async with Emulator(options) as emulator:
        config = await online(emulator, DeviceFile(tmp_path))
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            moved_at = config.moved_at
            for name, (payload, code) in REFUSED.items():
                after = throw(emulator, payload)
                async with asyncio.timeout(10):
                    await emulator.wait_until(lambda n=after: replies(emulator, n))
                (reply,) = replies(emulator, after)
                assert (reply["method"], reply["code"]) == ("control_reply", code), (name, reply)
                assert reply["status"], name
            for payload in UNANSWERABLE.values():
                after = throw(emulator, payload)
            throw(
                emulator, control({"power_switch": 1}), f"$thing/down/property/{KEY.product}/dev2"
            )
            throw(emulator, control({"power_switch": 1}), "a/topic/of/nobody")
            emulator.add_fault({"kind": "garbage", "count": 10})
            throw(emulator, action("\ud800"), ACTION)
            after = throw(emulator, action("explode"), ACTION)
            async with asyncio.timeout(10):
                await emulator.wait_until(lambda: replies(emulator, after))
            assert [reply["code"] for reply in replies(emulator, after)] == [403]
            assert config.moved_at == moved_at
            await still_obeys(emulator, agent, config)
            assert len(agent.entries("message.dropped")) == 1


async def test_a_token_that_is_no_text_is_never_answered_wrongly(tmp_path):
    async with Emulator() as emulator:
        config = await online(emulator, DeviceFile(tmp_path))
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            throw(emulator, control({"power_switch": 2}, token="\ud800"))
            throw(emulator, control({"power_switch": 1}, token="\udfff"))
            await still_obeys(emulator, agent, config)


@pytest.mark.parametrize(
    "raw_hex",
    [
        "00" * 40,
        "ff" * 64,
        "30ffffffffff",
        "3003ff",
        "320700",
        "9003",
        "d0ff7f",
        "3006000380ff8041",
    ],
)
async def test_bytes_that_are_no_mqtt_cost_the_session_at_most(tmp_path, raw_hex):
    async with Emulator() as emulator:
        config = await online(emulator, DeviceFile(tmp_path))
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            await agent.switch(on=True)
            moved_at = config.moved_at
            emulator.add_fault({"kind": "garbage", "raw_hex": raw_hex})
            emulator.add_fault({"kind": "drop", "count": 1})
            await agent.logged("cloud.down")
            assert config.moved_at == moved_at
            await agent.switch(on=False)
            assert not config.is_closed
            assert await agent.stop() == 0
            assert "Traceback" not in agent.text
