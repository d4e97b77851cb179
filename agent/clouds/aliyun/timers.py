"""The timers: lines of text in the thing, an array of structs with cron on the wire."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, cast

from agent.automation.timers import EVERY_DAY, MOST, ONCE, Timer, is_date, read_timer, write_timers
from agent.clouds.aliyun.names import TIMERS, TIMERS_PARTS
from agent.clouds.names import Names, from_wire
from agent.clouds.payload import Body
from agent.messages import Refusal, RefusalKind
from agent.thing import Kind

Action = Literal["member", "targets", "on", "off"]
"""Where a timer says what it does: a member of its own, `Targets`, or nowhere: it is one thing."""

LONGEST_CRON: Final = 64
LONGEST_TARGETS: Final = 256
MOST_AHEAD_S: Final = 14 * 3600
_OTHER_SPELLING: Final = "TimeZoneOffset"
"""So the platform's own SDK for devices spells it."""

_CRON: Final = "'MINUTE HOUR * * DAYS', 'MINUTE HOUR DAY MONTH *' or 'MINUTE HOUR * * *'"
_ANY: Final = ("*", "?")
_NUMBER: Final = re.compile(r"\d{1,2}", re.ASCII)
_DAYS: Final = re.compile(r"[0-7](-[0-7])?", re.ASCII)

_Slot = Timer | Refusal | None


