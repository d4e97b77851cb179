"""The signed CONNECT: who may come in, and which CONNACK code tells the others why not."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from agent.emulator.packets import Connect
from agent.emulator.tencent.twin import Twin
from agent.emulator.values import Instant
from agent.errors import ConfigError

_DIGESTS: Final = {b"hmacsha256": hashlib.sha256, b"hmacsha1": hashlib.sha1}
MAX_SECRET_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnackCodes:
    """The code for each refusal; the real platform's borders between 3, 4 and 5 are not sharp."""

    client_id: int = 2
    unknown: int = 3
    expired: int = 4
    malformed: int = 4
    signature: int = 5
    keepalive: int = 5
    too_often: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a CONNECT is refused."""

    code: int
    reason: str


def read_secret(text: str) -> bytes:
    """Decode a device secret; raise ConfigError that does not show it."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigError("the secret is not base64 (did it lose its last '='?)") from error
    if not 4 <= len(text) <= MAX_SECRET_CHARACTERS:
        raise ConfigError(f"the secret has {len(text)} characters, not 4 to 64")
    return key


def sign(key: bytes, username: str, method: bytes) -> bytes:
    """Compute the password that belongs to *username*."""
    digest = hmac.new(key, username.encode(), _DIGESTS[method]).hexdigest()
    return digest.encode() + b";" + method


def username_fault(connect: Connect, codes: ConnackCodes) -> Fault | None:
    """Judge the form of client id and user name, before anything is looked up."""
    parts = (connect.username or "").split(";")
    if len(parts) != 4:
        reason = "the user name is not {pid}{dn};{sdkappid};{connid};{expiry}"
        return Fault(code=codes.malformed, reason=reason)
    name, sdkappid, connid, expiry = parts
    if name != connect.client_id:
        reason = "the client id is not the first part of the user name"
        return Fault(code=codes.client_id, reason=reason)
    if not _is_digits(sdkappid) or not connid or not _is_digits(expiry):
        reason = "sdkappid and expiry are digits, connid is not empty"
        return Fault(code=codes.malformed, reason=reason)
    return None


def signature_fault(connect: Connect, twin: Twin, codes: ConnackCodes, at: Instant) -> Fault | None:
    """Judge password and expiry of a user name whose form is good."""
    username = connect.username or ""
    token, _, method = (connect.password or b"").rpartition(b";")
    if method not in _DIGESTS:
        reason = "the password does not end in ;hmacsha256 or ;hmacsha1"
        return Fault(code=codes.malformed, reason=reason)
    expected = sign(twin.key, username, method)
    if not hmac.compare_digest(token + b";" + method, expected):
        return Fault(code=codes.signature, reason="the signature is wrong")
    expiry = expiry_of(connect)
    if expiry <= at.wall_time:
        reason = f"the signature expired {at.wall_time - expiry:.0f} s ago"
        return Fault(code=codes.expired, reason=reason)
    return None


def expiry_of(connect: Connect) -> int:
    """Read the end of a signature out of a user name whose form is good."""
    return int((connect.username or "").rpartition(";")[2])


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20
