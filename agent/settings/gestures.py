"""What a button's gestures do, and how long they take: live, whatever pin they come from."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from agent.automation.gesture import ALLOWED, NOTHING, parse_action
from agent.settings.names import nearest
from agent.settings.section import Section

APART_S: Final = 1.0
"""Tiers of a hold lie so far apart at least, or nobody could let go in one of them."""


def _checked_action(text: str) -> str:
    """Pass an action through; whether it suits the device is told with its thing at hand."""
    try:
        parse_action(text)
    except ValueError:
        words = ("on", "off", "toggle", NOTHING)
        context = {"allowed": ALLOWED, "hint": nearest(text, words)}
        raise PydanticCustomError("no_action", "nothing to do", context) from None
    return text


ActionText = Annotated[str, AfterValidator(_checked_action)]


class GestureSettings(Section):
    """What gestures do. No setting makes a factory reset easier than to hold for 8 s."""

    click: ActionText = "toggle"
    double_click: ActionText = NOTHING
    double_click_s: Annotated[float, Field(ge=0.2, le=1)] = 0.35
    hold_s: Annotated[float, Field(ge=2, le=30)] = 5
    reset_hold_s: Annotated[float, Field(ge=8, le=60)] = 10
    cancel_hold_s: Annotated[float, Field(ge=10, le=120)] = 15
    child_lock: bool = False

    @model_validator(mode="after")
    def _tiers_are_in_order(self) -> "GestureSettings":
        for key, before in (("reset_hold_s", "hold_s"), ("cancel_hold_s", "reset_hold_s")):
            least_s = getattr(self, before) + APART_S
            if getattr(self, key) < least_s:
                context = {"key": key, "allowed": f"{least_s:g} or more ({before} and a second)"}
                raise PydanticCustomError("hold_order", "too near to the one before", context)
        return self