class TimersForm:
    """The array, by the identifiers of its members.

    *once*: a timer without days happens once, else daily. It is written with as many slots as the
    platform was seen to have.
    """

    def __init__(self, names: Names, *, action: Action, once: bool) -> None:
        self._id = names.wire_id(TIMERS)
        self._timer, self._enable, self._valid, self._switch, self._targets, self._ahead = (
            names.wire_id(part) for part in TIMERS_PARTS
        )
        self._action = action
        self._days_of_none = ONCE if once else EVERY_DAY
        self._slots = 0

    def write(self, text: str) -> Sequence[Mapping[str, int | str]]:
        """Write the slots; what this form cannot say is shown as one that is not used."""
        slots = [_slot(line) for line in text.split("\n", MOST)[:MOST]] if text else []
        unused = [None] * (self._slots - len(slots))
        return [self._write(slot) for slot in (*slots, *unused)]

    def _write(self, slot: Timer | None) -> Mapping[str, int | str]:
        is_said = slot is not None and self._action in {"member", "targets", _word(slot)}
        if slot is None or not is_said or slot.ahead_min is not None:
            return {self._timer: "", self._enable: 0, self._valid: 0}
        said: Mapping[str, int | str] = {}
        if self._action == "member":
            said = {self._switch: int(slot.on)}
        elif self._action == "targets":
            said = {self._targets: f"{self._switch}:{int(slot.on)}"}
        return {
            self._timer: _cron(slot),
            self._enable: int(slot.is_enabled),
            self._valid: 1,
            **said,
        }

    def read(self, value: object) -> str | Refusal:
        """Read the slots into lines, all of them or a refusal."""
        entries = cast("list[object]", value) if isinstance(value, list) else None
        if entries is None or len(entries) > MOST:
            return self._wrong("", f"a list of at most {MOST} timers")
        slots: list[Timer | None] = []
        for number, entry in enumerate(entries):
            slot = self._entry(entry, f"[{number}]")
            if isinstance(slot, Refusal):
                return slot
            slots.append(slot)
        self._slots = len(slots)
        return write_timers(slots)

    def _entry(self, entry: object, where: str) -> _Slot:
        if not isinstance(entry, dict):
            return self._wrong(
                where, f"an object with {self._timer}, {self._enable}, {self._valid}"
            )
        members = cast("Body", entry)
        known = (self._timer, self._enable, self._valid, self._switch, self._targets, self._ahead)
        for wire_id in members:
            if wire_id not in (*known, _OTHER_SPELLING):
                reason = f"{self._id}{where} has {', '.join(known)}, and nothing called"
                return Refusal(kind=RefusalKind.UNKNOWN_NAME, reason=f"{reason} {wire_id:.80}")
        is_valid = self._flag(members, self._valid)
        is_enabled = self._flag(members, self._enable)
        if is_valid is None or is_enabled is None:
            return self._wrong(where, f"0 or 1 for {self._enable} and {self._valid}")
        cron = members.get(self._timer, "")
        if not is_valid or cron == "":
            return None
        timer = self._timed(cron)
        if timer is None:
            return self._wrong(f"{where}.{self._timer}", _CRON)
        return self._doing(replace(timer, is_enabled=is_enabled), members, where)

    def _flag(self, members: Body, wire_id: str) -> bool | None:
        flag = from_wire(members.get(wire_id, 1), Kind.BOOL)
        return flag if isinstance(flag, bool) else None

    def _doing(self, timer: Timer, members: Body, where: str) -> _Slot:
        """Find what a timer does, and whose time it means."""
        is_on = self._on(members)
        if is_on is None:
            return self._wrong(where, f"what to do: {self._switch} 0 or 1{self._or_targets()}")
        ahead_s = members.get(self._ahead, members.get(_OTHER_SPELLING))
        if ahead_s is None:
            return replace(timer, on=is_on)
        seconds = from_wire(ahead_s, Kind.INT)
        if (
            isinstance(seconds, bool)
            or not isinstance(seconds, int)
            or abs(seconds) > MOST_AHEAD_S
            or seconds % 60
        ):
            return self._wrong(f"{where}.{self._ahead}", "seconds ahead of UTC, in whole minutes")
        return replace(timer, on=is_on, ahead_min=seconds // 60)

    def _or_targets(self) -> str:
        return f", or {self._targets} '{self._switch}:0'"

    def _on(self, members: Body) -> bool | None:
        if self._switch in members:
            flag = from_wire(members[self._switch], Kind.BOOL)
            return flag if isinstance(flag, bool) else None
        targets = members.get(self._targets, "")
        if not isinstance(targets, str) or len(targets) > LONGEST_TARGETS:
            return None
        pairs = re.findall(r'"?(\w+)"?\s*[:=-]\s*([01])\b', targets, re.ASCII)
        said = {value for name, value in pairs if name == self._switch}
        if len(said) == 1:
            return said == {"1"}
        return self._action == "on" if self._action in {"on", "off"} and not said else None

    def _timed(self, cron: object) -> Timer | None:
        """Understand cron's five fields, of which the days may be apart by spaces too."""
        if not isinstance(cron, str) or len(cron) > LONGEST_CRON:
            return None
        fields = cron.split()
        if len(fields) < 5 or not all(_NUMBER.fullmatch(each) for each in fields[:2]):
            return None
        minute, hour = int(fields[0]), int(fields[1])
        if minute > 59 or hour > 23:
            return None
        timer = Timer(on=False, hour=hour, minute=minute)
        day, month, *week = fields[2:]
        if len(week) > 1 and week[0] in _ANY:
            week = week[1:]
        if day in _ANY and month in _ANY:
            days = self._days(week)
            return None if days is None else replace(timer, days=days)
        return _on_date(timer, day, month) if week[0] in _ANY else None

    def _days(self, week: Sequence[str]) -> frozenset[int] | None:
        """Read days of the week, where 1 is Monday, and Sunday is 7 or 0."""
        if len(week) == 1 and week[0] in _ANY:
            return self._days_of_none
        parts = [part for each in week for part in each.split(",")]
        days: set[int] = set()
        for part in parts:
            if not _DAYS.fullmatch(part):
                return None
            first, last = int(part[0]), int(part[-1])
            if first > last:
                return None
            days |= {(day - 1) % 7 for day in range(first, last + 1)}
        return frozenset(days)

    def _wrong(self, where: str, allowed: str) -> Refusal:
        reason = f"{self._id}{where} takes {allowed}"
        return Refusal(kind=RefusalKind.WRONG_TYPE, reason=reason)


def _slot(line: str) -> Timer | None:
    try:
        return read_timer(line)
    except ValueError:
        return None


def _on_date(timer: Timer, day: str, month: str) -> Timer | None:
    if not _NUMBER.fullmatch(day) or not _NUMBER.fullmatch(month):
        return None
    if not is_date(int(month), int(day)):
        return None
    return replace(timer, month=int(month), day=int(day))


def _cron(timer: Timer) -> str:
    at = f"{timer.minute} {timer.hour}"
    if timer.month is not None:
        return f"{at} {timer.day} {timer.month} *"
    week = ",".join(str(day + 1) for day in sorted(timer.days)) or "*"
    return f"{at} * * {week}"


def _word(timer: Timer) -> str:
    return "on" if timer.on else "off"
