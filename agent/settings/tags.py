"""Alternatives of one section, told apart by their `driver`."""

from collections.abc import Callable, Mapping


def driver_or(default: str) -> Callable[[object], str]:
    """Tell the sections of one part apart by `driver`; without it it is *default*."""

    def driver_of(section: object) -> str:
        if isinstance(section, Mapping):
            return str(section.get("driver", default))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] -- isinstance cannot tell a mapping's types
        return str(getattr(section, "driver", default))

    return driver_of
