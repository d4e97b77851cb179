"""A codec that breaks one promise."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.conformance.subject import Draws, Subject
from tests.contract.subjects import subject

METHODS = (
    "connect_params",
    "subscriptions",
    "on_connected",
    "encode",
    "encode_past",
    "encode_together",
    "encode_sum",
    "encode_reply",
    "encode_cleared",
    "encode_taken",
    "ask_time",
    "decode",
)


class Bent:
    """Does as its codec does, but for the ways given: each gets the codec's method first."""

    def __init__(self, codec: Any, ways: dict[str, Callable[..., Any]]) -> None:
        for name in METHODS:
            method = getattr(codec, name)
            way = ways.get(name)
            setattr(self, name, method if way is None else _bent(way, method))
        self.name = ways["name"]() if "name" in ways else codec.name
        self.limits = ways["limits"](codec.limits) if "limits" in ways else codec.limits


def _bent(way: Callable[..., Any], method: Callable[..., Any]) -> Callable[..., Any]:
    way = way() if isinstance(way, type) else way
    return lambda *args: way(method, *args)


def bend(**ways: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda codec: Bent(codec, ways)


def bent(title: str, **ways: Callable[..., Any]) -> Subject:
    good = subject(title)
    return replace(
        good,
        factory=lambda settings, thing: Bent(good.factory(settings, thing), ways),
        draws=Draws(count=50),
    )


def edited(**changes: Any) -> Callable[..., Any]:
    """Change fields of the value that a method gives; a callable makes one out of the old."""
    return lambda inner, *args: _edit(inner(*args), changes)


def each_edited(**changes: Any) -> Callable[..., Any]:
    return lambda inner, *args: tuple(_edit(each, changes) for each in inner(*args))


def _edit(value: Any, changes: dict[str, Any]) -> Any:
    if value is None:
        return None
    made = {key: new(getattr(value, key)) if callable(new) else new for key, new in changes.items()}
    return replace(value, **made)
