"""What the tests of the emulated Aliyun share: a device, its login and its topics."""

import hashlib
import hmac
import json
from pathlib import Path

import agent.emulator
from agent.emulator.aliyun.platform import AliyunPlatform, register
from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.aliyun.tsl import read_tsl
from agent.emulator.values import DeviceKey
from tests.emulator import probe
from tests.emulator.support import WALL, Core

PRODUCT, NAME = "a1TestPK001", "socket-01"
SECRET = "0123456789abcdef0123456789abcdef"
DEVICE = DeviceKey(cloud="aliyun", product=PRODUCT, name=NAME)
OTHER = DeviceKey(cloud="aliyun", product=PRODUCT, name="socket-02")
OWN = f"{PRODUCT}/{NAME}"
THING = f"/sys/{OWN}/thing"
POST = f"{THING}/event/property/post"
SET = f"{THING}/service/property/set"
MS = int(WALL * 1000)
MODEL = Path(agent.emulator.__file__).parent / "models" / "aliyun-socket.json"
SOCKET = read_tsl(MODEL.read_bytes())
WITH_SYNC = read_tsl(
    json.dumps(
        {
            "properties": [],
            "services": [
                {"identifier": "ReadMeter", "callType": "sync"},
                {"identifier": "ResetEnergy", "callType": "async"},
            ],
        }
    ).encode()
)
CONNACK = (0x20, b"\x00\x00")


def login(  # noqa: PLR0913 - one parameter a part of the ClientID
    *,
    client_id: str = f"{PRODUCT}.{NAME}",
    name: str = NAME,
    product: str = PRODUCT,
    method: str | None = "hmacsha256",
    timestamp: str | None = None,
    extra: str = "_ss=1,ext=3",
    secret: str = SECRET,
    **fields,
) -> dict:
    """Compose what a device logs in with, as the platform's documents say."""
    content = f"clientId{client_id}deviceName{name}productKey{product}"
    parameters = ["securemode=3", extra] if extra else ["securemode=3"]
    if method is not None:
        parameters.append(f"signmethod={method}")
    if timestamp is not None:
        content += f"timestamp{timestamp}"
        parameters.append(f"timestamp={timestamp}")
    digests = {"hmacsha256": hashlib.sha256, "hmacsha1": hashlib.sha1}
    digest = digests.get(method or "", hashlib.md5)
    return {
        "client_id": f"{client_id}|{','.join(parameters)}|",
        "username": f"{name}&{product}",
        "password": hmac.new(secret.encode(), content.encode(), digest).hexdigest(),
        **fields,
    }


def make_platform(rules: AliyunRules | None = None, tsl=SOCKET) -> AliyunPlatform:
    devices = [
        register(PRODUCT, NAME, SECRET, tsl),
        register(PRODUCT, "socket-02", SECRET, tsl),
    ]
    return AliyunPlatform(devices, nonce="test", rules=rules)


def make_device(rules: AliyunRules | None = None, tsl=SOCKET, **fields) -> Core:
    """A core with socket-01 online as connection 1, which gets system topics unasked."""
    core = Core(make_platform(rules, tsl))
    assert core.connect(1, **login(**fields)) == [CONNACK]
    return core


def say(core: Core, topic: str, document: object, **fields) -> list[probe.Message]:
    """Publish JSON (or bytes) and return the messages that come back."""
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    packets = core.say(1, probe.publish(topic, payload, **fields))
    return [probe.read_message(*packet) for packet in packets if packet[0] >> 4 == 3]


def ask(core: Core, topic: str, params: object, **fields) -> dict:
    """Send one request and return the one reply, which comes on the topic's `_reply`."""
    document = {"id": "7", "version": "1.0", "params": params, **fields}
    (message,) = say(core, topic, document)
    assert message.topic == f"{topic}_reply"
    return json.loads(message.payload)


def code(core: Core, topic: str, params: object, **fields) -> int:
    return ask(core, topic, params, **fields)["code"]


def sent(core: Core, request) -> probe.Message:
    """Send a request down and return what the device gets."""
    assert core.publish(request.publication)
    (packet,) = core.hear(1)
    return probe.read_message(*packet)


def described(core: Core) -> dict:
    return core.platform.describe(DEVICE)
