"""What the tests of the models share."""

import json

from agent.devices.socket.thing_table import SOCKET
from agent.models.consoles import CONSOLES, read_export
from agent.models.wording import Language
from tests.models import schema_aliyun, schema_onenet, schema_tencent

CLOUDS = list(CONSOLES)
SCHEMAS = {
    "tencent": schema_tencent.violations,
    "aliyun": schema_aliyun.violations,
    "onenet": schema_onenet.violations,
}


def device(cloud, rename=None):
    return CONSOLES[cloud].describe(SOCKET, rename or {})


def exported(cloud, language=Language.ZH, rename=None):
    return CONSOLES[cloud].write(device(cloud, rename), language)


def as_bytes(document):
    return json.dumps(document, ensure_ascii=False).encode()


def read(cloud, document):
    return read_export(cloud, document if isinstance(document, bytes) else as_bytes(document))


def only(cloud, data_type, **row):
    """Read a model of one property."""
    head = {"id" if cloud == "tencent" else "identifier": "x", **row}
    key = "define" if cloud == "tencent" else "dataType"
    (feature,) = read(cloud, {"properties": [{**head, key: data_type}]}).features
    return feature
