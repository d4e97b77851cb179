"""A rule that is stepped by hand."""

from datetime import UTC, datetime

from agent.automation.local_time import LocalTime
from agent.automation.rules.grammar import parse_rule
from agent.automation.rules.memory import FRESH
from agent.automation.rules.stepping import Sight, next_at, step

SHANGHAI = "Asia/Shanghai"
NO_TIME = LocalTime()


def at(clock, zone=SHANGHAI, day=27):
    """The local time at which monotonic 0 is that hour and minute of the day in UTC."""
    hours, minutes = map(int, clock.split(":"))
    moment = datetime(2026, 11, day, hours, minutes, tzinfo=UTC)
    return LocalTime(offset=moment.timestamp(), zone=zone)


class Run:
    """One rule fed with values in virtual time; notes when it fires."""

    def __init__(self, text, local=NO_TIME, now=0.0):
        self.rule = parse_rule(text)
        self.local, self.now = local, now
        self.memory = FRESH
        self.fired, self.rested = [], []
        self.is_on = True
        self.is_barred = False
        self.values = {}

    def step(self, **values):
        self.values |= values
        sight = Sight(
            values=self.values, local=self.local, is_on=self.is_on, is_barred=self.is_barred
        )
        self.memory, fires, rests = step(self.rule, self.memory, sight, self.now)
        self.fired += [self.now] if fires else []
        self.rested += [self.now] if rests else []
        return fires

    def wait(self, seconds):
        """Wake it when it says so, as a timer does."""
        end = self.now + seconds
        for _ in range(200):
            due = next_at(self.rule, self.memory, self.local, self.now)
            if due is None or due > end:
                break
            assert due > self.now or not self.fired or due != self.fired[-1]
            self.now = max(due, self.now)
            self.step()
        else:
            raise AssertionError("the timer spins")
        self.now = end
        self.step()
