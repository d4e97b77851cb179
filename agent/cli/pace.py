"""How much goes to a cloud, in a person's words: one line that fits beside the others."""

from collections.abc import Mapping
from typing import Final

FORECAST_FROM_S: Final = 600
"""When the agent begins to forecast; until then the line tells how long that takes."""

TIGHT: Final = 0.5
"""Head-room for connects is told only where less than this is left."""


def pace_text(pace: Mapping[str, object]) -> str:
    """Write what the agent tells of one cloud's pace; nothing where it tells nothing."""
    sent = _number(pace.get("messages_last_minute"))
    left = _number(pace.get("publish_headroom"))
    if sent is None or left is None:
        return ""
    connects = _number(pace.get("connect_headroom"))
    parts = [f"{sent:,.0f}/min, head-room {left:.0%}".replace("%", " %")]
    if connects is not None and connects < TIGHT:
        parts.append(f"for connects {connects:.0%}".replace("%", " %"))
    return f"{', '.join(parts)}; {_forecast(pace)}"


def _forecast(pace: Mapping[str, object]) -> str:
    messages = _number(pace.get("messages_per_30_days"))
    megabytes = _number(pace.get("megabytes_per_30_days"))
    if messages is None or megabytes is None:
        left_s = max(0.0, FORECAST_FROM_S - (_number(pace.get("observed_s")) or 0.0))
        return f"forecast in {max(1, -(-left_s // 60)):.0f} min"
    billed = _number(pace.get("billed_messages_per_30_days"))
    more = "" if billed in (None, messages) else f" ({_rounded(billed)} billed)"
    return f"month: {_rounded(messages)} messages{more}, {_rounded(megabytes)} MB"


def _rounded(number: float | None) -> str:
    """Write three digits that count: a forecast knows no more."""
    rounded = float(f"{number or 0.0:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:.3g}"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
