"""What the platform limits, and how it reacts where its documents leave that open."""

from dataclasses import dataclass, field

from agent.emulator.platform import Reaction, Rules
from agent.emulator.tencent.auth import ConnackCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class TencentRules:
    """What the platform limits, and how it reacts where its documents leave that open."""

    codes: ConnackCodes = field(default_factory=ConnackCodes)
    max_keepalive_s: int = 900
    connect_interval_s: float = 0.0
    """At most one CONNECT in this time from each device (the platform: 5); 0 is no limit."""
    cuts_at_expiry: bool = False
    """Whether a session ends with the signature that opened it: no document says."""
    uplinks_per_s: int | None = 30
    max_payload: int = 16 * 1024
    on_will: Reaction = Reaction.CLOSE
    on_retain: Reaction = Reaction.CLOSE
    resend_interval_s: float = 0.5
    newest_wins: bool = False
    """Whether a value with an older stamp than the one that is shown leaves that; no page says."""

    def mqtt(self) -> Rules:
        """Return the part that the MQTT core enforces."""
        return Rules(
            max_payload=self.max_payload,
            max_topic_bytes=255,
            max_topic_slashes=10,
            max_filters=1,
            uplinks_per_s=self.uplinks_per_s,
            on_will=self.on_will,
            on_retain=self.on_retain,
            resend_interval_s=self.resend_interval_s,
        )
