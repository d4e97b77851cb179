"""Reports and events of some moments, for what goes up several at once."""

from agent.messages import EventReport, PropertyReport

AT = 1_800_000_000.25
"""A quarter of a second is a millisecond count that a float holds exactly."""


def report(after=0.0, *, at=AT, **values):
    """What was measured *after* seconds; `at=None`: nobody knows when."""
    wall_time = None if at is None else at + after
    return PropertyReport(values=values or {"voltage": 230.0}, wall_time=wall_time)


def low_voltage(after=0.0, *, at=AT, voltage=180.0):
    wall_time = None if at is None else at + after
    return EventReport(name="low_voltage", values={"voltage": voltage}, wall_time=wall_time)


def trip(after=0.0, *, at=AT, cause="overcurrent"):
    values = {"cause": cause, "value": 7.5, "limit": 5.0, "duration_s": 1.0}
    return EventReport(name="trip", values=values, wall_time=None if at is None else at + after)
