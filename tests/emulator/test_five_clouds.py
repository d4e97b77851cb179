"""All clouds in one emulator, each with a device that logs in through a real MQTT client."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import aiomqtt
import pytest

from agent.emulator.emulator import Emulator
from agent.emulator.identity import CLOUDS, sample_device
from agent.emulator.options import CA_FILE, EmulatorOptions
from agent.emulator.values import DeviceKey
from tests.emulator import support
from tests.emulator.http_probe import Http


def hexhmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def tencent_login(device):
    found = support.login(client_id=device.product + device.name, secret=device.secret)
    return found["client_id"], found["username"], found["password"]


def aliyun_login(device):
    name, product = device.name, device.product
    content = f"clientId{product}.{name}deviceName{name}productKey{product}timestamp1"
    client_id = f"{product}.{name}|securemode=3,signmethod=hmacsha256,timestamp=1|"
    return client_id, f"{name}&{product}", hexhmac(device.secret.encode(), content)


def onenet_login(device):
    resource = f"products/{device.product}/devices/{device.name}"
    expiry = "2147483647"
    text = f"{expiry}\nsha256\n{resource}\n2018-10-31"
    digest = hmac.new(base64.b64decode(device.secret), text.encode(), hashlib.sha256).digest()
    token = "&".join(
        f"{name}={quote(value, safe='')}"
        for name, value in {
            "version": "2018-10-31",
            "res": resource,
            "et": expiry,
            "method": "sha256",
            "sign": base64.b64encode(digest).decode(),
        }.items()
    )
    return device.name, device.product, token


def legacy_login(device):
    return device.name, device.product, device.secret


@dataclass(frozen=True)
class Case:
    """What a device of one cloud says first, and where it is asked."""

    login: object
    up: str
    report: bytes
    asked: str | None
    """The topic of what the control API asks; None: it comes without a subscription."""
    answered: str
    values: dict = field(default_factory=dict)
    """What is set; empty: a raw command is sent."""


CASES = {
    "tencent": Case(
        login=tencent_login,
        up="$thing/up/property/CS0SLTKSYA/dev1",
        report=b'{"method":"report","clientToken":"1","params":{"voltage":229.5}}',
        asked="$thing/down/property/CS0SLTKSYA/dev1",
        answered="$thing/up/property/CS0SLTKSYA/dev1",
        values={"power_switch": 1},
    ),
    "aliyun": Case(
        login=aliyun_login,
        up="/sys/k19g7hBjoOD/testdevice1/thing/event/property/post",
        report=b'{"id":"1","version":"1.0","params":{"CurrentVoltage":229.5},'
        b'"method":"thing.event.property.post"}',
        asked="/sys/k19g7hBjoOD/testdevice1/thing/service/property/set",
        answered="/sys/k19g7hBjoOD/testdevice1/thing/service/property/set_reply",
        values={"PowerSwitch": 1},
    ),
    "onenet": Case(
        login=onenet_login,
        up="$sys/9MaNe52pNO/dev1/thing/property/post",
        report=b'{"id":"1","version":"1.0","params":{"voltage":{"value":229.5}}}',
        asked="$sys/9MaNe52pNO/dev1/thing/property/set",
        answered="$sys/9MaNe52pNO/dev1/thing/property/set_reply",
        values={"power_switch": True},
    ),
    "onenet-datastream": Case(
        login=onenet_login,
        up="$sys/238322/mqtts-test-device/dp/post/json",
        report=b'{"id":1,"dp":{"voltage":[{"v":229.5}]}}',
        asked="$sys/238322/mqtts-test-device/cmd/request/+",
        answered="$sys/238322/mqtts-test-device/cmd/response/",
    ),
    "onenet-legacy": Case(
        login=legacy_login,
        up="$dp",
        report=b'\x03\x00\x11{"voltage":229.5}',
        asked=None,
        answered="$crsp/",
    ),
}


@asynccontextmanager
async def online(emulator, cloud, *, is_tls):
    ports = emulator.ports.clouds[cloud]
    client_id, username, password = CASES[cloud].login(sample_device(cloud))
    context = ssl.create_default_context(cafile=CA_FILE) if is_tls else None
    async with (
        asyncio.timeout(10),
        aiomqtt.Client(
            "localhost",
            ports.mqtts if is_tls else ports.mqtt,
            identifier=client_id,
            username=username,
            password=password,
            tls_context=context,
            protocol=aiomqtt.ProtocolVersion.V311,
            keepalive=120,
        ) as client,
    ):
        yield client


def key_of(cloud):
    device = sample_device(cloud)
    return DeviceKey(cloud=cloud, product=device.product, name=device.name)


def answer_to(cloud, message):
    """Answer as the device of *cloud* does: topic and payload."""
    case = CASES[cloud]
    if not case.values:
        return case.answered + str(message.topic).rpartition("/")[2], b"done"
    asked = json.loads(message.payload)
    if cloud == "tencent":
        asked = {"method": "control_reply", "clientToken": asked["clientToken"], "code": 0}
    else:
        asked = {"id": asked["id"], "code": 200, "data": {}}
    return case.answered, json.dumps(asked).encode()


@pytest.fixture(scope="module", params=[False, True], ids=["tcp", "tls"])
def is_tls(request):
    return request.param


@pytest.fixture
async def emulator():
    async with Emulator(EmulatorOptions(clouds=tuple(reversed(CLOUDS)))) as running:
        yield running


def test_there_is_a_case_for_every_cloud():
    assert tuple(CASES) == CLOUDS


@pytest.mark.parametrize("cloud", CLOUDS)
async def test_a_device_of_each_cloud_logs_in_reports_and_is_asked(emulator, cloud, is_tls):
    case, key, http = CASES[cloud], key_of(cloud), Http(emulator.ports.http)
    path = f"/devices/{cloud}/{key.product}/{key.name}"
    async with online(emulator, cloud, is_tls=is_tls) as client, asyncio.TaskGroup() as tasks:
        assert [device["cloud"] for device in emulator.devices() if device["online"]] == [cloud]
        await client.publish(case.up, case.report, qos=1)
        assert 229.5 in emulator.describe(key)["properties"].values()
        assert emulator.describe(key)["session"]["tls"] is is_tls
        if case.asked is not None:
            await client.subscribe(case.asked, qos=1)
        what, body = ("properties", case.values) if case.values else ("commands", {"payload": "on"})
        asked = tasks.create_task(http.ask("POST", f"{path}/{what}", body))
        message = await anext(aiter(client.messages))
        while str(message.topic).endswith(("reply", "accepted")):
            message = await anext(aiter(client.messages))
        if not case.values:
            assert message.payload == b"on"
        topic, payload = answer_to(cloud, message)
        await client.publish(topic, payload, qos=1)
        status, reply = await asked
        assert status == 200, reply
        assert case.values or reply["output"] == {"payload": "done"}


@pytest.mark.parametrize("cloud", CLOUDS)
async def test_a_wrong_secret_does_not_come_in(emulator, cloud):
    ports = emulator.ports.clouds[cloud]
    client_id, username, _ = CASES[cloud].login(sample_device(cloud))
    with pytest.raises(aiomqtt.MqttError):
        async with (
            asyncio.timeout(10),
            aiomqtt.Client(
                "localhost",
                ports.mqtt,
                identifier=client_id,
                username=username,
                password="wrong",
                protocol=aiomqtt.ProtocolVersion.V311,
                keepalive=120,
            ),
        ):
            pytest.fail("it came in")
