"""What the light says, and how: the reference socket's colours, or such as everybody can tell."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from agent.devices.light import Cycle, Part, blink, breath, cycle, flashes, steady, turns
from agent.model import Color


class Showing(StrEnum):
    """What the light says; of several that are true the first one here."""

    UNPLUG = "unplug"
    HELD = "held"
    HELD_LONG = "held long"
    REFUSED = "refused"
    FIND_ME = "find me"
    TRIPPED = "tripped"
    RESET = "reset"
    PROVISIONING = "provisioning"
    CONNECTING = "connecting"
    LOAD_1 = "load 1"
    LOAD_2 = "load 2"
    LOAD_3 = "load 3"
    LOAD_4 = "load 4"
    LOAD_5 = "load 5"
    IDLE = "idle"


LOADS: Final = (
    Showing.LOAD_1,
    Showing.LOAD_2,
    Showing.LOAD_3,
    Showing.LOAD_4,
    Showing.LOAD_5,
)

GREEN: Final = Color(red=0, green=255, blue=0)
BLUE: Final = Color(red=0, green=0, blue=255)
CYAN: Final = Color(red=0, green=255, blue=255)
YELLOW: Final = Color(red=255, green=255, blue=0)
RED: Final = Color(red=255, green=0, blue=0)
WHITE: Final = Color(red=255, green=255, blue=255)
MAGENTA: Final = Color(red=255, green=0, blue=255)

# Okabe and Ito's palette, which people tell apart whatever colours their eyes mix up.
DEEP_BLUE: Final = Color(red=0, green=114, blue=178)
SKY: Final = Color(red=86, green=180, blue=233)
TEAL: Final = Color(red=0, green=158, blue=115)
LEMON: Final = Color(red=240, green=228, blue=66)
ORANGE: Final = Color(red=230, green=159, blue=0)
VERMILION: Final = Color(red=213, green=94, blue=0)
PURPLE: Final = Color(red=204, green=121, blue=167)

Theme = Mapping[Showing, tuple[Part, ...]]

REFERENCE: Final[Theme] = {
    Showing.UNPLUG: turns(RED, WHITE, 150),
    Showing.HELD: blink(BLUE, 125),
    Showing.HELD_LONG: blink(WHITE, 125),
    Showing.REFUSED: blink(RED, 100),
    Showing.FIND_ME: flashes(MAGENTA, 3, 100, 500),
    Showing.TRIPPED: blink(RED, 500),
    Showing.RESET: blink(WHITE, 500),
    Showing.PROVISIONING: blink(BLUE, 500),
    Showing.CONNECTING: blink(BLUE, 500),
    Showing.LOAD_1: breath(BLUE, 3000),
    Showing.LOAD_2: breath(CYAN, 3000),
    Showing.LOAD_3: breath(GREEN, 3000),
    Showing.LOAD_4: breath(YELLOW, 3000),
    Showing.LOAD_5: breath(RED, 3000),
    Showing.IDLE: steady(GREEN),
}

COLOUR_BLIND: Final[Theme] = {
    Showing.UNPLUG: turns(VERMILION, WHITE, 150),
    Showing.HELD: blink(DEEP_BLUE, 125),
    Showing.HELD_LONG: blink(WHITE, 75),
    Showing.REFUSED: blink(VERMILION, 100),
    Showing.FIND_ME: flashes(PURPLE, 3, 100, 500),
    Showing.TRIPPED: flashes(VERMILION, 2, 200, 800),
    Showing.RESET: blink(WHITE, 500),
    Showing.PROVISIONING: blink(SKY, 1000, 250),
    Showing.CONNECTING: blink(SKY, 250, 1000),
    Showing.LOAD_1: breath(DEEP_BLUE, 6000),
    Showing.LOAD_2: breath(SKY, 4000),
    Showing.LOAD_3: breath(LEMON, 3000),
    Showing.LOAD_4: breath(ORANGE, 2000),
    Showing.LOAD_5: breath(VERMILION, 1000),
    Showing.IDLE: steady(TEAL),
}
"""No two states have one rhythm; a larger load breathes faster."""

THEMES: Final[Mapping[str, Theme]] = {"reference": REFERENCE, "colour_blind": COLOUR_BLIND}


@lru_cache(maxsize=128)
def cycle_of(theme: str, showing: Showing, level: float) -> Cycle:
    """Find how *theme* shows it at a brightness of 0 to 1."""
    return cycle(THEMES[theme][showing], level)
