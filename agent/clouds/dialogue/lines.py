"""The lines of a recorded dialogue: one JSON object each, the first one says what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.clouds.dialogue.neutral import Json
from agent.messages import Outcome, Uplink

FORM: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a recording is: `source` and `about` say with whom, `section` how it was configured.

    `agent` is the version that spoke; `section` holds no secret.
    """

    form: int = FORM
    source: str
    about: str
    made: str
    agent: str
    cloud: str
    section: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A CONNECT, without its password: the times of its session count from here.

    `after_s` is since the first one; `took_s` until the CONNACK. `wall` is the clock that it was
    signed by, in Unix seconds (None: not trusted). `refused`: why there was no session.
    """

    after_s: float
    took_s: float
    wall: float | None
    nonce: str
    host: str
    port: int
    tls: bool
    client_id: str
    username: str
    keepalive_s: int
    clean: bool
    refused: str = ""
    rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A SUBSCRIBE, when it was granted or `refused`."""

    t: float
    topic: str
    qos: int
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The link began the resync dialogue under this id."""

    t: float
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The device had something to say; the PUBLISH follows. Its time counts from the CONNECT.

    `past`: it had waited so long that it was told as of the past.
    """

    t: float
    id: str
    message: Uplink
    past: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The device answered a request, which was of the kind `to`; the PUBLISH follows."""

    t: float
    to: str
    id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A PUBLISH of the device."""

    t: float
    topic: str
    qos: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A PUBLISH of the platform, and what the codec made of it (None: nobody asked it yet)."""

    t: float
    topic: str
    payload: bytes
    retained: bool = False
    repeated: bool = False
    means: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of a session."""

    t: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """The recording ends here, the dialogue went on."""

    t: float


Line = Opened | Subscribed | Asked | Said | Answered | Sent | Heard | Ended | Full


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A recording: what it is, and its lines; line 1 is the header."""

    header: Header
    lines: tuple[Line, ...] = ()


def sessions(lines: Sequence[Line]) -> list[list[tuple[int, Line]]]:
    """Divide into sessions, each line with its number in the file."""
    found: list[list[tuple[int, Line]]] = []
    for number, line in enumerate(lines, start=2):
        if isinstance(line, Opened):
            found.append([])
        found[-1].append((number, line))
    return found
