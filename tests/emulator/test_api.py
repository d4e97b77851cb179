"""The control API, over real HTTP, with a device on a real MQTT session."""

import asyncio
import json

import pytest

from agent.emulator.emulator import Emulator
from agent.emulator.identity import read_device
from agent.emulator.options import EmulatorOptions
from tests.emulator import probe
from tests.emulator.http_probe import PATH, Http, online, reply_once
from tests.emulator.support import DEVICE, DOWN, NAME, PRODUCT, SECRET, UP


@pytest.fixture
async def emulator():
    async with Emulator(EmulatorOptions(wall_clock=lambda: 1_700_000_000.0)) as running:
        yield running


@pytest.fixture
def http(emulator):
    return Http(emulator.ports.http)


async def test_an_offline_device_is_listed_with_what_is_known(http):
    status, answer = await http.ask("GET", "/devices")
    assert status == 200
    (device,) = answer["devices"]
    assert (device["cloud"], device["product"], device["name"]) == ("tencent", PRODUCT, NAME)
    assert (device["online"], device["session"], device["properties"]) == (False, None, {})


async def test_an_online_device_shows_its_session_properties_and_events(emulator, http):
    async with online(emulator) as device:
        report = {"method": "report", "clientToken": "1", "params": {"voltage": 229.8}}
        device.send(probe.publish(UP, json.dumps(report).encode()))
        assert json.loads((await device.message()).payload)["code"] == 0
        status, shown = await http.ask("GET", PATH)
        assert (status, shown["online"], shown["properties"]) == (200, True, {"voltage": 229.8})
        session = shown["session"]
        assert (session["client_id"], session["keepalive_s"], session["tls"]) == (
            PRODUCT + NAME,
            60,
            False,
        )
        assert session["since"] == 1_700_000_000.0


async def test_a_property_is_set_and_the_devices_own_answer_comes_back(emulator, http):
    async with online(emulator) as device, asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(http.ask("POST", f"{PATH}/properties", {"power_switch": 7}))
        document = await reply_once(device, UP, code=406, status="0 or 1")
        assert document["params"] == {"power_switch": 7}, "wire form is not judged on the way"
        status, answer = await asked
        assert (status, answer["code"], answer["message"]) == (200, 406, "0 or 1")
        assert 0 < answer["elapsed_ms"] < 5000


async def test_an_action_is_invoked_under_its_percent_encoded_name(emulator, http):
    async with online(emulator) as device, asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(http.ask("POST", f"{PATH}/actions/reset%2Fenergy", {"a": 1}))
        topic = f"$thing/up/action/{PRODUCT}/{NAME}"
        document = await reply_once(device, topic, code=0, status="ok", response={"err": 0})
        assert (document["actionId"], document["params"]) == ("reset/energy", {"a": 1})
        status, answer = await asked
        assert (status, answer["code"], answer["output"]) == (200, 0, {"err": 0})


async def test_no_reply_is_504_and_the_control_is_kept(emulator, http):
    async with online(emulator):
        status, answer = await http.ask(
            "POST", f"{PATH}/properties?timeout=0.05", {"power_switch": 1}
        )
        assert (status, answer["error"], answer["pending"]) == (504, "no_reply", True)
        assert emulator.describe(DEVICE)["pending"] == {"power_switch": 1}


async def test_an_offline_device_is_504_at_once_and_the_control_is_kept(emulator, http):
    status, answer = await http.ask("POST", f"{PATH}/properties", {"power_switch": 1})
    assert (status, answer["error"], answer["code"]) == (504, "offline", 23101)
    assert emulator.describe(DEVICE)["pending"] == {"power_switch": 1}
    status, answer = await http.ask("POST", f"{PATH}/actions/reset_energy", {})
    assert (status, answer["error"], answer["pending"]) == (504, "offline", False)


async def test_messages_are_numbered_and_go_on_after_a_number(emulator, http):
    async with online(emulator) as device:
        device.send(probe.publish(UP, b'{"method":"get_status","clientToken":"g"}', qos=1))
        await device.packet()
        await device.packet()
        _, answer = await http.ask("GET", f"{PATH}/messages?after=0")
        up, down = answer["messages"]
        assert (up["direction"], up["topic"], up["qos"]) == ("up", UP, 1)
        assert up["payload"] == '{"method":"get_status","clientToken":"g"}'
        assert (down["direction"], down["topic"], down["qos"]) == ("down", DOWN, 0)
        assert down["number"] > up["number"] > 0
        _, answer = await http.ask("GET", f"{PATH}/messages?after={up['number']}")
        assert answer["messages"] == [down]


async def test_a_payload_that_is_no_text_is_shown_escaped(emulator, http):
    async with online(emulator) as device:
        device.send(probe.publish(UP, b"\xff\x00a"))
        await device.message()
        _, answer = await http.ask("GET", f"{PATH}/messages")
        assert answer["messages"][0]["payload"] == "\\xff\x00a"


