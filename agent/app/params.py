"""What a control method is asked with, checked."""

from collections.abc import Mapping

from agent.errors import ControlError


def only(params: Mapping[str, object], known: set[str]) -> None:
    """Raise `ControlError` for a parameter that is not *known*."""
    unknown = sorted(set(params) - known)
    if unknown:
        allowed = ", ".join(sorted(known))
        raise ControlError(f"unknown parameter {unknown[0]!r:.80}; known: {allowed}")


def number(params: Mapping[str, object], name: str) -> float | None:
    """Read a number that may be left out; raise `ControlError` for anything else."""
    value = params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ControlError(f"{name} is {value!r:.80}; allowed: a number")
    try:
        return float(value)
    except OverflowError as error:
        raise ControlError(f"{name} is too large a number") from error


def switch(params: Mapping[str, object], name: str) -> bool:
    """Read true or false, false where it is left out; raise `ControlError` for anything else."""
    value = params.get(name, False)
    if not isinstance(value, bool):
        raise ControlError(f"{name} is {value!r:.80}; allowed: true or false")
    return value
