"""What a socket's button is told to do, from its settings."""

from agent.automation.doing import Assign, Doing, Switch
from agent.automation.gesture import OnFor, parse_action
from agent.devices.button import Gesture, Timing
from agent.devices.socket.state import State
from agent.devices.socket.switching import is_meant_on
from agent.settings.gestures import GestureSettings

Wish = Doing | OnFor


def timing(settings: GestureSettings, *, is_locked: bool = False) -> Timing:
    """Tell how long its gestures take; a locked one has no double click."""
    has_second = not is_locked and parse_action(settings.double_click) is not None
    return Timing(
        double_click_s=settings.double_click_s if has_second else None,
        hold_s=settings.hold_s,
        reset_hold_s=settings.reset_hold_s,
        cancel_hold_s=settings.cancel_hold_s,
    )


def wish_of(gesture: Gesture, settings: GestureSettings, state: State) -> Wish | None:
    """Tell what a click or a double click means now: a toggle is on or off."""
    text = settings.click if gesture is Gesture.CLICK else settings.double_click
    wish = parse_action(text)
    return Switch(on=not is_meant_on(state)) if wish == Switch(on=None) else wish


def opens(wish: Wish | None) -> bool:
    """Tell whether *wish* is to switch off, which is never delayed."""
    match wish:
        case Switch(on=on):
            return on is False
        case Assign(name=name, value=value):
            return name == "power_switch" and value is False
        case _:
            return False
