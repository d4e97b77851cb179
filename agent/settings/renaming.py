"""Whether `[clouds.NAME.rename]` names what the device has: its kind knows, and no cloud does."""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from agent.settings.document import Document
from agent.settings.faults import Fault
from agent.settings.findings import value_at
from agent.settings.names import nearest


def rename_faults(
    document: Document, clouds: Iterable[str], known: Sequence[str]
) -> Iterator[Fault]:
    """Find names that the device does not have; *known* are its own, none: they are not known."""
    for cloud in clouds:
        at = ("clouds", cloud, "rename")
        table = value_at(document, at)
        names = cast("dict[str, object]", table) if isinstance(table, dict) else {}
        for name in names if known else ():
            if name not in known:
                yield document.place((*at, name)).fault(
                    found="an unknown name", allowed=" | ".join(known), hint=nearest(name, known)
                )
