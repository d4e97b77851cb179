"""What a key device of Tencent logs in with: host, client id, user name, password."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.errors import ConfigError

HOSTS: Final[Mapping[str, str]] = {
    "china": "{}.iotcloud.tencentdevices.com",
    "us-east": "{}.us-east.iotcloud.tencentdevices.com",
    "europe": "{}.europe.iothub.tencentdevices.com",
    "ap-bangkok": "{}.ap-bangkok.iothub.tencentdevices.com",
}
PORT_TLS: Final = 8883
PORT_PLAIN: Final = 1883
METHODS: Final[Mapping[str, str]] = {"hmacsha256": "sha256", "hmacsha1": "sha1"}
DEFAULT_SDKAPPID: Final = "12010126"
CONNID_LENGTH: Final = 5
LIFETIME_S: Final = 86_400
"""How long a signature holds; it is checked at CONNECT, and every CONNECT is signed anew."""
FAR_FUTURE: Final = 9_223_372_036_854_775_807
"""The expiry that the platform's C SDK signs when the clock is not known to be right.

Others sign 2,147,483,647, which is over in 2038.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The three fields of a CONNECT."""

    client_id: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A device of a product, and its key in raw bytes."""

    product_id: str
    device_name: str
    key: bytes = field(repr=False)
    method: str = "hmacsha256"
    sdkappid: str = DEFAULT_SDKAPPID


def decode_secret(text: str) -> bytes:
    """Turn a device secret as the console shows it into the key; raise `ConfigError`."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ConfigError(
            "device_secret is not what Tencent's console shows: it is base64 text, as a rule"
            " 24 characters that end in '=='; copy it again, with the '=' signs at its end"
        ) from None  # the cause would show the secret
    return key


def host_of(product_id: str, region: str) -> str:
    """Name the MQTT host of a product."""
    return HOSTS[region].format(product_id)


def connid_of(nonce: str) -> str:
    """Make the five characters that mark one connection in the platform's log."""
    usable = "".join(char for char in nonce if char.isascii() and char.isalnum())
    return usable[:CONNID_LENGTH].rjust(CONNID_LENGTH, "0")


def expiry_of(wall_time: float | None) -> int:
    """Tell until when to sign; far in the future while the clock is not trusted (None)."""
    return FAR_FUTURE if wall_time is None else int(wall_time) + LIFETIME_S


def sign(identity: Identity, *, connid: str, expiry: int) -> Credentials:
    """Sign one CONNECT: the HMAC, under the decoded secret, of the whole user name."""
    client_id = identity.product_id + identity.device_name
    username = f"{client_id};{identity.sdkappid};{connid};{expiry}"
    token = hmac.new(identity.key, username.encode(), METHODS[identity.method]).hexdigest()
    return Credentials(
        client_id=client_id, username=username, password=f"{token};{identity.method}"
    )
