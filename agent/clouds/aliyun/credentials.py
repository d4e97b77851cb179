"""What a device of Aliyun logs in with: host, client id, user name, password."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

PORT_TLS: Final = 8883
PORT_PLAIN: Final = 1883
METHODS: Final[Mapping[str, str]] = {
    "hmacsha256": "sha256",
    "hmacsha1": "sha1",
    "hmacmd5": "md5",
}
DEFAULT_REGION: Final = "cn-shanghai"
MAX_CLIENT_ID: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The three fields of a CONNECT."""

    client_id: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A device of a product, and its secret: the text is the key."""

    product_key: str
    device_name: str
    secret: str = field(repr=False)
    method: str = "hmacsha256"


def host_of(product_key: str, instance_id: str | None, region: str) -> str:
    """Name the MQTT host: an instance's own, or the old public instance's of a product."""
    if instance_id is not None:
        return f"{instance_id}.mqtt.iothub.aliyuncs.com"
    return f"{product_key}.iot-as-mqtt.{region}.aliyuncs.com"


def sign(
    identity: Identity,
    *,
    client_id: str | None = None,
    is_tls: bool = True,
    extensions: Sequence[str] = (),
    timestamp: str | None = None,
) -> Credentials:
    """Sign one CONNECT: the HMAC, under the secret's text, of the names and values.

    *client_id* is the part before the first '|', which alone is signed, by default the console's
    own form. A *timestamp* stands in the client id and in the signature, or in neither; the
    platform compares the two and does not hold it against a clock.
    """
    key, name = identity.product_key, identity.device_name
    own = f"{key}.{name}" if client_id is None else client_id
    stamp = "" if timestamp is None else f"timestamp{timestamp}"
    content = f"clientId{own}deviceName{name}productKey{key}{stamp}"
    parameters = (
        f"securemode={2 if is_tls else 3}",
        f"signmethod={identity.method}",
        *extensions,
        *([] if timestamp is None else [f"timestamp={timestamp}"]),
    )
    digest = METHODS[identity.method]
    return Credentials(
        client_id=f"{own}|{','.join(parameters)}|",
        username=f"{name}&{key}",
        password=hmac.new(identity.secret.encode(), content.encode(), digest).hexdigest(),
    )


def parameters_of(client_id: str) -> Mapping[str, str]:
    """Read a client id's extension parameters, between its first '|' and its last."""
    inside = client_id.partition("|")[2].rpartition("|")[0]
    pairs = (part.partition("=") for part in inside.split(","))
    return {key: value for key, equals, value in pairs if equals}
