"""What the control API can ask of a device beside properties and actions."""

import asyncio
import json
from dataclasses import replace

import pytest

from agent.emulator.emulator import Emulator
from agent.emulator.platform import Request
from agent.emulator.tencent.platform import TencentPlatform, register
from agent.emulator.values import Publication
from tests.emulator import probe
from tests.emulator.http_probe import PATH, Http, online, reply_once
from tests.emulator.support import CLIENT_ID, DOWN, NAME, PRODUCT, SECRET, SOCKET, UP


@pytest.fixture
async def emulator():
    async with Emulator() as running:
        yield running


@pytest.fixture
def http(emulator):
    return Http(emulator.ports.http)


async def test_what_is_desired_is_kept_and_reaches_a_device_that_is_online(emulator, http):
    status, answer = await http.ask("POST", f"{PATH}/desired", {"power_switch": 1})
    assert (status, answer["error"], answer["pending"]) == (504, "offline", True)
    async with online(emulator) as device, asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(http.ask("POST", f"{PATH}/desired", {"power_switch": 0}))
        document = await reply_once(device, UP, code=0, status="ok")
        assert document["params"] == {"power_switch": 0}
        status, answer = await asked
        assert (status, answer["code"], answer["message"]) == (200, 0, "ok")


async def test_a_platform_without_raw_commands_says_so(http):
    status, answer = await http.ask("POST", f"{PATH}/commands", {"payload": "on"})
    assert (status, answer["error"]) == (501, "tencent has no raw commands")


async def test_a_message_of_the_users_own_reaches_who_subscribed(emulator, http):
    topic = f"{PRODUCT}/{NAME}/control"
    body = {"topic": topic, "payload": "on", "qos": 1}
    assert await http.ask("POST", f"{PATH}/messages", body) == (200, {"sent": False})
    async with online(emulator) as device:
        await device.subscribe((topic, 1))
        assert await http.ask("POST", f"{PATH}/messages", body) == (200, {"sent": True})
        body = {"topic": topic, "payload_hex": "ff00"}
        assert await http.ask("POST", f"{PATH}/messages", body) == (200, {"sent": True})
        found = [await device.message() for _ in range(2)]
    assert [(each.payload, each.qos) for each in found] == [(b"on", 1), (b"\xff\x00", 0)]
    body = {"topic": topic, "payload": "on", "retain": True}
    status, answer = await http.ask("POST", f"{PATH}/messages", body)
    assert (status, answer["error"]) == (501, "tencent keeps no retained messages")


@pytest.mark.parametrize(
    ("what", "body", "reason"),
    [
        ("commands", {}, 'it needs a "payload"'),
        ("commands", {"payload": 1}, "payload is a text, not 1"),
        ("commands", {"payload_hex": "0"}, "payload_hex is hex digits"),
        ("commands", {"payload": "", "payload_hex": ""}, "exclude each other"),
        ("commands", {"payload": "on", "qos": 1}, "a command has no field 'qos'"),
        ("messages", {"payload": "on"}, 'a message needs a "topic"'),
        ("messages", {"topic": "", "payload": "on"}, 'a message needs a "topic"'),
        ("messages", {"topic": f"{PRODUCT}/{NAME}/x"}, 'it needs a "payload"'),
        ("messages", {"topic": "x/y", "payload": "on"}, f"topic is {PRODUCT}/{NAME}/"),
        ("messages", {"topic": f"{PRODUCT}/{NAME}/+", "payload": "on"}, "without wildcards"),
        ("messages", {"topic": "\ud800", "payload": "on"}, "that UTF-8 can hold"),
        ("messages", {"topic": "t", "payload": "on", "qos": 2}, "qos is 0 or 1, not 2"),
        ("messages", {"topic": "t", "payload": "on", "qos": True}, "qos is 0 or 1, not True"),
        ("messages", {"topic": "t", "payload": "on", "qos": [0]}, "qos is 0 or 1"),
        ("messages", {"topic": "t", "payload": "on", "retain": 1}, "retain is true or false"),
        ("messages", {"topic": "t", "payload": "on", "to": "me"}, "a message has no field 'to'"),
        ("desired", [], "the body is a JSON object"),
        ("desired/x", {}, "there is no POST"),
        ("actions", {}, "there is no POST"),
    ],
)
async def test_a_request_that_cannot_be_says_why(http, what, body, reason):
    status, answer = await http.ask("POST", f"{PATH}/{what}", body)
    assert status == (404 if reason.startswith("there") else 400)
    assert reason in answer["error"]


class Richer(TencentPlatform):
    """Tencent with what only the other platforms have."""

    @property
    def rules(self):
        return replace(super().rules, keeps_retained=True)

    def desire(self, device, values, at):
        del device, values, at

    def command(self, device, payload, at):
        del device, at
        sent = Publication(topic=DOWN, payload=payload, qos=1, client_id=CLIENT_ID)
        return Request(request_id="command-1", publication=sent)


@pytest.fixture
async def richer():
    emulator = Emulator()
    console = Richer([register(PRODUCT, NAME, SECRET, SOCKET)], nonce="test")
    emulator.add_cloud("tencent", console)
    async with emulator:
        yield emulator


async def test_what_a_device_only_gets_when_it_asks_is_202(richer):
    http = Http(richer.ports.http)
    status, answer = await http.ask("POST", f"{PATH}/desired", {"power_switch": 1})
    assert (status, answer["pending"], answer["message"]) == (
        202,
        True,
        "the device gets this when it asks",
    )


async def test_a_raw_command_waits_for_the_answer(richer):
    http = Http(richer.ports.http)
    async with online(richer) as device, asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(http.ask("POST", f"{PATH}/commands", {"payload_hex": "00ff"}))
        message = await device.message()
        assert (message.topic, message.payload) == (DOWN, b"\x00\xff")
        answer = {"method": "control_reply", "clientToken": "command-1", "code": 7}
        device.send(probe.publish(UP, json.dumps(answer).encode()))
        status, reply = await asked
        assert (status, reply["code"]) == (200, 7)


async def test_a_retained_message_comes_to_who_subscribes_later(richer):
    http, topic = Http(richer.ports.http), f"{PRODUCT}/{NAME}/control"
    body = {"topic": topic, "payload": "on", "retain": True}
    assert await http.ask("POST", f"{PATH}/messages", body) == (200, {"sent": False})
    async with online(richer) as device:
        await device.subscribe((topic, 1))
        message = await device.message()
        assert (message.payload, message.retain) == (b"on", True)
