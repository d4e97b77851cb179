"""What a strip has kept of its outlets on disk, as it is read back."""

from collections.abc import Mapping
from typing import cast

from pydantic import ValidationError

from agent.devices.effects import Saved
from agent.devices.socket.kept import Kept


class KeptOutlet(Kept):
    """An outlet on disk: where its contact stood since when, and what a start may restore."""

    name: str
    is_on: bool = False
    is_wanted: bool = True
    changed_at: float | None = None
    restores: bool = False


def read_outlets(saved: Saved | None) -> tuple[Mapping[str, KeptOutlet], bool]:
    """Understand what was kept of outlets, by output, and tell whether that was all of it."""
    rows = () if saved is None else saved.get("outlets", ())
    if not isinstance(rows, list | tuple):
        return {}, False
    kept: dict[str, KeptOutlet] = {}
    is_whole = True
    for row in cast("list[object]", rows):
        try:
            outlet = KeptOutlet.model_validate(row)
        except ValidationError:
            is_whole = False
        else:
            kept[outlet.name] = outlet
    return kept, is_whole
