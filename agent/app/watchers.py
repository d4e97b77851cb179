"""Whoever wants to know when a device has decided, or when a cloud has come or gone."""

from collections.abc import Callable

from agent.devices.inputs import LinkChanged


class Watchers:
    """What is called after a decision and all that came of it: quick, or not at all."""

    def __init__(self) -> None:
        self.deciding: set[Callable[[], None]] = set()
        self.linking: set[Callable[[LinkChanged], None]] = set()

    def of_links(self, dispatch: Callable[[LinkChanged], object]) -> Callable[[LinkChanged], None]:
        """Dispatch a change of a link, then call whoever watches the links."""

        def change(told: LinkChanged) -> None:
            dispatch(told)
            for watcher in self.linking:
                watcher(told)

        return change
