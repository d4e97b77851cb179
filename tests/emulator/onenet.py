"""OneNET's devices in memory: keys of the official documents, tokens, sessions that subscribed."""

import base64
import hmac
import json
from pathlib import Path
from urllib.parse import quote

import agent.emulator
from agent.emulator.onenet import datastream, legacy, thing
from agent.emulator.onenet.datastream import DatastreamPlatform
from agent.emulator.onenet.legacy import LegacyPlatform
from agent.emulator.onenet.model import read_model
from agent.emulator.onenet.thing import ThingPlatform
from agent.emulator.values import DeviceKey
from tests.emulator import probe
from tests.emulator.support import WALL, Core

PRODUCT, NAME = "9MaNe52pNO", "dev1"
KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
PRODUCT_KEY = "EnW4T71eIE55xOIQMN6pFMKuqel5T5HTzsGJRPiDhlM="
DEVICE = DeviceKey(cloud="onenet", product=PRODUCT, name=NAME)
STREAMS = DeviceKey(cloud="onenet-datastream", product=PRODUCT, name=NAME)
OWN = f"$sys/{PRODUCT}/{NAME}/"
MS = int(WALL * 1000)
CONNACK = (0x20, b"\x00\x00")

MODEL_FILE = Path(agent.emulator.__file__).parent / "models" / "onenet-socket.json"
SOCKET = read_model(MODEL_FILE.read_bytes())

LEGACY_PRODUCT, DEVICE_ID = "123456", "9001"
API_KEY, AUTH_INFO = "aPiKeY0123456789=", "SN0001"
LEGACY = DeviceKey(cloud="onenet-legacy", product=LEGACY_PRODUCT, name=DEVICE_ID)


def signature(key, et, method, res, version):
    text = f"{et}\n{method}\n{res}\n{version}".encode()
    digest = hmac.new(base64.b64decode(key), text, method.lower()).digest()
    return base64.b64encode(digest).decode()


def token(  # noqa: PLR0913 - one parameter a field of the token
    *,
    key=KEY,
    res=f"products/{PRODUCT}/devices/{NAME}",
    et=int(WALL) + 3600,
    method="sha256",
    version="2018-10-31",
    sign=None,
    is_encoded=True,
):
    sign = signature(key, et, method, res, version) if sign is None else sign
    fields = {"version": version, "res": res, "et": et, "method": method, "sign": sign}
    return "&".join(
        f"{name}={quote(str(value), safe='') if is_encoded else value}"
        for name, value in fields.items()
    )


def login(*, client_id=NAME, username=PRODUCT, password=None, **fields):
    return {
        "client_id": client_id,
        "username": username,
        "password": token() if password is None else password,
        **fields,
    }


def make_thing(rules=None):
    devices = [
        thing.register(PRODUCT, NAME, KEY, SOCKET, product_secret=PRODUCT_KEY),
        thing.register(PRODUCT, "dev2", KEY, SOCKET),
        thing.register("AnotherPid", NAME, KEY, SOCKET),
    ]
    return ThingPlatform(devices, nonce="test", rules=rules)


def make_datastream(rules=None):
    devices = [datastream.register(PRODUCT, NAME, KEY, SOCKET)]
    return DatastreamPlatform(devices, nonce="test", rules=rules)


def make_legacy(rules=None):
    devices = [
        legacy.register(LEGACY_PRODUCT, DEVICE_ID, API_KEY, auth_info=AUTH_INFO),
        legacy.register(LEGACY_PRODUCT, "9002", API_KEY),
        legacy.register("654321", "9003", API_KEY),
    ]
    return LegacyPlatform(devices, nonce="test", rules=rules)


def thing_device(rules=None, **fields):
    """A core with dev1 online as connection 1, subscribed as the official SDK does."""
    core = Core(make_thing(rules))
    assert core.connect(1, **login(**fields)) == [CONNACK]
    assert core.say(1, probe.subscribe((f"{OWN}thing/#", 1))) == [(0x90, b"\x00\x01\x00")]
    return core


def datastream_device(rules=None):
    core = Core(make_datastream(rules))
    assert core.connect(1, **login()) == [CONNACK]
    assert core.say(1, probe.subscribe((f"{OWN}#", 1))) == [(0x90, b"\x00\x01\x00")]
    return core


def legacy_login(device_id=DEVICE_ID, product=LEGACY_PRODUCT, password=API_KEY, **fields):
    return {
        "client_id": device_id,
        "username": product,
        "password": password,
        "keepalive": 120,
        **fields,
    }


def legacy_device(**fields):
    core = Core(make_legacy())
    assert core.connect(1, **legacy_login(**fields)) == [CONNACK]
    return core


def messages(packets):
    """Read the PUBLISH packets of what a connection was told."""
    found = [probe.read_message(*packet) for packet in packets]
    return [(message.topic, message.payload) for message in found]


def say(core, topic, document, number=1, **fields):
    """Publish JSON (or bytes), and return the messages that come back."""
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    return messages(core.say(number, probe.publish(topic, payload, **fields)))


def post(core, channel, params, **fields):
    """Publish a request of the thing model, and return its reply."""
    document = {"id": "1", "version": "1.0", "params": params} | fields
    ((topic, payload),) = say(core, OWN + channel, document)
    assert topic == f"{OWN}{channel}/reply"
    return json.loads(payload)


def view(core):
    return core.platform.describe(core.platform.devices()[0])


def log_codes(core):
    """The codes of the platform's device log that were noted."""
    return [note.facts["code"] for note in core.notes if note.event == "uplink.refused"]
