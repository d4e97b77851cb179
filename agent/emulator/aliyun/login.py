"""What a CONNECT says of itself: the ClientID with its extension parameters, and the user name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MAX_CLIENT_ID_CHARACTERS: Final = 64

_TOPICS_BIT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A ClientID, taken apart; only `client_id` and `timestamp` are signed."""

    client_id: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def sign_method(self) -> str:
        """Return the name of the signature's method; hmacmd5 where none is given."""
        return self.parameters.get("signmethod", "hmacmd5")

    @property
    def timestamp(self) -> str | None:
        """Return the timestamp as it was written, or None where there is none."""
        return self.parameters.get("timestamp")

    @property
    def is_system_subscriber(self) -> bool:
        """Tell whether the client expects system topics without SUBSCRIBE (`_ss=1`)."""
        return self.parameters.get("_ss") == "1"

    @property
    def takes_extended_rrpc(self) -> bool:
        """Tell whether synchronous calls come on `/ext/rrpc/…` (bit 0 of `ext`)."""
        digits = self.parameters.get("ext", "0")
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= 10
        return is_number and bool(int(digits) & _TOPICS_BIT)


class Username(NamedTuple):
    """A user name, taken apart."""

    name: str
    product: str


def read_login(client_id: str) -> Login | None:
    """Take a ClientID apart, from the first to the last `|`; None where it is malformed."""
    head, bar, rest = client_id.partition("|")
    if not bar or not rest.endswith("|") or not 1 <= len(head) <= MAX_CLIENT_ID_CHARACTERS:
        return None
    pairs = (part.partition("=") for part in rest[:-1].split(","))
    return Login(client_id=head, parameters={key: value for key, sign, value in pairs if sign})


def read_username(username: str | None) -> Username | None:
    """Take `{dn}&{pk}` apart; None where it is malformed."""
    name, sign, product = (username or "").partition("&")
    return Username(name, product) if name and sign and product else None
