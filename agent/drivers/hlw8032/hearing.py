"""How far the bytes of a meter have been understood, as one value; and who else may listen."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agent.drivers.hlw8032.decoder import UNDECODED, Decoding
from agent.drivers.hlw8032.framer import UNFRAMED, Framing
from agent.model import Factors


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What a driver knows between two pieces of bytes, and the calibration that is in force."""

    framing: Framing = UNFRAMED
    decoding: Decoding = UNDECODED
    factors: Factors


class Ear(Protocol):
    """Whoever listens to a meter's line."""

    def opened(self) -> None:
        """Take note that the port was opened: what was heard before is forgotten."""
        ...

    def heard(self, data: bytes) -> None:
        """Take the bytes as they came, before anything is made of them."""
        ...


@runtime_checkable
class Overheard(Protocol):
    """A meter whose line can be listened to."""

    @property
    def hearing(self) -> Hearing:
        """How far its bytes have been understood."""
        ...

    def overhear(self, ear: Ear | None) -> None:
        """Let *ear* hear every byte from now on; None: nobody."""
        ...
