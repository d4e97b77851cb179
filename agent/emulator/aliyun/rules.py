"""What the platform limits, and the switches for what its documents leave open."""

from dataclasses import dataclass, field
from typing import Final

from agent.emulator.aliyun.auth import ConnackCodes
from agent.emulator.aliyun.types import Checks
from agent.emulator.platform import Reaction, Rules

MAX_PAYLOAD: Final = 256 * 1024
MAX_TOPIC_BYTES: Final = 128
STORED_FOR_S: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Replies that are wrong on purpose; the fault `delay` makes them late."""

    duplicates_replies: bool = False
    code_as_text: bool = False
    id_as_number: bool = False
    refuses_with: int | None = None
    """The code for every request, whatever it asks (429, 500, …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliyunRules:
    """How this platform behaves; the defaults are what is documented, and weak validation."""

    codes: ConnackCodes = field(default_factory=ConnackCodes)
    honours_ss: bool = True
    """Whether `_ss=1` brings system topics without SUBSCRIBE, which no document says."""
    subscribe_takes_s: float = 0.0
    """How long a new subscription takes to work (the platform: 10)."""
    enforces_securemode: bool = False
    rejects_long_keepalive: bool = True
    """False: a keepalive above 1200 s counts as 1200 s."""
    connects_per_minute: int = 0
    """How many CONNECTs of one device are judged in a minute (the platform: 5); 0: any number."""
    uplinks_per_s: int | None = 30
    qos1_uplinks_per_s: int | None = 10
    on_will: Reaction = Reaction.IGNORE
    on_retain: Reaction = Reaction.IGNORE
    refuses_unknown: bool = False
    """Strong validation: a post is refused whole when one thing in it does not fit the TSL."""
    checks_ranges: bool = False
    """Whether limits and lengths count, and not only identifiers and types."""
    demands_decimal_point: bool = False
    """Whether a float that was written without a decimal point is left out."""
    names_what_is_left_out: bool = False
    """Whether the `data` of a post_reply names the properties that were left out."""
    newest_wins: bool = False
    """Whether a value with an older stamp than the one that is shown leaves that; no page says."""
    sync_answer_within_s: float = 5.0
    quirks: Quirks = field(default_factory=Quirks)

    @property
    def checks(self) -> Checks:
        """Return how strictly values are checked."""
        return Checks(ranges=self.checks_ranges, decimal_point=self.demands_decimal_point)

    def mqtt(self) -> Rules:
        """Return the part that the MQTT core enforces."""
        return Rules(
            max_packet=2 * MAX_PAYLOAD,
            max_payload=MAX_PAYLOAD,
            max_topic_bytes=MAX_TOPIC_BYTES,
            max_filters=8,
            max_subscriptions=100,
            subscribe_takes_s=self.subscribe_takes_s,
            uses_publisher_qos=True,
            uplinks_per_s=self.uplinks_per_s,
            qos1_uplinks_per_s=self.qos1_uplinks_per_s,
            on_will=self.on_will,
            on_retain=self.on_retain,
            max_unacknowledged=100,
            stored_for_s=STORED_FOR_S,
        )
