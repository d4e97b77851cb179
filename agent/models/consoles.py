"""The consoles: how each one's model is described, written, read and told from the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.models import (
    aliyun,
    aliyun_told,
    onenet,
    read_aliyun,
    read_onenet,
    read_tencent,
    tencent,
)
from agent.models.form import Model, ModelError
from agent.models.reading import Node, parse
from agent.models.recognition import recognised
from agent.models.rules import ALIYUN, ONENET, TENCENT, Rules
from agent.models.wording import Language
from agent.thing import Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """One cloud's console. `file`: its own word for the model.

    `configured` bends the model to what a section of the settings says.
    """

    cloud: str
    file: str
    rules: Rules
    describe: Callable[[Thing[Any], Mapping[str, str]], Model]
    write: Callable[[Model, Language], dict[str, object]]
    read: Callable[[Node], Model]
    configured: Callable[[Model, object], Model] = lambda model, _section: model


CONSOLES: Final[Mapping[str, Console]] = {
    "tencent": Console(
        cloud="tencent",
        file="data template (数据模板)",
        rules=TENCENT,
        describe=tencent.describe,
        write=tencent.write,
        read=read_tencent.read,
    ),
    "aliyun": Console(
        cloud="aliyun",
        file="TSL (物模型)",
        rules=ALIYUN,
        describe=aliyun.describe,
        write=aliyun.write,
        read=read_aliyun.read,
        configured=aliyun_told.configured,
    ),
    "onenet": Console(
        cloud="onenet",
        file="thing model (物模型)",
        rules=ONENET,
        describe=onenet.describe,
        write=onenet.write,
        read=read_onenet.read,
    ),
}


def read_export(cloud: str, data: bytes) -> Model:
    """Read a console's export; raise `ModelError`, also for the export of another console."""
    document = parse(data)
    root = Node(value=document, where="")
    root.object()
    found = recognised(document)
    if found is not None and found != cloud:
        raise ModelError(
            f"this is the {CONSOLES[found].file} of {found}, not the {CONSOLES[cloud].file} of"
            f" {cloud}: compare it with `polycloud model diff {found} FILE`"
        )
    console = CONSOLES[cloud]
    if not isinstance(root.member("properties").value, list):
        raise ModelError(
            f"this is no {console.file} of {cloud}: the list 'properties' is missing;"
            " take the JSON that the product's page in the console exports"
        )
    return console.read(root)
