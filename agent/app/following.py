"""Meters that want to know where the contacts stand, told of every movement."""

from typing import Protocol, runtime_checkable

from agent.ports import Line, Meter, Relay


@runtime_checkable
class FollowsContact(Protocol):
    """A meter that wants to know whether any contact is closed, as a simulated one."""

    def set_contact(self, *, on: bool) -> None:
        """Take note of the contact."""
        ...


@runtime_checkable
class FollowsOutlets(Protocol):
    """A meter that wants to know of each contact by itself."""

    def set_outlet(self, output: str, *, on: bool) -> None:
        """Take note of the contact of *output*."""
        ...


class Following:
    """Tells one device's meter of its contacts."""

    def __init__(self, meter: Meter | None) -> None:
        self._meter = meter
        self._closed: set[str] = set()

    def follow(self, output: str, relay: Relay, *, is_on: bool) -> Relay:
        """Have the meter told of every movement of *relay*, and where it stands now."""
        if not isinstance(self._meter, FollowsContact | FollowsOutlets):
            return relay
        self.moved(output, on=is_on)
        return _Followed(output, relay, self)

    def moved(self, output: str, *, on: bool) -> None:
        """Tell the meter of one contact, or whether any of them is closed."""
        self._closed = self._closed | {output} if on else self._closed - {output}
        if isinstance(self._meter, FollowsOutlets):
            self._meter.set_outlet(output, on=on)
        elif isinstance(self._meter, FollowsContact):
            self._meter.set_contact(on=bool(self._closed))


class _Followed:
    """A relay whose contact a meter measures behind."""

    def __init__(self, output: str, relay: Relay, following: Following) -> None:
        self._output = output
        self._relay = relay
        self._following = following

    @property
    def line(self) -> Line | None:
        return self._relay.line

    @property
    def descriptor(self) -> int | None:
        return self._relay.descriptor

    def set(self, *, on: bool) -> None:
        self._relay.set(on=on)
        self._following.moved(self._output, on=on)
