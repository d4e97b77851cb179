"""The outboxes of the process: each identity has one, whichever device and link fills it."""

import secrets
from collections.abc import Callable, Collection

from agent.clouds.attempts import name_of
from agent.outbox import LARGEST_ID, Keeping, Outbox


class Outboxes:
    """Opens the outbox of each identity once: what its file told at the start is old soon.

    None is forgotten while the process lives, or its numbers would be given a second time.
    """

    def __init__(self, keeping: Callable[[str, Collection[str]], Keeping]) -> None:
        self._keeping = keeping
        self._known: dict[str, Outbox] = {}

    def of(self, cloud: str, identity: tuple[str, ...], totals: Collection[str]) -> Outbox:
        """Find the outbox of an identity of a platform, or open it."""
        name = name_of(cloud, identity)
        if name not in self._known:
            self._known[name] = Outbox(
                first_id=_first_id(), keeping=self._keeping(name, totals), name=cloud
            )
        return self._known[name]


def _first_id() -> int:
    """Begin the ids of this process where hardly any earlier process has been."""
    return 1 + secrets.randbelow(LARGEST_ID)
