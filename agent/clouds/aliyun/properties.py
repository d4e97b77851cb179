"""Property values: what a report holds, and what a request wants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from agent.clouds.aliyun.countdown import CountdownForm
from agent.clouds.aliyun.names import COUNT_DOWN, WireValue, to_wire
from agent.clouds.names import Names, take_values
from agent.clouds.payload import MAX_PARAMS, Body
from agent.messages import Refusal, RefusalKind
from agent.model import Value, Values
from agent.thing import Kind, Thing

POWER_SWITCH: Final = "power_switch"
COUNT_DOWN_TO: Final = "count_down_to"
"""Told within the countdown, and not by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The values of a request; `ends_in` as in `PropertySet`. `is_idle`: nothing was left of it."""

    values: Values
    ends_in: bool | None = None
    is_idle: bool = False


class Properties:
    """The properties of one device, both ways.

    `drops_read_only`: what can only be read is taken out of a request, before anybody is asked.
    """

    def __init__(self, thing: Thing[Any], names: Names, *, drops_read_only: bool) -> None:
        self._names = names
        self._fields = {row.field.name: row.field for row in thing.properties}
        self.kinds: Mapping[str, Kind] = {name: row.kind for name, row in self._fields.items()}
        self._read_only = {row.field.name for row in thing.properties if not row.is_writable}
        self._drops_read_only = drops_read_only
        self._count_down = CountdownForm(names)

    @property
    def writable_ids(self) -> Sequence[str]:
        """The identifiers of what can be set."""
        return [self._names.wire_id(name) for name in self._fields if self._is_writable(name)]

    def writable_id(self, name: str) -> str | None:
        """Give the identifier of a property that can be set; None for another name."""
        return self._names.wire_id(name) if self._is_writable(name) else None

    def _is_writable(self, name: str) -> bool:
        is_there = name in self._fields and self._names.is_listed(name)
        return is_there and name not in self._read_only

    def known(self, wire_id: str) -> str | None:
        """Find the property that *wire_id* names; None where there is none."""
        name = self._names.name(wire_id)
        return name if name in self._fields else None

    def with_beside(self, names: Sequence[str]) -> tuple[str, ...]:
        """Add what the values of *names* are made from: a countdown ends in a switch's position."""
        beside = (POWER_SWITCH, COUNT_DOWN_TO) if COUNT_DOWN in names else ()
        return tuple(dict.fromkeys((*names, *beside)))

    def write(self, values: Values, wall_time: float | None) -> dict[str, WireValue]:
        """Put values into wire form; what is not known is left out."""
        wired = {
            self._names.wire_id(name): self._write(name, value, values, wall_time)
            for name, value in values.items()
            if self._names.is_listed(name)
        }
        return {wire_id: value for wire_id, value in wired.items() if value is not None}

    def _write(
        self, name: str, value: Value, beside: Values, wall_time: float | None
    ) -> WireValue | None:
        if name == COUNT_DOWN and isinstance(value, int):
            return self._count_down.write(value, ends_in=_end_of(beside), wall_time=wall_time)
        if name == COUNT_DOWN_TO:
            return None
        return to_wire(value, self._fields.get(name))

    def take(self, params: object) -> Wanted | Refusal:
        """Take what a request wants; a refusal where that cannot even be values."""
        if not isinstance(params, dict) or len(cast("Body", params)) > MAX_PARAMS:
            return MALFORMED
        asked = cast("Body", params)
        known = {wire_id: self._names.name(wire_id) for wire_id in asked}
        kept = {key: value for key, value in asked.items() if not self._is_dropped(known[key])}
        if asked and not kept:
            return Wanted(values={}, is_idle=True)
        plain = {key: value for key, value in kept.items() if known[key] != COUNT_DOWN}
        values = take_values(plain, known, self.kinds)
        if isinstance(values, Refusal):
            return values
        timed = [value for key, value in kept.items() if known[key] == COUNT_DOWN]
        return self._with_countdown(timed[0], values) if timed else Wanted(values=values)

    def _is_dropped(self, name: str | None) -> bool:
        return self._drops_read_only and name in self._read_only

    def _with_countdown(self, members: object, values: Values) -> Wanted | Refusal:
        if not isinstance(members, dict):
            return self._count_down.wrong_shape()
        countdown = self._count_down.read(cast("Body", members))
        if isinstance(countdown, Refusal):
            return countdown
        return Wanted(values={**values, COUNT_DOWN: countdown.seconds}, ends_in=countdown.ends_in)


def _end_of(values: Values) -> bool | None:
    """Tell where a countdown ends, or would: at the other position, if not told otherwise."""
    ends_in, is_on = values.get(COUNT_DOWN_TO), values.get(POWER_SWITCH)
    if isinstance(ends_in, bool):
        return ends_in
    return not is_on if isinstance(is_on, bool) else None


MALFORMED: Final = Refusal(
    kind=RefusalKind.MALFORMED,
    reason=f"params must be an object of at most {MAX_PARAMS} identifiers",
)
