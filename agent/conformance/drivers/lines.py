"""Whether the stop guard can reach a line when the process is gone."""

from collections.abc import Sequence

from agent.conformance.rule import shown
from agent.ports import Line
from agent.ways import WAYS


def line_faults(line: Line) -> Sequence[str]:
    """Say why nobody could reach *line* from outside."""
    found: list[str] = []
    if line.driver not in WAYS:
        known = ", ".join(WAYS)
        found.append(
            f"the stop guard has no way to a line of {shown(line.driver)}, only of {known}:"
            " say None, and tell users that nobody switches it off when the process dies"
        )
    if not line.address or not line.address.isprintable():
        found.append(f"{shown(line.address)} is no address of a line")
    return found
