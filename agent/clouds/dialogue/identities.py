"""Who a recording is about: the names that must not be shown, found where a dialogue has them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from agent.clouds.dialogue.neutral import DialogueError
from agent.clouds.dialogue.suspects import PIECE, is_harmless

Row = Mapping[str, object]

NAMED: Final = ("product_id", "product_key", "device_name", "instance_id", "sdkappid")
HOSTS: Final = ("host", "server_name")
SHORTEST: Final = 3
SHORTEST_NUMBER: Final = 5

RESERVED: Final = ("test", "example", "invalid", "localhost")
"""Top-level domains that belong to nobody."""
PLATFORMS: Final = ("tencentdevices.com", "aliyuncs.com", "heclouds.com", "cmcconenet.cn")
_OTHERS: Final = "iotcloud us-east europe ap-bangkok iot-as-mqtt iothub mqtt mqtts mqttstls acc"
_LABELS: Final = frozenset(_OTHERS.split())
_REGION: Final = re.compile(r"[a-z]{2}-[a-z]{4,16}(-[0-9])?")

_WORDS: Final = """
thing down up property event action service report sys set get post reply ext rrpc ota ntp request
response user cmd desired delete disable enable deviceinfo update dp json accepted rejected control
toggle true false null success version value time code data params method status is t topic qos
payload batch history pack events properties identity datastreams datapoints
retained means section source about made agent cloud form wall nonce host port tls
client_id username keepalive_s clean message outcome values name
"""
PROTOCOL: Final = frozenset(_WORDS.split())
"""Words of the topics and bodies, which no device can be told from."""

_IN_TOPIC: Final = re.compile(r"(?:request|response|creq|crsp)/([^/]+)")
_IN_BODY: Final = re.compile(
    r"""(?i)(?:client_?token|(?:request|message|msg|trace)?_?id)\\*["']\s*:\s*\\*["']([^"'\\]+)"""
)
_KEY: Final = re.compile(r'"([A-Za-z0-9_:.-]+)\\*"\s*:')


def identities(rows: Sequence[Row]) -> list[str]:
    """List the names of product, device and instance; raise `DialogueError` for one too common."""
    found: list[str] = []
    for number, row in enumerate(rows, start=1):
        table = _section(row)
        for name in (*(str(table[key]) for key in NAMED if key in table), *_of_login(row)):
            _check(name, number, rows)
            found.append(name)
    return list(dict.fromkeys(found))


def _of_login(row: Row) -> Iterator[str]:
    """Find the names in a CONNECT whose section has none: that of pasted parameters."""
    name, sign, product = str(row.get("username", "")).partition("&")
    if sign:
        yield from (name, product)
        own = str(row.get("client_id", "")).partition("|")[0]
        if not {name, product} & set(own.split(".")):
            yield own


def hosts(rows: Sequence[Row]) -> set[str]:
    """List the hosts that a dialogue names as such."""
    tables = (*rows, *(_section(row) for row in rows))
    return {str(table[key]) for table in tables for key in HOSTS if table.get(key)}


def _section(row: Row) -> Row:
    found = row.get("section")
    return cast("Row", found) if isinstance(found, dict) else {}


def own_labels(host: str) -> Iterator[str]:
    """List the parts of a host's name that belong to somebody; an address has none."""
    name = host.lower()
    if name.split(".")[-1] in RESERVED or re.fullmatch(r"[0-9.]+|.*:.*", host):
        return
    platform = next((each for each in PLATFORMS if f".{name}".endswith(f".{each}")), "")
    for label in filter(None, host[: len(host) - len(platform)].split(".")):
        if not platform or not (label in _LABELS or _REGION.fullmatch(label)):
            yield label


def _check(name: str, number: int, rows: Sequence[Row]) -> None:
    """Refuse a name that cannot be replaced without changing what the messages say."""
    shortest = SHORTEST_NUMBER if name.isdigit() else SHORTEST
    is_key = any(name in _KEY.findall(str(row.get("payload", ""))) for row in rows)
    if len(name) < shortest or name.lower() in PROTOCOL or is_key:
        raise DialogueError(
            f"line {number}: a product or device has a name of {len(name)} characters that the"
            " messages use too; record with a device of another name"
        )


def request_ids(rows: Sequence[Row]) -> Iterator[str]:
    """List the parts of the platform's ids for requests that look like a secret."""
    for row in rows:
        texts = _IN_TOPIC.findall(str(row.get("topic", "")))
        texts += _IN_BODY.findall(str(row.get("payload", "")))
        texts += [str(row["id"])] if "id" in row else []
        for text in texts:
            yield from (piece for piece in PIECE.findall(text) if not is_harmless(piece))
