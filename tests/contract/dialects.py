"""Every codec with the emulated cloud that it speaks to: seven pairs of five clouds."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from agent.clouds.aliyun.codec import AliyunCodec
from agent.clouds.aliyun.credentials import Identity, sign
from agent.clouds.onenet.codec import make as make_onenet
from agent.clouds.tencent.codec import TencentCodec
from agent.emulator.identity import DeviceIdentity, sample_device
from agent.settings.clouds import AliyunSettings, CloudSettings, OnenetSettings, TencentSettings

HOST = "cloud.test"
SECTIONS: Mapping[str, tuple[Any, Callable[..., Any], tuple[str, str, str]]] = {
    "tencent": (TencentSettings, TencentCodec, ("product_id", "device_name", "device_secret")),
    "aliyun": (AliyunSettings, AliyunCodec, ("product_key", "device_name", "device_secret")),
    "onenet": (OnenetSettings, make_onenet, ("product_id", "device_name", "device_key")),
}
SHORT_IDS = {
    "power_switch": "PowerSwitch",
    "power_factor": "PowerFactor",
    "voltage": "CurrentVoltage",
    "current_limit": "OverCurrentThreshold",
    "reset_energy": "ResetEnergy",
}


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """One codec and its cloud, and how the cloud's user writes what it wants."""

    name: str
    cloud: str
    section: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    on: Any = 1
    off: Any = 0
    codes: Mapping[str, int]
    """What the codec says of each kind of refusal, from the platforms' references."""
    stores: bool = True
    has_events: bool = True
    is_pasted: bool = False
    own_topic: str | None = None
    bend: Callable[[Any], Any] = lambda codec: codec
    """Makes a codec that breaks a promise."""

    @property
    def device(self) -> DeviceIdentity:
        return sample_device(self.cloud)

    @property
    def factory(self) -> Callable[..., Any]:
        make = SECTIONS[self.section][1]
        return lambda settings, thing: self.bend(make(settings, thing))

    def wire_id(self, name: str) -> str:
        return self.ids.get(name, name)

    def switch(self, *, on: bool) -> dict[str, Any]:
        return {self.wire_id("power_switch"): self.on if on else self.off}

    def countdown(self, seconds: int) -> dict[str, Any]:
        if self.section != "aliyun":
            return {"count_down": seconds}
        return {"CountDown": {"IsRunning": 1, "TimeLeft": seconds, "PowerSwitch": 0}}

    def settings(self, **changes: Any) -> CloudSettings:
        """Make the section; `product`, `device` and `secret` name another device."""
        product = changes.pop("product", self.device.product)
        device = changes.pop("device", self.device.name)
        secret = changes.pop("secret", self.device.secret)
        section, _, names = SECTIONS[self.section]
        who: dict[str, Any] = dict(zip(names, (product, device, SecretStr(secret)), strict=True))
        if self.is_pasted:
            who = {"mqtt_params": SecretStr(pasted(product, device, secret))}
        topics = {} if self.own_topic is None else {"custom_topics": (self.own_topic,)}
        return section(**{**who, **topics, **self.extra, **changes})


def pasted(product: str, device: str, secret: str) -> str:
    """Sign as the console does, and show it as the console does."""
    identity = Identity(product_key=product, device_name=device, secret=secret)
    signed = sign(identity, timestamp="1524448722000")
    return json.dumps(
        {
            "clientId": signed.client_id,
            "username": signed.username,
            "passwd": signed.password,
            "mqttHostUrl": HOST,
            "port": 8883,
        }
    )


_REQUEST_CODES = dict.fromkeys(
    ("malformed", "unknown_name", "read_only", "wrong_type", "out_of_range"), 460
)
TENCENT_CODES = {
    "malformed": 400,
    "unknown_name": 403,
    "read_only": 403,
    "wrong_type": 406,
    "out_of_range": 406,
    "not_allowed": 403,
    "tripped": 503,
    "failed": 503,
    "done": 0,
}
ALIYUN_CODES = {
    **_REQUEST_CODES,
    "not_allowed": 100_001,
    "tripped": 100_000,
    "failed": 400,
    "done": 200,
}
ONENET_CODES = {
    "malformed": 400,
    "unknown_name": 404,
    "read_only": 405,
    "wrong_type": 415,
    "out_of_range": 416,
    "not_allowed": 403,
    "tripped": 409,
    "failed": 500,
    "done": 200,
}
_ALIYUN: dict[str, Any] = {
    "cloud": "aliyun",
    "section": "aliyun",
    "ids": SHORT_IDS,
    "codes": ALIYUN_CODES,
    "own_topic": "/k19g7hBjoOD/testdevice1/user/get",
}
_ONENET: dict[str, Any] = {"section": "onenet", "codes": ONENET_CODES}

SPEAKERS = {
    each.name: each
    for each in (
        Speaker(
            name="tencent",
            cloud="tencent",
            section="tencent",
            codes=TENCENT_CODES,
            own_topic="CS0SLTKSYA/dev1/control",
        ),
        Speaker(name="aliyun", **_ALIYUN),
        Speaker(name="aliyun-subscribe", extra={"system_topics": "subscribe"}, **_ALIYUN),
        Speaker(name="aliyun-pasted", is_pasted=True, **_ALIYUN),
        Speaker(name="onenet", cloud="onenet", on=True, off=False, **_ONENET),
        Speaker(
            name="onenet-datastream",
            cloud="onenet-datastream",
            extra={"generation": "datastream"},
            stores=False,
            has_events=False,
            **_ONENET,
        ),
        Speaker(
            name="onenet-legacy",
            cloud="onenet-legacy",
            extra={"generation": "legacy", "tls": False},
            stores=False,
            has_events=False,
            own_topic="TurnipRobot",
            **_ONENET,
        ),
    )
}
