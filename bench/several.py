"""What the measurements of three clouds against one have in common."""

from collections.abc import Mapping
from typing import Final

from bench.figures import Row, Spread

CLOUDS: Final = ("tencent", "aliyun", "onenet")
ONE: Final = "one"
THREE: Final = "three"
NAMED: Final[Mapping[str, tuple[str, ...]]] = {ONE: CLOUDS[:1], THREE: CLOUDS}
HEADS: Final = Row(
    what="", agent="three clouds", floor="one cloud", compared="three / one", aim="aim"
)


def ratios(three: Spread, one: Spread) -> str:
    """Write how often one cloud's times go into those of three."""
    return f"x {three.p50 / one.p50:.2f} p50, x {three.p99 / one.p99:.2f} p99"
