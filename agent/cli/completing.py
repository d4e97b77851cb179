"""What the shell offers to complete: asked of the agent, and nothing where none answers."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import click

from agent.cli.asking import Row, row, rows
from agent.control.client import ControlClient, find_socket
from agent.errors import ControlError

TIMEOUT_S: Final = 0.3
"""Longer than an agent needs, and short enough for whoever has pressed the key."""


def device_ids(context: click.Context, typed: str) -> list[str]:
    """Offer the devices."""
    return _begun((str(each.get("id")) for each in _asked(context, "devices")), typed)


def property_names(context: click.Context, param: click.Parameter, typed: str) -> list[str]:
    """Offer the properties."""
    del param
    return _begun(_properties(context), typed)


def assignments(context: click.Context, param: click.Parameter, typed: str) -> list[str]:
    """Offer what can be set, and on or off after the name of a switch."""
    del param
    name, is_pair, _ = typed.partition("=")
    writable = {each: field for each, field in _properties(context).items() if _is(field)}
    if not is_pair:
        return _begun((f"{each}=" for each in writable), typed)
    is_switch = writable.get(name, {}).get("kind") == "bool"
    return _begun((f"{name}={word}" for word in ("on", "off")), typed) if is_switch else []


def _is(field: Row) -> bool:
    return bool(field.get("is_writable"))


def _begun(names: Iterable[str], typed: str) -> list[str]:
    return [name for name in names if name.startswith(typed)]


def _properties(context: click.Context) -> Mapping[str, Row]:
    wanted = context.params.get("device")
    things = [each for each in _things(context) if wanted in (None, each.get("id"))]
    return {str(each["name"]): each for thing in things for each in rows(thing.get("properties"))}


def _things(context: click.Context) -> Sequence[Row]:
    wanted = context.params.get("device")
    return _asked(context, "things", {} if wanted is None else {"device": wanted})


def _asked(context: click.Context, method: str, params: Row | None = None) -> Sequence[Row]:
    """Ask what there is; an agent that is not there has nothing, and no error is shown."""
    path = find_socket(context.params.get("socket_path"), os.environ)
    try:
        answer = ControlClient(path, timeout_s=TIMEOUT_S).call(method, params)
    except ControlError:
        return []
    return rows(row(answer).get("devices"))
