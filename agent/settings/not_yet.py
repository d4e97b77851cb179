"""What is promised and comes in a later version: said at once, never half done."""

from collections.abc import Iterable, Iterator

from agent import __version__
from agent.errors import ConfigError
from agent.settings.clouds import CloudSettings
from agent.settings.document import Document
from agent.settings.faults import Fault, shown
from agent.settings.locate import KeyPath


class NotYetError(ConfigError):
    """A configuration that is right, and asks for what a later version brings (exit 2)."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def later_features(document: Document, clouds: dict[str, CloudSettings]) -> Iterator[Fault]:
    """Find the settings that are right and not built yet."""
    for name, cloud in clouds.items():
        if cloud.tls == "psk":
            yield _fault(document, ("clouds", name, "tls"), cloud.tls, "true | false")


def _fault(document: Document, path: KeyPath, found: object, now: str) -> Fault:
    return document.place(path).fault(
        found=f"{shown(found)}, which is not yet in version {__version__}", allowed=now
    )
