"""What in a text looks like a secret: told by its place, never by its value."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from agent.clouds.dialogue.stand_ins import is_stand_in

LONG: Final = 16
"""A secret has at least so many characters of base64 or hex."""

_KEYS: Final = "sign psk pwd pass mac bssid ssid sn serial serialnumber imei imsi iccid meid"
SECRET_KEYS: Final = frozenset(_KEYS.split())
SECRET_ENDS: Final = (
    "secret",
    "password",
    "passwd",
    "token",
    "signature",
    "apikey",
    "accesskey",
    "privatekey",
    "devicekey",
    "authinfo",
    "authorization",
    "macaddress",
)
HARMLESS_KEYS: Final = frozenset(["clienttoken"])
"""What a platform calls a message's id."""

KEYED: Final = re.compile(
    r"""(?P<key>[A-Za-z][A-Za-z0-9_-]*)(?P<sign>\\*["']?\s*[:=]\s*\\*["']?)"""
    r"""(?P<value>(?:[^\s"'\\,;&|{}\[\]]|\\+/|\\+u[0-9a-fA-F]{4})+)"""
)
"""`key: value`, `key=value`, `"key": "value"`, in JSON within JSON too."""

_ESCAPE: Final = re.compile(
    r"\\+u(?P<code>[0-9a-fA-F]{4})|%(?P<byte>[0-9a-fA-F]{2})|\\+(?P<sign>/)"
)
_RUN: Final = re.compile(rf"[A-Za-z0-9+/=_-]{{{LONG},}}")
PIECE: Final = re.compile(r"[A-Za-z0-9]+")
_WORDS: Final = re.compile(
    r"(?:[A-Z]?(?=[a-z]*[aeiouy])[a-z]{2,})(?:[A-Z](?=[a-z]*[aeiouy])[a-z]{2,})*"
)
"""Words that are joined, each with a vowel: chance makes none that are long."""
_SHORT: Final = re.compile(
    r"[a-z]+[A-Z]?|[A-Z]+|[A-Z]?[a-z]*(?:[A-Z][a-z]+)+[A-Z]?|[A-Za-z][a-z]*[0-9]{1,3}|[0-9]+|.{1,2}"
)
CONSTANTS: Final = frozenset(["true", "false", "null"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A place in a text: after so many characters, so long, and what is wrong there."""

    start: int
    length: int
    why: str


def is_secret_key(key: str) -> bool:
    """Tell whether what stands under *key* is a secret, or tells one device from all others."""
    name = re.sub(r"[^a-z0-9]", "", key.lower())
    if name in HARMLESS_KEYS:
        return False
    return name in SECRET_KEYS or name.endswith(SECRET_ENDS)


def is_harmless(piece: str, keep: Collection[str] = ()) -> bool:
    """Tell whether letters and digits without anything between are a word, a number, a stand-in."""
    if piece in keep or is_stand_in(piece) or _WORDS.fullmatch(piece):
        return True
    return len(piece) < LONG and _SHORT.fullmatch(piece) is not None


def suspects(text: str, keep: Collection[str] = ()) -> Iterator[Suspect]:
    """Find what looks like a secret, escaped or not; *keep* are words that do not count."""
    for found in KEYED.finditer(text):
        value = found["value"]
        if is_secret_key(found["key"]) and value not in CONSTANTS and not is_stand_in(value):
            yield Suspect(
                start=found.start("value"),
                length=len(value),
                why="they stand under the key of a secret",
            )
    for found in _RUN.finditer(_ESCAPE.sub(_unescaped, text)):
        if not all(is_harmless(piece, keep) for piece in PIECE.findall(found[0])):
            yield Suspect(start=found.start(), length=len(found[0]), why="they look like a secret")


def _unescaped(found: re.Match[str]) -> str:
    code = found["code"] or found["byte"]
    return chr(int(code, 16)) if code else "/"
