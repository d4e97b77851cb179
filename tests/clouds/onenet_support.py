"""OneNET devices of each generation, and what they hear."""

import json
from typing import Any

from pydantic import SecretStr

from agent.clouds.onenet.codec import make
from agent.devices.socket.thing_table import SOCKET
from agent.ports import Codec
from agent.settings.clouds import OnenetSettings

KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
PRODUCT, DEVICE = "9MaNe52pNO", "dev1"
PREFIX = f"$sys/{PRODUCT}/{DEVICE}/"
APIKEY = "y7zd=7wNaObdfRYhxQn7D5jiDnI="


def settings(**changes: Any) -> OnenetSettings:
    fields: dict[str, Any] = {
        "product_id": PRODUCT,
        "device_name": DEVICE,
        "device_key": SecretStr(KEY),
    }
    return OnenetSettings(**(fields | changes))


def thing(**changes: Any) -> Codec:
    return make(settings(**changes), SOCKET)


def datastream(**changes: Any) -> Codec:
    return make(settings(generation="datastream", **changes), SOCKET)


def legacy(**changes: Any) -> Codec:
    fields: dict[str, Any] = {
        "generation": "legacy",
        "product_id": "91025",
        "device_name": "9377500",
        "device_key": SecretStr(APIKEY),
        "tls": False,
    }
    return make(settings(**(fields | changes)), SOCKET)


def hear(codec: Codec, tail: str, body: object) -> Any:
    """Decode a JSON message on a topic of the device."""
    return codec.decode(PREFIX + tail, json.dumps(body).encode())


def said(publish: Any) -> Any:
    """Read the JSON of a message."""
    return json.loads(publish.payload)
