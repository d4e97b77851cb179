"""The topics that a Tencent device hears, and a codec that reads what comes on them."""

import json

from tests.clouds.support import DEVICE, make_codec

CODEC = make_codec()
PROPERTY = f"$thing/down/property/{DEVICE}"
EVENT = f"$thing/down/event/{DEVICE}"
ACTION = f"$thing/down/action/{DEVICE}"
SERVICE = f"$thing/down/service/{DEVICE}"
OTA = f"$ota/update/{DEVICE}"
TIME = f"$sys/operation/result/{DEVICE}"
TOPICS = [PROPERTY, EVENT, ACTION, SERVICE, OTA, TIME]


def decode(topic, codec=CODEC, **body):
    return codec.decode(topic, json.dumps(body).encode())
