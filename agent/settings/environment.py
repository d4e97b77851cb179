"""Overrides from the environment: `POLYCLOUD_DEVICE__RELAY__PIN=GPIO22`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from agent.settings.locate import KeyPath

PREFIX: Final = "POLYCLOUD_"
DELIMITER: Final = "__"

_OVERRIDE: Final = re.compile(r"POLYCLOUD_[A-Z0-9]\w*?__\w+", re.ASCII)


def is_override(name: str) -> bool:
    """Tell a variable that overrides a key from others with the same prefix."""
    return _OVERRIDE.fullmatch(name) is not None


def variables_of(environ: Mapping[str, str]) -> dict[KeyPath, str]:
    """Map each overridden key to the name of its variable."""
    return {
        tuple(name.removeprefix(PREFIX).lower().split(DELIMITER)): name
        for name in environ
        if is_override(name)
    }


def overrides(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the overrides as nested tables; a list or a table is written as JSON."""
    variables = {name: text for name, text in environ.items() if is_override(name)}
    if not variables:
        return {}
    from agent.settings.nested import NestedSource  # noqa: PLC0415 -- 30 ms, and seldom needed

    return NestedSource(variables, prefix=PREFIX, delimiter=DELIMITER)()
