"""A hall with sensors, a lamp and a fan: a kind of device of its own, as small as one can be."""

from dataclasses import dataclass, field, replace

from agent.automation.doing import Assign, Switch, Tell
from agent.automation.local_time import UNKNOWN, LocalTime
from agent.automation.rules.book import EMPTY as NO_RULES
from agent.automation.rules.book import RuleBook
from agent.automation.schedules.plan import EMPTY as NO_PLAN
from agent.automation.schedules.plan import Plan
from agent.devices.automated.acting import acted, edited, next_times
from agent.devices.automated.actor import Actor
from agent.devices.effects import Raise, Record
from agent.devices.inputs import ClockTold, EditRule, EditSchedule, Sensed, Tick
from agent.messages import DONE, Outcome
from agent.model import Origin, OriginKind
from agent.settings.place import PlaceSettings
from agent.settings.schedules import timetable
from agent.thing import Event, EventLevel, Field, Kind, Property, Thing

LOCAL = Origin(kind=OriginKind.LOCAL, name="test")
NOON = 1_795_752_000.0  # 2026-11-27 04:00 UTC, noon in Shanghai
SHANGHAI = "Asia/Shanghai"
OUTPUTS = ("HallLamp", "Fan1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """What is sensed (None: not known, as while it warms up), and what is on."""

    sensed: dict[str, float | bool | None] = field(default_factory=dict)
    on: frozenset[str] = frozenset()
    moved_by: dict[str, str] = field(default_factory=dict)
    plan: Plan = NO_PLAN
    rules: RuleBook = NO_RULES
    local: LocalTime = UNKNOWN
    is_stopped: bool = False


def sensor(name, kind=Kind.FLOAT, unit=""):
    return Property(
        field=Field(name=name, kind=kind, title=name, title_zh=name, unit=unit, maximum=10_000),
        read=lambda state, _now: state.sensed.get(name),
    )


def output(name):
    return Property(
        field=Field(name=name, kind=Kind.BOOL, title=name, title_zh=name),
        read=lambda state, _now: name in state.on,
        is_writable=True,
    )


def hall(switch=None):
    """Make its thing; a bare on means *switch*."""
    return Thing(
        kind="hall",
        properties=(
            sensor("MQ2", unit="ppm"),
            sensor("DHT11_T", unit="°C"),
            sensor("DoorOpen", Kind.BOOL),
            *(output(name) for name in OUTPUTS),
        ),
        events=(Event(name="notice", title="N", title_zh="N", level=EventLevel.INFO),),
        switch=switch,
    )


def put(state, name, on):
    return replace(state, on=state.on | {name} if on else state.on - {name})


def owed(before, after, cause):
    moved = {name: cause.by for name in OUTPUTS if (name in before.on) is not (name in after.on)}
    return replace(after, moved_by={**after.moved_by, **moved}) if moved else after


class Stand:
    """The hall at work: time is told to it, and what it told is kept."""

    def __init__(self, *, switch=None, schedules=None, rules=None, state=None, now=1000.0):
        self.now = now
        self.state = state or Hall()
        self.effects = []
        self.actor = Actor(
            device="hall",
            thing=hall(switch),
            timetable=timetable(schedules or {}, PlaceSettings()),
            rules=rules or {},
            carry_out=self.carry_out,
            has_moved=lambda before, after: before.on != after.on,
            owed=owed,
            switches_off=lambda _state, doing: getattr(doing, "value", None) is False,
        )

    def carry_out(self, state, doing, doer, now):
        del now
        thing = self.actor.thing
        match doing:
            case Switch(on=on):
                wanted = thing.switch not in state.on if on is None else on
                return put(state, thing.switch, wanted), DONE, ()
            case Assign(name=name, value=value):
                fault = thing.fault({name: value})
                if fault is not None:
                    return state, Outcome(refusal=fault), ()
                return put(state, name, value), DONE, ()
            case Tell(name=name):
                values = {"name": name, "text": doer.told, "by": doer.origin.name}
                return state, DONE, (Raise(event="notice", values=values),)

    def give(self, event):
        outcome = None
        match event:
            case ClockTold(offset=offset, zone=zone):
                self.state = replace(self.state, local=LocalTime(offset=offset, zone=zone))
            case Sensed(sensor=name, value=value):
                self.state = replace(self.state, sensed={**self.state.sensed, name: value})
            case EditRule() | EditSchedule():
                self.state, outcome = edited(self.actor, self.state, event, self.now)
        if outcome is None or outcome.refusal is None:
            self.state, notes, _ = acted(self.actor, self.state, event, self.now)
            self.effects += notes
        return outcome

    def sense(self, **values):
        for name, value in values.items():
            self.give(Sensed(sensor=name, value=value))

    def dated(self, at=NOON):
        self.give(ClockTold(offset=at - self.now, zone=SHANGHAI))

    def until(self, now):
        """Let time pass, and wake it whenever it is due."""
        while True:
            times = [at for at in next_times(self.actor, self.state, self.now) if at is not None]
            due = min(times, default=None)
            if due is None or due > now:
                break
            self.now = max(self.now, due)
            self.give(Tick())
        self.now = now

    def rule(self, text, name="r"):
        outcome = self.give(EditRule(name=name, origin=LOCAL, text=text))
        return "" if outcome.refusal is None else outcome.refusal.reason

    def schedule(self, text, name="s"):
        outcome = self.give(EditSchedule(name=name, origin=LOCAL, text=text))
        return "" if outcome.refusal is None else outcome.refusal.reason

    def rows(self, topic):
        found = [e for e in self.effects if isinstance(e, Record) and e.topic == topic]
        return [(row.name, row.details) for row in found]