async def test_faults_are_set_listed_and_removed(emulator, http):
    async with online(emulator) as device:
        status, answer = await http.ask("POST", "/faults", {"kind": "silence", "count": 5})
        assert (status, answer["faults"][0]["kind"]) == (200, "silence")
        assert (await http.ask("GET", "/faults"))[1]["faults"] == answer["faults"]
        device.send(probe.PINGREQ)
        status, answer = await http.ask("DELETE", "/faults")
        assert (status, answer["faults"]) == (200, [])
        await emulator.wait_until(lambda: emulator.is_online(DEVICE))
    async with online(emulator) as device:
        status, answer = await http.ask(
            "POST", "/faults", {"kind": "kick", "device": f"tencent/{PRODUCT}/{NAME}"}
        )
        assert (status, answer["struck"], answer["faults"]) == (200, 1, [])
        assert await device.is_closed()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({}, "kind is one of drop, refuse"),
        ({"kind": "burn"}, "kind is one of drop, refuse"),
        ({"kind": ["drop"]}, "kind is one of"),
        ({"kind": "drop", "count": 0}, "count is a whole number"),
        ({"kind": "drop", "count": 1.5}, "count is a whole number"),
        ({"kind": "drop", "seconds": -1}, "seconds is a number"),
        ({"kind": "drop", "seconds": True}, "seconds is a number"),
        ({"kind": "drop", "device": "dev1"}, "device is [CLOUD/]PRODUCT:NAME"),
        ({"kind": "drop", "device": 5}, "device is a text"),
        ({"kind": "refuse", "code": 256}, "code is a whole number"),
        ({"kind": "silence", "part": "x"}, "part is one of all, replies, acks"),
        ({"kind": "garbage", "payload_hex": "0"}, "payload_hex is hex digits"),
        ({"kind": "garbage", "payload": 5}, "payload is a text"),
        ({"kind": "garbage", "topic": "a/\ud800"}, "topic is a text that UTF-8 can hold"),
        ({"kind": "drop", "secnds": 5}, "no field 'secnds'"),
    ],
)
async def test_a_fault_that_cannot_be_says_why(http, fault, reason):
    status, answer = await http.ask("POST", "/faults", fault)
    assert status == 400
    assert reason in answer["error"]


@pytest.mark.parametrize(
    ("expected", "method", "path", "body", "headers"),
    [
        (404, "GET", "/nothing", None, {}),
        (404, "GET", "/devices/tencent/OTHER/dev1", None, {}),
        (404, "GET", "/devices/aliyun/CS0SLTKSYA/dev1/messages", None, {}),
        (404, "DELETE", PATH, None, {}),
        (403, "GET", "/devices", None, {"Host": "evil.example"}),
        (403, "POST", f"{PATH}/properties", {}, {"Host": "127.0.0.1.evil.example:80"}),
        (403, "POST", f"{PATH}/properties", {}, {"Host": ""}),
        (403, "DELETE", "/faults", None, {"Origin": "https://evil.example"}),
        (415, "POST", f"{PATH}/properties", {}, {"Content-Type": "text/plain"}),
        (415, "POST", "/faults", {"kind": "drop"}, {"Content-Type": ""}),
        (413, "POST", "/faults", b" " * 70_000, {}),
        (400, "POST", f"{PATH}/properties", b"{", {}),
        (400, "POST", f"{PATH}/properties", [1], {}),
        (400, "POST", f"{PATH}/properties?timeout=soon", {}, {}),
        (400, "POST", f"{PATH}/properties?timeout=nan", {}, {}),
        (400, "POST", f"{PATH}/properties?timeout=1000", {}, {}),
        (400, "GET", f"{PATH}/messages?after=x", None, {}),
    ],
)
async def test_a_wrong_request_has_its_status_and_a_reason(
    http, expected, method, path, body, headers
):
    status, answer = await http.ask(method, path, body, headers)
    assert status == expected
    assert answer["error"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])
async def test_every_name_of_the_loopback_is_a_good_host(http, host):
    assert (await http.ask("GET", "/devices", headers={"Host": host}))[0] == 200


async def test_what_is_not_http_is_answered_with_400(http):
    status, _, _ = await http.raw(b"\x16\x03\x01 hello\r\n\r\n")
    assert status == 400


async def test_the_page_is_one_file_without_anything_from_elsewhere(http):
    status, headers, body = await http.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert b"://" not in body
    assert b"innerHTML" not in body


async def test_two_requests_may_share_a_connection(emulator):
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.ports.http)
    writer.write(b"GET /devices HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
    async with asyncio.timeout(5):
        for _ in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            assert b"devices" in await reader.readexactly(length)
    writer.close()


async def test_no_answer_holds_the_secret(emulator, http):
    async with online(emulator):
        for path in ("/devices", PATH, f"{PATH}/messages", "/faults"):
            _, answer = await http.ask("GET", path)
            assert SECRET not in json.dumps(answer)
    assert SECRET not in repr(read_device(f"{PRODUCT}:{NAME}:{SECRET}", where="x"))


async def test_leaving_ends_requests_that_wait_for_a_device():
    async with (
        asyncio.timeout(5),
        asyncio.TaskGroup() as tasks,
        Emulator() as emulator,
        online(emulator) as device,
    ):
        path = f"{PATH}/properties?timeout=60"
        tasks.create_task(ask_until_cut(Http(emulator.ports.http), path))
        await device.message()


async def ask_until_cut(http, path):
    try:
        await http.ask("POST", path, {"power_switch": 1})
    except (OSError, EOFError):
        return
