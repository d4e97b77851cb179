"""What a device tells every cloud, each with its moment."""

from collections.abc import Mapping
from typing import Final

import structlog

from agent.messages import EventReport, Report
from agent.model import Stamp, Values
from agent.ports import Clock
from agent.reporting import Policy, Reported, Sight, due, next_due, report_of, reported
from agent.wiring import Sink

log: Final = structlog.get_logger()


class Telling:
    """Tells everyone in `sinks` of one device; `reported` is what was reported last."""

    def __init__(self, name: str) -> None:
        self.sinks: Mapping[str, Sink] = {}
        self.reported = Reported()
        self._name = name

    def raise_event(self, name: str, values: Values, now: Stamp) -> None:
        """Tell of an event."""
        log.warning("event.raised", device=self._name, event_name=name, values=dict(values))
        self._tell(
            EventReport(
                name=name, values=values, wall_time=now.wall_time, at=now.at, trust=now.trust
            )
        )

    def report(self, sight: Sight, policy: Policy, clock: Clock, now: float) -> float | None:
        """Report what is due; tell when time alone makes more due."""
        values = due(self.reported, sight, policy, now)
        if values:
            told = report_of(self.reported, values, sight, clock.stamp())
            self.reported = reported(self.reported, values, sight, now)
            self._tell(told)
        return next_due(self.reported, sight, policy, now)

    def _tell(self, message: Report) -> None:
        for sink in self.sinks.values():
            sink(message)
