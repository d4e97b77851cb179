"""Rows of the journal about the button, as sentences for a person."""

from collections.abc import Callable, Mapping
from typing import Final

from agent.cli.asking import Row


def _factory_reset(name: str, details: Row) -> str:
    del name, details
    return "factory reset: what was set is forgotten; calibrations, a trip and the total stay"


def _provisioning(name: str, details: Row) -> str:
    del name
    return f"held: the machine may be brought into a network for {details.get('for_s')} s"


def _refused(name: str, details: Row) -> str:
    return f"{details.get('gesture')} {name}: {details.get('reason')}"


def _did(name: str, details: Row) -> str:
    del name
    return f"{details.get('gesture')}: {details.get('doing')}"


def _child_lock(name: str, details: Row) -> str:
    del name
    return f"child lock {'on' if details.get('is_on') else 'off'} by {details.get('by')}"


BUTTON_ROWS: Final[Mapping[tuple[str, str], Callable[[str, Row], str]]] = {
    ("button", "factory_reset"): _factory_reset,
    ("button", "provisioning"): _provisioning,
    ("button", "refused"): _refused,
    ("button", "did"): _did,
    ("button", "child_lock"): _child_lock,
}
