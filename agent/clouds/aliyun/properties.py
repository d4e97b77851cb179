"""Property values: what a report holds, and what a request wants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from agent.clouds.aliyun.countdown import Countdown
from agent.clouds.aliyun.countdowns import Countdowns, Told
from agent.clouds.aliyun.names import COUNT_DOWN, COUNT_DOWN_LIST, TIMERS, WireValue, to_wire
from agent.clouds.aliyun.timers import TimersForm
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

    def __init__(
        self,
        thing: Thing[Any],
        names: Names,
        timers: TimersForm,
        *,
        countdown: Told = "both",
        drops_read_only: bool,
    ) -> None:
        self._names = names
        self._fields = {row.field.name: row.field for row in thing.properties}
        self.kinds: Mapping[str, Kind] = {name: row.kind for name, row in self._fields.items()}
        self._read_only = {row.field.name for row in thing.properties if not row.is_writable}
        self._drops_read_only = drops_read_only
        self._countdowns = Countdowns(names, POWER_SWITCH, countdown)
        self._timers = timers

    @property
    def writable_ids(self) -> Sequence[str]:
        """The identifiers of what can be set."""
        return [wire_id for name in self._fields for wire_id in self.writable_ids_of(name)]

    def writable_ids_of(self, name: str) -> Sequence[str]:
        """List the identifiers of a property that can be set; none for another name."""
        is_listed = name in self._fields and self._names.is_listed(name)
        if not is_listed or name in self._read_only:
            return ()
        return self._countdowns.told if name == COUNT_DOWN else (self._names.wire_id(name),)

    def known(self, wire_id: str) -> str | None:
        """Find the property that *wire_id* names; None where there is none."""
        name = self._names.name(wire_id)
        if name == COUNT_DOWN_LIST:
            name = COUNT_DOWN
        return name if name in self._fields else None

    def begin(self) -> None:
        """Begin a session, in which nothing is known of the product's model."""
        self._countdowns.begin()

    def refused_a_name(self) -> None:
        """Note that the platform does not know a name of a report; it does not say which."""
        self._countdowns.refused_a_name()

    def lacking(self, wire_ids: Iterable[str]) -> Iterable[str]:
        """Name the properties that the model is said to lack, in every form that they have."""
        told = tuple(wire_ids)
        names = {wire_id: self.known(wire_id) for wire_id in told}
        has_countdown = self._countdowns.lacks(told)
        return (
            name
            for name in dict.fromkeys(names.values())
            if name is not None and not (name == COUNT_DOWN and has_countdown)
        )

    def with_beside(self, names: Sequence[str]) -> tuple[str, ...]:
        """Add what the values of *names* are made from: a countdown ends in a switch's position."""
        beside = (POWER_SWITCH, COUNT_DOWN_TO) if COUNT_DOWN in names else ()
        return tuple(dict.fromkeys((*names, *beside)))

    def write(
        self, values: Values, wall_time: float | None, *, in_all_forms: bool = False
    ) -> dict[str, WireValue]:
        """Put values into wire form; what is not known is left out."""
        wired: dict[str, WireValue] = {}
        for name, value in values.items():
            if name == COUNT_DOWN and isinstance(value, int):
                wired |= self._countdowns.write(
                    Countdown(value, _end_of(values)), wall_time, in_all_forms=in_all_forms
                )
                continue
            written = self._write(name, value) if self._names.is_listed(name) else None
            if written is not None:
                wired[self._names.wire_id(name)] = written
        return wired

    def _write(self, name: str, value: Value) -> WireValue | None:
        if name == COUNT_DOWN_TO:
            return None
        if name == TIMERS and isinstance(value, str):
            return self._timers.write(value)
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
        plain = {key: value for key, value in kept.items() if known[key] not in _FORMED}
        values = take_values(plain, known, self.kinds)
        if isinstance(values, Refusal):
            return values
        formed = {str(known[key]): value for key, value in kept.items() if known[key] in _FORMED}
        return self._with_formed(formed, values)

    def _is_dropped(self, name: str | None) -> bool:
        return self._drops_read_only and name in self._read_only

    def _with_formed(self, formed: Body, values: Values) -> Wanted | Refusal:
        """Add what has a form of its own on this wire."""
        text = self._timers.read(formed[TIMERS]) if TIMERS in formed else None
        if isinstance(text, Refusal):
            return text
        timed = values if text is None else {**values, TIMERS: text}
        countdown = self._countdowns.read(formed)
        if isinstance(countdown, Refusal):
            return countdown
        if countdown is None:
            return Wanted(values=timed)
        return Wanted(values={**timed, COUNT_DOWN: countdown.seconds}, ends_in=countdown.ends_in)


_FORMED: Final = frozenset({COUNT_DOWN, COUNT_DOWN_LIST, TIMERS})


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
