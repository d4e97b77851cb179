"""What is examined: a codec's factory, and what the rules must be told of its platform."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from pydantic import SecretStr

from agent.conformance.wire import json_document
from agent.ports import Codec, Message, Publish
from agent.settings.clouds import CloudSettings
from agent.thing import Thing

Answer = Callable[[Publish], Sequence[Message]]
"""What a platform says to one message of the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a platform allows. `reply_bytes`: the payload of an answer to a request."""

    keepalive_s: tuple[int, int] = (10, 1200)
    filters: int = 100
    topic_bytes: int = 65_535
    topic_slashes: int = 100
    reply_bytes: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform as its codec's device meets it; `None` is what it does not have.

    `may_publish`, `may_subscribe`: the device's permissions. `brings`: topics that are delivered
    without SUBSCRIBE. `accept`: answers as a platform that takes everything and stores nothing;
    `refuse`: that takes no report; `stored`: that has a command stored; `misstored`: that has
    one stored which means nothing to this thing. `requests`: at least one of every form that the
    platform has; `unanswered`: those that want no answer; `misunderstood`: those that cannot be
    obeyed, which are answered all the same. `foreign`: messages for other devices. `read`: takes
    a payload apart, `ValueError` where it is none. `unlisted`: the thing's properties that the
    platform's standard model lacks. `has_stamps`: whether a report carries when it was measured.
    `has_past`: whether what is told of the past leaves alone what it shows as now. `takes_past`:
    whether it can be told at all what was measured then. `newcomers`: what somebody says who
    listens from now on.
    `secrets`: beside those of the settings.
    """

    may_publish: Callable[[str], bool]
    may_subscribe: Callable[[str], bool]
    accept: Answer
    requests: tuple[Message, ...]
    foreign: tuple[Message, ...]
    refuse: Answer | None = None
    stored: Answer | None = None
    misstored: Answer | None = None
    unanswered: tuple[Message, ...] = ()
    misunderstood: tuple[Message, ...] = ()
    brings: Callable[[str], bool] = lambda _topic: False
    read: Callable[[bytes], object] = json_document
    bounds: Bounds = field(default_factory=Bounds)
    unlisted: frozenset[str] = frozenset()
    has_stamps: bool = True
    has_past: bool = True
    takes_past: bool = True
    newcomers: tuple[Message, ...] = ()
    tells_time: bool = False
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Where random choices come from, and how many a rule may make; the same seed, the same."""

    seed: int = 0
    count: int = 1000

    def random(self) -> Random:
        """Begin anew."""
        return Random(self.seed)  # noqa: S311 - nothing secret depends on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An adapter with settings that name a device, and its platform."""

    title: str
    factory: Callable[[Any, Thing[Any]], Codec]
    settings: CloudSettings
    thing: Thing[Any]
    platform: Platform
    draws: Draws = field(default_factory=Draws)

    def make(self) -> Codec:
        """Make the codec anew."""
        return self.factory(self.settings, self.thing)

    def secrets(self) -> tuple[str, ...]:
        """List every secret that the codec was given."""
        fields = (getattr(self.settings, name) for name in type(self.settings).model_fields)
        given = [each.get_secret_value() for each in fields if isinstance(each, SecretStr)]
        return tuple(each for each in (*given, *self.platform.secrets) if each)


WALL_S: Final = 1_800_000_000.0
"""A moment for whatever needs one."""
