"""What the platform limits, and how it reacts where its documents leave that open."""

from dataclasses import dataclass, field, replace
from typing import Final

from agent.emulator.platform import Excess, Reaction, Rules

MAX_PAYLOAD: Final = 256 * 1024
MAX_LEGACY_PACKET: Final = 4 * 1024 * 1024
"""A `$dp` frame of type 2 carries up to 3 MB."""
_HEAD: Final = 1024
"""Room in a packet beside a payload of the largest size."""
_TOKEN_RULES: Final = Rules(
    protocol_levels=frozenset({4}),
    answers_other_protocols=False,
    max_packet=MAX_PAYLOAD + _HEAD,
    max_payload=MAX_PAYLOAD,
    max_filters=8,
    max_granted_qos=0,
    on_oversize=Reaction.CLOSE,
    on_forbidden=Reaction.CLOSE,
    on_will=Reaction.CLOSE,
    on_retain=Reaction.CLOSE,
)
"""What the products share that log in with a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Reply codes of the thing model that no document lists."""

    unknown_identifier: int = 2409
    """For a post that names what the model lacks; field reports know only that it all fails."""
    wrong_value: int = 2402
    """For a value of another type or outside its range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnenetRules:
    """The limits of all generations; None is no limit."""

    codes: Codes = field(default_factory=Codes)
    logins_per_5s: int | None = None
    """The platform: 3 or 10, its documents disagree; more is a ban."""
    ban_s: float = 300.0
    cuts_at_expiry: bool = False
    """Whether a session ends with the token that opened it: no document says."""
    publishes_per_s: int | None = None
    """Thing model; the platform: 1, and the rest waits for the next second."""
    sets_per_s: int | None = None
    """Thing model; the platform: 1, and the rest fails at the API."""
    reply_within_s: float = 5.0
    """Thing model: how long the API waits for a device."""
    publishes_per_5s: int | None = 300
    """Data streams, at QoS 0; more is a ban."""
    qos1_publishes_per_5s: int | None = 100
    command_within_s: float = 30.0
    """Data streams and legacy: how long the API waits for a device."""
    newest_wins: bool = False
    """Whether a value with an older stamp than the one that is shown leaves that; no page says."""

    def thing(self) -> Rules:
        """Return what the MQTT core enforces for a product with a thing model."""
        return replace(
            _TOKEN_RULES,
            max_subscriptions=10,
            uplinks_per_s=self.publishes_per_s,
            on_excess=Excess.DELAY,
        )

    def datastream(self) -> Rules:
        """Return what the MQTT core enforces for a product with data streams."""
        return replace(_TOKEN_RULES, max_subscriptions=15)

    def legacy(self) -> Rules:
        """Return what the MQTT core enforces for a product of the first generation."""
        return Rules(
            protocol_levels=frozenset({4}),
            max_packet=MAX_LEGACY_PACKET,
            max_subscriptions=100,
            uses_publisher_qos=True,
            on_forbidden=Reaction.CLOSE,
            keeps_retained=True,
            keeps_messages=10,
            stored_for_s=2 * 86_400.0,
        )
