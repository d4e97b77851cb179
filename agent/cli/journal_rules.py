"""Rows of the journal about rules, as sentences."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from agent.cli.asking import Row


def moved(details: Row) -> str:
    """Say that a rule moved the contact."""
    return f": rule {details.get('name')} ({details.get('text')})"


def _fired(name: str, details: Row) -> str:
    del name
    return f"rule {details.get('rule')} fired: {_list(details.get('done')) or 'nothing to do'}"


def _refused(name: str, details: Row) -> str:
    del name
    done = _list(details.get("done"))
    first = f" after {done}" if done else ""
    what, why = details.get("what"), details.get("why")
    return f"rule {details.get('rule')}{first} could not do {what!r}: {why}"


def _resting(name: str, details: Row) -> str:
    del name
    return (
        f"rule {details.get('rule')} has fired {details.get('fired')} times within an hour and"
        f" rests for {details.get('rests_s')} s"
    )


def _edited(name: str, details: Row) -> str:
    text = f": {details['text']}" if details.get("text") else ""
    return f"rule {details.get('rule')} {name} by {details.get('by')}{text}"


def _list(value: object) -> str:
    items = cast("Sequence[object]", value) if isinstance(value, list) else ()
    return "; ".join(str(each) for each in items)


SENTENCES: Final[Mapping[tuple[str, str], Callable[[str, Row], str]]] = {
    ("rule", "fired"): _fired,
    ("rule", "refused"): _refused,
    ("rule", "resting"): _resting,
    ("rule", ""): _edited,
}
