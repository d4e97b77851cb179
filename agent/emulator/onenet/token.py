"""The token that a device logs in with: its form, its signature, and why it is refused."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from agent.emulator.values import Instant
from agent.errors import CodecError, ConfigError

VERSION: Final = "2018-10-31"
FIELDS: Final = frozenset({"version", "res", "et", "method", "sign"})
MAX_SECRET_CHARACTERS: Final = 256

# Codes of the platform's device log; a device itself only sees CONNACK 4.
INVALID_ARGUMENT: Final = 1101
INVALID_TOKEN: Final = 1103
EXPIRED: Final = 1104
WRONG_SIGN: Final = 1106
UNKNOWN_DEVICE: Final = 1107
WRONG_METHOD: Final = 1110
WRONG_VERSION: Final = 1111
NOT_THIS_DEVICE: Final = 1114

_DIGESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "md5": hashlib.md5,
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
}


class TokenError(CodecError):
    """A token is refused; `code` is what the device log of the platform's console shows."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


class Resource(NamedTuple):
    """What a token opens: one device, or (`device` is None) every device of a product."""

    product: str
    device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token's decoded fields."""

    version: str
    res: str
    et: str
    method: str
    sign: str = field(repr=False)


def read_secret(text: str) -> bytes:
    """Decode a key of a device or a product, of any length; raise ConfigError that hides it."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigError("the key is not base64 (did it lose its last '='?)") from error
    if not 4 <= len(text) <= MAX_SECRET_CHARACTERS:
        raise ConfigError(f"the key has {len(text)} characters, not 4 to {MAX_SECRET_CHARACTERS}")
    return key


def sign(key: bytes, *, et: str, method: str, res: str, version: str) -> str:
    """Compute `sign`: the letter case of *method* is signed, and does not choose the digest."""
    text = f"{et}\n{method}\n{res}\n{version}"
    digest = hmac.new(key, text.encode(), _DIGESTS[method.lower()]).digest()
    return base64.b64encode(digest).decode()


def read_token(password: bytes) -> Token:
    """Read a token whose fields stand in any order, encoded or not; raise TokenError."""
    try:
        text = password.decode()
    except UnicodeDecodeError as error:
        raise TokenError(INVALID_TOKEN, "the token is not UTF-8") from error
    pairs = [part.partition("=") for part in text.split("&")]
    fields = {name: unquote(value) for name, _, value in pairs}
    if len(pairs) != len(FIELDS) or fields.keys() != FIELDS:
        names = ", ".join(sorted(FIELDS))
        raise TokenError(INVALID_TOKEN, f"a token has {names}, each once, and nothing else")
    return Token(**fields)


def read_resource(res: str) -> Resource:
    """Read `products/{pid}` or `products/{pid}/devices/{name}`; raise TokenError."""
    match res.split("/"):
        case ["products", product] if product:
            return Resource(product, None)
        case ["products", product, "devices", device] if product and device:
            return Resource(product, device)
        case _:
            reason = f"res is products/PID or products/PID/devices/NAME, not {res!r:.80}"
            raise TokenError(INVALID_TOKEN, reason)


def check_token(token: Token, keys: Sequence[bytes], at: Instant) -> None:
    """Check version, method, expiry and signature against any of *keys*; raise TokenError."""
    if token.version != VERSION:
        reason = f"version is {VERSION} for a login, not {token.version!r:.40}"
        raise TokenError(WRONG_VERSION, reason)
    if token.method.lower() not in _DIGESTS:
        reason = f"method is {', '.join(_DIGESTS)}, not {token.method!r:.40}"
        raise TokenError(WRONG_METHOD, reason)
    if not (token.et.isascii() and token.et.isdigit() and len(token.et) <= 20):
        raise TokenError(INVALID_TOKEN, f"et is Unix seconds in digits, not {token.et!r:.40}")
    if int(token.et) < at.wall_time:
        reason = f"the token expired {at.wall_time - int(token.et):.0f} s ago"
        raise TokenError(EXPIRED, reason)
    if not any(_is_signed(token, key) for key in keys):
        raise TokenError(WRONG_SIGN, "the signature is wrong")


def _is_signed(token: Token, key: bytes) -> bool:
    expected = sign(key, et=token.et, method=token.method, res=token.res, version=token.version)
    return hmac.compare_digest(token.sign.encode(), expected.encode())
