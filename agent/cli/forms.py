"""What `init` asks for each cloud's section: a table, in the order of the questions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.cli.credentials import Pasted
from agent.settings.allowed import choices
from agent.settings.clouds import (
    AliyunSettings,
    CloudSettings,
    HomeassistantSettings,
    OnenetSettings,
    TencentSettings,
)
from agent.settings.clouds.pasted import read_mqtt_params


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One value: the key that it fills, its question, and the names that JSON has for it.

    `default` None must be answered; an empty one may stay so, and the key is then left out.
    `unless` names a key that makes this one needless. What is not `is_asked` is only an option.
    """

    key: str
    question: str = ""
    spellings: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    default: str | None = None
    unless: str = ""
    is_asked: bool = True
    option: str = ""

    @property
    def parameter(self) -> str:
        """The option that answers it."""
        return self.option or self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """JSON that is kept as it is, in a file that `key` names: it is the login already.

    `marks` are names that only such JSON has.
    """

    key: str
    marks: tuple[str, ...]
    is_plain: Callable[[str], bool]
    """Whether it is a login without TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A section: what names the device, its secret, and what else; JSON answers any of it."""

    section: type[CloudSettings]
    device: tuple[Ask, ...]
    secret: Ask
    others: tuple[Ask, ...] = ()
    root: Ask | None = None
    """Asked where the section says that the platform's root is missing."""
    fixed: Mapping[str, object] = field(default_factory=dict[str, object])
    whole: Whole | None = None

    @property
    def parameters(self) -> frozenset[str]:
        """The options that this section has."""
        asks = (*self.device, *self.others)
        return frozenset([*(ask.parameter for ask in asks), "ca_file"])

    def is_whole(self, pasted: Pasted) -> bool:
        """Tell whether *pasted* is a login that is kept as it is."""
        return self.whole is not None and bool(pasted.find(self.whole.marks))

    def knows(self, pasted: Pasted) -> bool:
        """Tell whether there is anything in *pasted* that this section needs."""
        spellings = [ask.spellings for ask in (*self.device, self.secret)]
        return self.is_whole(pasted) or any(pasted.find(names) for names in spellings)


def _says_plain(text: str) -> bool:
    try:
        return read_mqtt_params(text).is_plain
    except ValueError:
        return False


def _with_token() -> Form:
    """Make the form of both generations of OneNET that log in with a token, over TLS."""
    return Form(
        section=OnenetSettings,
        device=(
            _PRODUCT_ID,
            Ask(key="device_name", question="Device name", spellings=("devicename", "name")),
        ),
        secret=Ask(
            key=OnenetSettings.CREDENTIAL,
            question="Key of the device or the product",
            spellings=("seckey", "devicekey", "key", "accesskey", "productkey"),
        ),
        others=(
            Ask(
                key="domain",
                question="Broker: shared (heclouds.com), or the product's own"
                " (PRODUCT.mqtts.acc.cmcconenet.cn)",
                choices=choices(OnenetSettings.model_fields["domain"]),
                default="shared",
            ),
        ),
        root=Ask(
            key="ca_file",
            question="The root of OneNET's brokers, a PEM file from its console"
            " (empty: set ca_file later)",
            default="",
        ),
    )


_PRODUCT_ID: Final = Ask(key="product_id", question="Product id", spellings=("productid", "pid"))

VARIANTS: Final[Mapping[str, Ask]] = {
    "onenet": Ask(
        key="generation",
        question="Generation: thing (物模型), datastream (数据流), or legacy (多协议接入)",
        choices=choices(OnenetSettings.model_fields["generation"]),
        default="thing",
    )
}
"""Asked first, where a cloud has several forms."""

FORMS: Final[Mapping[tuple[str, str], Form]] = {
    ("tencent", ""): Form(
        section=TencentSettings,
        device=(
            _PRODUCT_ID,
            Ask(key="device_name", question="Device name", spellings=("devicename",)),
        ),
        secret=Ask(
            key=TencentSettings.CREDENTIAL,
            question="Device secret",
            spellings=("devicesecret", "devicepsk", "psk", "secret"),
        ),
        others=(Ask(key="region", is_asked=False),),
    ),
    ("aliyun", ""): Form(
        section=AliyunSettings,
        device=(
            Ask(
                key="product_key",
                question="ProductKey",
                spellings=("productkey", "pk"),
                option="product_id",
            ),
            Ask(key="device_name", question="DeviceName", spellings=("devicename", "dn")),
        ),
        secret=Ask(
            key=AliyunSettings.CREDENTIAL,
            question="DeviceSecret",
            spellings=("devicesecret", "ds", "secret"),
        ),
        others=(
            Ask(
                key="instance_id",
                question="Instance id, such as iot-06z00d9jq7p2pgk"
                " (empty: an old public instance, which has none)",
                spellings=("instanceid", "iotinstanceid"),
                default="",
            ),
            Ask(
                key="region",
                question="Region of the old public instance",
                spellings=("regionid", "region"),
                default=str(AliyunSettings.model_fields["region"].default),
                unless="instance_id",
            ),
        ),
        whole=Whole(
            key="mqtt_params_file",
            marks=("mqtthosturl", "passwd"),
            is_plain=_says_plain,
        ),
    ),
    ("onenet", "thing"): _with_token(),
    ("onenet", "datastream"): _with_token(),
    ("onenet", "legacy"): Form(
        section=OnenetSettings,
        device=(
            _PRODUCT_ID,
            Ask(
                key="device_name",
                question="Device id, its number",
                spellings=("deviceid", "devid", "id"),
            ),
        ),
        secret=Ask(
            key=OnenetSettings.CREDENTIAL,
            question="APIKey, or the device's auth_info",
            spellings=("apikey", "key", "authinfo", "masterkey", "devicekey"),
        ),
        fixed={"tls": False},
    ),
    ("homeassistant", ""): Form(
        section=HomeassistantSettings,
        device=(
            Ask(key="host", question="Host of the MQTT broker", spellings=("host", "broker")),
            Ask(
                key="username",
                question="User of the broker (empty: it takes anybody)",
                spellings=("username", "user"),
                default="",
            ),
        ),
        secret=Ask(
            key=HomeassistantSettings.CREDENTIAL,
            question="Password of that user",
            spellings=("password",),
        ),
    ),
}
"""By cloud and variant."""
