from typing import Annotated, Literal

import pytest
from pydantic import Field, SecretStr

from agent.settings.allowed import allowed_text, choices, homes_of
from agent.settings.clouds import AliyunSettings, OnenetSettings, TencentSettings
from agent.settings.device import SocketSettings
from agent.settings.section import Port, Section


class Inner(Section):
    depth: int = 0


class Example(Section):
    whole: int
    number: float
    ranged: Annotated[float, Field(ge=0, le=3600)]
    above: Annotated[float, Field(gt=0, multiple_of=0.5)]
    port: Port | None
    limit: Annotated[float | None, Field(le=5)]
    flag: bool
    mixed: bool | Literal["psk"]
    choice: Literal["off", "on"]
    text: str
    secret: SecretStr
    names: tuple[str, ...]
    table: dict[str, str]
    section: Inner
    either: Literal["off"] | Inner
    described: Annotated[str, Field(description="a colour")]
    maybe: Annotated[str, Field(description="a taste")] | None


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("whole", "a whole number"),
        ("number", "a number"),
        ("ranged", "0 to 3600"),
        ("above", "above 0"),
        ("port", "1 to 65535"),
        ("limit", "to 5"),
        ("flag", "true | false"),
        ("mixed", "true | false | psk"),
        ("choice", "off | on"),
        ("text", "a text"),
        ("secret", "a text"),
        ("names", 'a list: ["…"] of texts'),
        ("table", "a table"),
        ("section", "a table"),
        ("either", "off | a table"),
        ("described", "a colour"),
        ("maybe", "a taste"),
    ],
)
def test_what_is_allowed_is_read_from_the_declaration(key: str, words: str):
    assert allowed_text(Example.model_fields[key]) == words


def test_a_section_lists_its_keys():
    assert allowed_text(Inner) == "a table with depth"
    assert choices(Inner) == ()


def test_a_key_in_the_wrong_section_has_a_home():
    assert homes_of("min_off_s", SocketSettings, ("device",)) == ("[device.relay]",)
    assert homes_of("nowhere", SocketSettings, ("device",)) == ()


@pytest.mark.parametrize("model", [Example, SocketSettings, TencentSettings, OnenetSettings])
def test_every_key_says_something(model: type[Section]):
    assert all(allowed_text(declared) for declared in model.model_fields.values())


def test_clouds_are_told_apart_by_their_identity():
    tencent = TencentSettings(product_id="CS0SLTKSYA", device_name="dev1")
    assert tencent.identity == ("CS0SLTKSYA", "dev1")
    aliyun = AliyunSettings(product_key="a1TestPK001", device_name="socket-01")
    assert aliyun.identity == ("a1TestPK001", "socket-01")
    assert AliyunSettings(mqtt_params_file="p").identity == ("", "")
    onenet = OnenetSettings(product_id="9MaNe52pNO", device_name="dev1")
    assert onenet.identity == ("9MaNe52pNO", "dev1")
