"""gpiozero over lgpio, made explicitly, and its errors in plain words."""

import functools
import importlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType

from agent.errors import DriverError, LineBusyError

ADVICE = "install it into the agent's environment: sudo scripts/install-service --extras pi"


def are_packages_installed() -> bool:
    """Tell whether gpiozero and lgpio are there, without importing them."""
    return find_spec("gpiozero") is not None and find_spec("lgpio") is not None


def load_gpiozero() -> ModuleType:
    """Import gpiozero; raise `DriverError` where it is not installed."""
    try:
        return importlib.import_module("gpiozero")
    except ImportError as error:
        raise DriverError(f"the driver gpiozero needs the package gpiozero: {ADVICE}") from error


@functools.cache
def lgpio_factory() -> object:
    """Make the one pin factory that works on every Pi, once for the process.

    Once, because closing one factory of gpiozero turns the pins of all others into inputs.
    """
    load_gpiozero()
    try:
        module = importlib.import_module("gpiozero.pins.lgpio")
    except ImportError as error:
        raise DriverError(f"the driver gpiozero needs the package lgpio: {ADVICE}") from error
    factory: object = module.LGPIOFactory()
    return factory


@contextmanager
def plain_errors(pin: str) -> Generator[None, None, None]:
    """Turn what gpiozero and lgpio raise into `DriverError`."""
    try:
        yield
    except _foreign_errors() as error:
        kind = LineBusyError if _text(error) == "GPIO busy" else DriverError
        raise kind(f"{pin}: {_advice(error)}") from error


def _foreign_errors() -> tuple[type[Exception], ...]:
    loaded = [sys.modules.get("gpiozero"), sys.modules.get("lgpio")]
    names = ("GPIOZeroError", "error")
    own = [getattr(module, name) for module, name in zip(loaded, names, strict=True) if module]
    return (OSError, *own)


def _text(error: Exception) -> str:
    return str(error).strip("'\"")


def _advice(error: Exception) -> str:
    """Say what to do; lgpio's errors have no number, only a text."""
    text = _text(error)
    match type(error).__name__, text:
        case "GPIOPinInUse", _:
            return f"another part of this configuration uses the pin already ({text})"
        case "PinInvalidPin" | "PinNoPins", _:
            return f"this board has no such pin ({text}); write it like GPIO17"
        case "PinUnknownPi", _:
            return 'this is no Raspberry Pi; use driver = "gpiod", or "simulated" without hardware'
        case _, "GPIO busy":
            return (
                "the line is in use by another program or driver: stop that program, or choose"
                " another pin; `gpioinfo` shows who holds what"
            )
        case _, "can not open gpiochip":
            return (
                "the GPIO chip cannot be opened: add the agent's user to the group gpio"
                " (`sudo usermod -aG gpio polycloud`, then restart the agent)"
            )
        case name, _:
            return f"{text} ({name})"
