"""The signed CONNECT: who may come in, and which CONNACK code tells the others why not."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from agent.emulator.aliyun.login import Login
from agent.emulator.values import DeviceKey
from agent.errors import ConfigError

MAX_SECRET_CHARACTERS: Final = 64
MIN_KEEPALIVE_S: Final = 30
MAX_KEEPALIVE_S: Final = 1200

_DIGESTS: Final = {
    "hmacmd5": hashlib.md5,
    "hmacsha1": hashlib.sha1,
    "hmacsha256": hashlib.sha256,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnackCodes:
    """The code for each refusal, None for a close without CONNACK.

    Sources agree on `client_id`, `keepalive` and `signature`; the others are open.
    """

    client_id: int | None = 2
    keepalive: int | None = 2
    username: int | None = 4
    unknown: int | None = 4
    signature: int | None = 4
    securemode: int | None = 4
    disabled: int | None = 5
    too_often: int | None = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a CONNECT is refused."""

    code: int | None
    reason: str


def read_secret(text: str) -> bytes:
    """Check a DeviceSecret, whose text is the key; raise ConfigError that does not show it."""
    if not 1 <= len(text) <= MAX_SECRET_CHARACTERS:
        raise ConfigError(f"the secret has {len(text)} characters, not 1 to 64")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ConfigError("the secret holds something else than visible ASCII characters")
    return text.encode()


def sign(key: bytes, device: DeviceKey, login: Login) -> bytes:
    """Compute the password of *login*; KeyError for a method that is not known."""
    stamp = "" if login.timestamp is None else f"timestamp{login.timestamp}"
    content = f"clientId{login.client_id}deviceName{device.name}productKey{device.product}{stamp}"
    return hmac.new(key, content.encode(), _DIGESTS[login.sign_method]).hexdigest().encode()


def signature_fault(
    password: bytes | None, key: bytes, device: DeviceKey, login: Login, codes: ConnackCodes
) -> Fault | None:
    """Judge a password, whose hex digits may be of either case."""
    if login.sign_method not in _DIGESTS:
        reason = f"signmethod is one of {', '.join(_DIGESTS)}, not {login.sign_method!r:.40}"
        return Fault(code=codes.signature, reason=reason)
    if not hmac.compare_digest((password or b"").lower(), sign(key, device, login)):
        return Fault(code=codes.signature, reason="the signature is wrong")
    return None


def keepalive_fault(keepalive_s: int, *, is_bounded: bool, codes: ConnackCodes) -> Fault | None:
    """Judge a keepalive; *is_bounded* refuses a long one that would be clamped otherwise."""
    if keepalive_s >= MIN_KEEPALIVE_S and not (is_bounded and keepalive_s > MAX_KEEPALIVE_S):
        return None
    reason = f"keepalive is {MIN_KEEPALIVE_S} to {MAX_KEEPALIVE_S} s, not {keepalive_s} s"
    return Fault(code=codes.keepalive, reason=reason)


def securemode_fault(login: Login, *, is_tls: bool, codes: ConnackCodes) -> Fault | None:
    """Judge whether `securemode` fits the transport."""
    wanted, found = "2" if is_tls else "3", login.parameters.get("securemode")
    if found == wanted:
        return None
    reason = f"securemode is {wanted} {'over TLS' if is_tls else 'without TLS'}, not {found!r:.20}"
    return Fault(code=codes.securemode, reason=reason)
