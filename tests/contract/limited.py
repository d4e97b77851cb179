"""Emulated clouds with the platforms' own limits on, and what they say of too much."""

from typing import Any

from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.tencent.rules import TencentRules

ROUNDING_S = 1e-6
"""Times are sums of floats."""

LIMITED = {
    "tencent": TencentRules(connect_interval_s=5),
    "aliyun": AliyunRules(connects_per_minute=5),
    "onenet": OnenetRules(logins_per_5s=3, publishes_per_s=1, sets_per_s=1),
}


def blamed_for_rate(logs: Any) -> list[str]:
    """Every reason of the emulator that speaks of too much or too often."""
    told = [f"{each['event']}: {each.get('reason')}" for each in logs if each.get("reason")]
    return [each for each in told if "more than" in each or "banned" in each]
