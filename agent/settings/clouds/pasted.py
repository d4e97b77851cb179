"""The console's MQTT parameters of an Aliyun device, as JSON that a person pasted."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

ALLOWED: Final = (
    "the JSON that Aliyun's console shows as MQTT parameters: an object with"
    " clientId, username, passwd, mqttHostUrl and port"
)
_MAX_TEXT: Final = 1024
_LAST_PORT: Final = 65_535
_CLIENT_ID: Final = re.compile(r"[!-{}~]{1,64}\|[!-~]*\|")
_USERNAME: Final = re.compile(r"[A-Za-z0-9_@.:-]+&[A-Za-z0-9]+")
_PASSWORD: Final = re.compile(r"[!-~]+")
_DIGITS: Final = re.compile(r"[0-9]{1,5}")
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttParams:
    """A login that somebody else has signed: every field goes to the broker as it is."""

    client_id: str
    username: str
    password: str = field(repr=False)
    host: str
    port: int

    @property
    def is_plain(self) -> bool:
        """Whether it says that it is a login without TLS."""
        parameters = self.client_id.partition("|")[2].rpartition("|")[0].split(",")
        return "securemode=3" in parameters

    @property
    def device_name(self) -> str:
        """The part of the user name before '&'."""
        return self.username.partition("&")[0]

    @property
    def product_key(self) -> str:
        """The part of the user name after '&'."""
        return self.username.partition("&")[2]


def read_mqtt_params(text: str) -> MqttParams:
    """Read what was pasted; raise `ValueError` that says what is wrong and shows no value."""
    pasted = _object(text)
    return MqttParams(
        client_id=_text(pasted, "clientId", _CLIENT_ID, "the part before '|', then '|…|'"),
        username=_text(pasted, "username", _USERNAME, "DeviceName&ProductKey"),
        password=_text(pasted, "passwd", _PASSWORD, "the password"),
        host=_text(pasted, "mqttHostUrl", _HOST, "a host name, without ssl:// and port"),
        port=_port(pasted.get("port")),
    )


def _object(text: str) -> Mapping[str, object]:
    try:
        pasted: object = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise ValueError("this is not JSON") from None  # the cause would show the password
    if not isinstance(pasted, dict):
        raise ValueError("this is JSON, but no object")  # noqa: TRY004 - one error for whoever pasted
    return cast("Mapping[str, object]", pasted)


def _text(pasted: Mapping[str, object], key: str, form: re.Pattern[str], meaning: str) -> str:
    value = pasted.get(key)
    if value is None:
        raise ValueError(f"{key} is missing")
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not form.fullmatch(value):
        raise ValueError(f"{key} is not {meaning}")
    return value


def _port(value: object) -> int:
    if value is None:
        raise ValueError("port is missing")
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LAST_PORT:
        raise ValueError(f"port is not 1 to {_LAST_PORT}")
    return value
