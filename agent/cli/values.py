"""`polycloud get` and `set`: properties by name."""

from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

import click

from agent.cli.asking import (
    DEVICE_OPTION,
    JSON_OPTION,
    SOCKET_OPTION,
    Row,
    ask,
    decimal,
    end,
    of_device,
    row,
    rows,
    say,
    say_json,
)
from agent.cli.completing import assignments, property_names
from agent.cli.helping import examples
from agent.errors import EXIT_FAILED, EXIT_USAGE

WORDS: Final[Mapping[str, bool]] = {
    "on": True,
    "true": True,
    "yes": True,
    "1": True,
    "off": False,
    "false": False,
    "no": False,
    "0": False,
}


@click.command(epilog=examples("polycloud get", "polycloud get active_power --device socket-1"))
@click.argument("names", nargs=-1, metavar="[NAME]…", shell_complete=property_names)
@DEVICE_OPTION
@SOCKET_OPTION
@JSON_OPTION
def get(
    names: tuple[str, ...], device: str | None, socket_path: str | None, *, as_json: bool
) -> None:
    """Show properties: all with their units, or those that are named; of one the bare value."""
    answer = row(ask("status", of_device(device), socket_path))
    found = _only(rows(answer.get("devices")))
    properties = row(found.get("properties"))
    for name in names:
        if name not in properties:
            _unknown(name, list(properties))
    chosen = {name: properties[name] for name in names or properties}
    if as_json:
        say_json({"device": found.get("id"), "properties": chosen})
    elif len(names) == 1:
        say(_bare(chosen[names[0]]))
    else:
        say(_table(chosen, row(found.get("units"))))


@click.command(
    name="set", epilog=examples("polycloud set power_switch=on", "polycloud set count_down=600")
)
@click.argument("pairs", nargs=-1, required=True, metavar="NAME=VALUE…", shell_complete=assignments)
@DEVICE_OPTION
@SOCKET_OPTION
@JSON_OPTION
def set_values(
    pairs: tuple[str, ...], device: str | None, socket_path: str | None, *, as_json: bool
) -> None:
    """Set properties: all of them, or nothing at all."""
    thing = _only(rows(row(ask("things", of_device(device), socket_path)).get("devices")))
    known = {str(each["name"]): each for each in rows(thing.get("properties"))}
    values = dict(_pair(pair, known) for pair in pairs)
    if len(values) < len(pairs):
        end("each NAME once, please", EXIT_USAGE)
    params = {"device": thing.get("id"), "values": values}
    answer = row(ask("set", params, socket_path))
    if as_json:
        say_json(answer)
        return
    now = row(answer.get("properties"))
    units = {name: each.get("unit") for name, each in known.items()}
    say(_table({name: now.get(name) for name in values}, units))
    delay_s = answer.get("closes_in_s")
    if isinstance(delay_s, int | float):
        say(f"closes in {delay_s:g} s")


def _only(found: Sequence[Row]) -> Row:
    """Take the one device; with several, one must be named."""
    if len(found) != 1:
        names = ", ".join(str(each.get("id")) for each in found)
        end(f"which device? --device with one of: {names}", EXIT_FAILED)
    return found[0]


def _pair(pair: str, known: Mapping[str, Row]) -> tuple[str, bool | int | float | str]:
    """Read NAME=VALUE as the thing says what the value is."""
    name, is_pair, typed = pair.partition("=")
    if not is_pair:
        end(f"{pair!r} is no NAME=VALUE, such as power_switch=on", EXIT_USAGE)
    field = known.get(name)
    if field is None:
        _unknown(name, [each for each in known if known[each].get("is_writable")])
    value = _value(str(field.get("kind")), typed)
    if value is None:
        end(f"{name} takes {_allowed(field)}, not {typed!r:.80}", EXIT_USAGE)
    return name, value


def _value(kind: str, typed: str) -> bool | int | float | str | None:
    """Read a value; None where it is none of that kind."""
    match kind:
        case "bool":
            return WORDS.get(typed.lower())
        case "int" | "float":
            number = decimal(typed)
            if number is None or kind == "float":
                return number
            return int(number) if number.is_integer() else None
        case _:
            return typed


def _allowed(field: Row) -> str:
    if field.get("kind") == "bool":
        return "on or off"
    whole = "a whole number" if field.get("kind") == "int" else "a number"
    unit = f" {field['unit']}" if field.get("unit") else ""
    return f"{whole} from {field.get('minimum'):g} to {field.get('maximum'):g}{unit}"


def _unknown(name: str, known: Sequence[str]) -> NoReturn:
    from agent.settings.names import nearest  # noqa: PLC0415 - heavy, and only after a mistake

    hint = nearest(name, known)
    text = f"no property is named {name!r:.80}; {f'{hint} ' if hint else ''}there are: "
    end(text + ", ".join(known), EXIT_USAGE)


def _bare(value: object) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "on" if value else "off"
        case _:
            return str(value)


def _table(chosen: Row, units: Row) -> str:
    from agent.cli.table import value_text  # noqa: PLC0415 - not for --json

    width = max(map(len, chosen), default=0)
    lines = [f"{name:<{width}}  {value_text(chosen[name], _unit(units, name))}" for name in chosen]
    return "\n".join(lines)


def _unit(units: Row, name: str) -> str:
    return str(units.get(name) or "")
