"""Misbehaviour on purpose.

A fault is a JSON object. `kind` is one of

- `drop`: the network is cut: connections close without a packet, new ones at once
- `refuse`: every CONNECT is answered with CONNACK `code` (default 3)
- `silence`: the cloud takes everything and says nothing (`part` = `all`, the default); with
  `part` = `replies` only the platform's answers are missing, with `acks` only PUBACK
- `kick`: the session is closed as if someone else had come in with its identity; now, or with
  `count` or `seconds` this and every later one right after its CONNACK
- `half_open`: the connection is dead and nobody is told: what either side sends is gone; now, or
  with `count` or `seconds` this and every later one right after its CONNACK
- `reject`: reports and events get their PUBACK, then the platform's own refusal, and nothing of
  them is kept (a platform without replies only forgets them)
- `delay`: whatever the cloud sends arrives `seconds` later (default 1)
- `garbage`: malformed messages are sent to the device (once); `payload` (text) or `payload_hex`
  and `topic` send these instead, and `raw_hex` sends bare bytes that need not be MQTT

All take `device` (`[CLOUD/]PRODUCT:NAME` or `CLOUD/PRODUCT/NAME`; default: every device),
`count` (how often the fault strikes) and, but for `delay`, `seconds` (how long it lasts).
Without either, `kick`, `half_open` and `garbage` strike once, and the others last until
`DELETE /faults`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from agent.emulator.fields import FieldError, refuse_rest, take_hex, take_payload, take_topic
from agent.emulator.json_text import as_object
from agent.emulator.values import DeviceKey, Json

T = TypeVar("T")

MAX_SECONDS: Final = 86_400
MAX_COUNT: Final = 10_000
MAX_FAULTS: Final = 64
MAX_GARBAGE: Final = 100


class FaultError(FieldError):
    """A fault that was asked for cannot be understood."""


class FaultKind(StrEnum):
    """What goes wrong."""

    DROP = "drop"
    REFUSE = "refuse"
    SILENCE = "silence"
    KICK = "kick"
    HALF_OPEN = "half_open"
    REJECT = "reject"
    DELAY = "delay"
    GARBAGE = "garbage"


class Part(StrEnum):
    """What a silent cloud leaves out."""

    ALL = "all"
    REPLIES = "replies"
    ACKS = "acks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The devices that a fault strikes; None means any."""

    cloud: str | None = None
    product: str | None = None
    name: str | None = None

    def includes(self, device: DeviceKey) -> bool:
        """Tell whether *device* is struck."""
        return (
            self.cloud in {None, device.cloud}
            and self.product in {None, device.product}
            and self.name in {None, device.name}
        )


EVERYONE: Final = Target()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; `until` is monotonic."""

    kind: FaultKind
    target: Target = EVERYONE
    count: int | None = None
    until: float = math.inf
    code: int = 3
    delay_s: float = 1.0
    part: Part = Part.ALL
    topic: str | None = None
    payload: bytes | None = None
    raw: bytes | None = None

    @property
    def is_lasting(self) -> bool:
        """Tell whether the fault goes on after it struck what is connected now."""
        if self.kind in {FaultKind.KICK, FaultKind.HALF_OPEN}:
            return self.count is not None or self.until < math.inf
        return self.kind is not FaultKind.GARBAGE


class Faults:
    """The faults that are active."""

    def __init__(self) -> None:
        self._active: list[tuple[Fault, int]] = []

    def __bool__(self) -> bool:
        return bool(self._active)

    def active(self, now: float) -> tuple[Fault, ...]:
        """Return the faults that can still strike."""
        self._active = [
            (fault, struck)
            for fault, struck in self._active
            if now < fault.until and (fault.count is None or struck < fault.count)
        ]
        return tuple(fault for fault, _ in self._active)

    def add(self, fault: Fault, now: float) -> None:
        """Let *fault* act from now on."""
        if len(self.active(now)) >= MAX_FAULTS:
            raise FaultError(f"{MAX_FAULTS} faults are active; DELETE /faults ends them")
        self._active.append((fault, 0))

    def clear(self) -> None:
        """End every fault."""
        self._active.clear()

    def find(self, kind: FaultKind, device: DeviceKey | None, now: float) -> Fault | None:
        """Find the fault of *kind* that strikes *device* (None: one that strikes everyone)."""
        for fault in self.active(now):
            if fault.kind is kind and _strikes(fault.target, device):
                return fault
        return None

    def strike(self, kind: FaultKind, device: DeviceKey | None, now: float) -> Fault | None:
        """Find a fault as `find` does, and count that it struck."""
        found = self.find(kind, device, now)
        if found is not None:
            self._active = [(fault, struck + (fault is found)) for fault, struck in self._active]
        return found


def _strikes(target: Target, device: DeviceKey | None) -> bool:
    return target == EVERYONE if device is None else target.includes(device)


def read_fault(document: Json, now: float) -> Fault:
    """Read a fault from the control API; raise FieldError that says what is allowed."""
    given = as_object(document)
    if given is None:
        raise FaultError('a fault is a JSON object such as {"kind": "drop"}')
    fields = dict(given)
    kind = _choice(FaultKind, "kind", fields.pop("kind", None))
    seconds = _number(fields, "seconds", MAX_SECONDS)
    count = _number(fields, "count", MAX_COUNT, is_whole=True)
    is_delay = kind is FaultKind.DELAY
    fault = Fault(
        kind=kind,
        target=_target(fields.pop("device", None)),
        count=None if count is None else int(count),
        until=math.inf if is_delay or seconds is None else now + seconds,
        delay_s=1.0 if seconds is None else seconds,
        code=int(_number(fields, "code", 255, is_whole=True) or 3),
        part=_choice(Part, "part", fields.pop("part", Part.ALL)),
        topic=take_topic(fields),
        payload=take_payload(fields),
        raw=take_hex(fields, "raw_hex"),
    )
    refuse_rest(fields, "a fault")
    return fault


def _choice(choices: Callable[[str], T], name: str, value: Json) -> T:
    try:
        return choices(value if isinstance(value, str) else "")
    except ValueError as error:
        allowed = ", ".join(FaultKind if name == "kind" else Part)
        raise FaultError(f"{name} is one of {allowed}, not {value!r:.80}") from error


def _number(
    fields: dict[str, Json], name: str, maximum: int, *, is_whole: bool = False
) -> float | None:
    value = fields.pop(name, None)
    if value is None:
        return None
    kinds = int if is_whole else int | float
    if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value <= maximum:
        what = "a whole number" if is_whole else "a number"
        raise FaultError(f"{name} is {what} above 0 and at most {maximum}, not {value!r:.80}")
    return float(value)


def _target(device: Json) -> Target:
    if device is None:
        return EVERYONE
    if not isinstance(device, str):
        raise FaultError(f"device is a text such as 'PRODUCT:NAME', not {device!r:.80}")
    if device.count("/") == 2:
        cloud, product, name = device.split("/")
        return Target(cloud=cloud, product=product, name=name)
    head, found, name = device.partition(":")
    cloud, slash, product = head.rpartition("/")
    if not found or not product or not name:
        raise FaultError(
            f"device is [CLOUD/]PRODUCT:NAME or CLOUD/PRODUCT/NAME, not {device!r:.80}"
        )
    return Target(cloud=cloud if slash else None, product=product, name=name)
