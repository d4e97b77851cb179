"""A socket on the bench that has rules, and knows what they did."""

from agent.devices.effects import Record
from agent.devices.inputs import ClockTold, Measured
from tests.devices.socket.bench import Bench, settings

NOON = 1_795_752_000.0  # 2026-11-27 04:00 UTC, noon in Shanghai


class Ruled(Bench):
    """A socket with rules whose time is known, and loads that are long without many frames."""

    def __init__(self, *texts, now=1000.0, **sections):
        rules = {f"r{number}": text for number, text in enumerate(texts, 1)}
        super().__init__(settings(rules=rules, protection={"meter_lost": "keep"}, **sections), now)
        self.give(ClockTold(offset=NOON - now, zone="Asia/Shanghai"))

    def load(self, seconds, watts, every=2.0):
        """Feed a steady load with few frames; an opened contact carries nothing."""
        end = self.now + seconds
        while self.now < end:
            self.tick_until(min(self.now + every, end))
            flows = watts if self.contact else 0.0
            self.give(Measured(reading=self.registers.frame(self.now, flows / 230, flows, every)))

    def rows(self, name):
        return [e.details for e in self.effects if isinstance(e, Record) and e.name == name]

    def notices(self):
        return [each.values["name"] for each in self.events("notice")]

    def moves(self):
        return [e for e in self.effects if isinstance(e, Record) and e.topic == "relay"]
