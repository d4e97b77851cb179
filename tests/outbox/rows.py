"""Messages and rows for tests of the outbox."""

from agent.messages import EventReport, PropertyReport
from agent.outbox import Lane, Row


def report(value=0.0, at=None, **more):
    values = {"voltage": value} | more
    return PropertyReport(values=values, wall_time=None, at=at)


def change(value=1, at=None):
    return PropertyReport(values={"power_switch": value}, wall_time=None, at=at, is_change=True)


def event(value=0.0, at=None):
    return EventReport(name="low_voltage", values={"voltage": value}, wall_time=None, at=at)


def row(number, lane=Lane.TELEMETRY, stands_for=1, **values):
    message = PropertyReport(
        values=values or {"voltage": float(number)},
        wall_time=1e9 + number,
        at=float(number),
        is_change=lane is Lane.CHANGES,
    )
    return Row(
        number=number,
        lane=lane,
        message_id=str(number),
        boot_id="boot",
        message=message,
        stands_for=stands_for,
    )
