"""What the checks judge: facts about this machine, without any opinion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class PortKind(StrEnum):
    """What a meter's port is."""

    TTY = "tty"
    PSEUDO = "pseudo"
    NETWORK = "network"
    SIMULATED = "simulated"
    OTHER_FILE = "other_file"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortFacts:
    """A meter's port; `real_path` is where its links end, `group` who may use it."""

    port: str
    kind: PortKind
    real_path: str = ""
    is_usable: bool = False
    group: str = ""
    user: str = ""
    others: tuple[str, ...] = ()
    """Serial ports that are there instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UartFacts:
    """The chip behind a port: the board's model, and the device tree's names of the UART."""

    port: PortFacts
    model: str = ""
    compatible: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleFacts:
    """The kernel's command lines, by the file they stand in, and what serial0 and 1 are."""

    port: PortFacts
    command_lines: Mapping[str, str]
    aliases: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What came over the line in `seconds`; `error` is why nobody could listen."""

    port: PortFacts
    seconds: float = 0.0
    received: bytes = b""
    frames: int = 0
    inverted_frames: int = 0
    is_busy: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpioFacts:
    """Chips and whether they may be used, and which libraries are installed."""

    driver: str
    chips: Mapping[str, bool]
    has_gpiod: bool
    has_gpiozero: bool
    has_lgpio: bool
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusFacts:
    """An SPI bus: whether it is there, is one, and may be used; and which others there are."""

    device: str
    is_there: bool
    is_bus: bool = False
    is_usable: bool = False
    group: str = ""
    user: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinFacts:
    """Lines by name, as the kernel shows them to this user; `holders` has who drives them now.

    `error` is why nobody could look; without gpiod nobody can.
    """

    pins: tuple[str, ...]
    has_gpiod: bool
    chips: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    holders: Mapping[str, str] = field(default_factory=dict[str, str])
    error: str = ""
