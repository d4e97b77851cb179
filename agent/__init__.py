"""Polycloud Agent: one device, several IoT clouds."""

from typing import Final

__version__: Final = "0.1.0"

BUILD_TIME: Final = 1_795_132_800
"""Unix seconds of this release (2026-11-20): a clock that shows less cannot be right."""
