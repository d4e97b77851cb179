"""The token that OneNET takes as a password: who it is for, until when, and an HMAC of both."""

import base64
import binascii
import hmac
from typing import Final
from urllib.parse import quote

from agent.errors import ConfigError

METHODS: Final = ("sha256", "sha1", "md5")
"""The digests; a method is signed in the letter case that it is written in."""

VERSION: Final = "2018-10-31"
"""Of the tokens that devices log in with."""

HOST_PLAIN: Final = "mqtts.heclouds.com"
HOST_TLS: Final = "mqttstls.heclouds.com"
PORT_PLAIN: Final = 1883
PORT_TLS: Final = 8883

LIFETIME_S: Final = 30 * 86_400
"""How long a token holds; it is checked at CONNECT, and every CONNECT is signed anew."""
FAR_FUTURE: Final = 2_524_579_200
"""The expiry that the platform's own SDK signs: 2050, for a clock that is not trusted."""


def decode_key(text: str) -> bytes:
    """Turn a key as the console shows it into bytes, any number of them; raise `ConfigError`."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ConfigError(
            "device_key is not what OneNET's console shows: it is base64 text, as a rule 44"
            " characters that end in '='; copy it again, with the '=' signs at its end"
        ) from None  # the cause would show the key
    return key


def device_res(product_id: str, device_name: str) -> str:
    """Name one device as the resource that a token is for."""
    return f"products/{product_id}/devices/{device_name}"


def expiry_of(wall_time: float | None) -> int:
    """Tell until when to sign; far in the future while the clock is not trusted (None)."""
    return FAR_FUTURE if wall_time is None else int(wall_time) + LIFETIME_S


def sign(
    key: bytes, *, res: str, expiry: int, method: str = "sha256", version: str = VERSION
) -> str:
    """Write a token; *method* is one of `METHODS` in any letter case."""
    signed = f"{expiry}\n{method}\n{res}\n{version}".encode()
    digest = hmac.new(key, signed, method.lower()).digest()
    fields = {
        "version": version,
        "res": res,
        "et": str(expiry),
        "method": method,
        "sign": base64.b64encode(digest).decode(),
    }
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
