"""Schedules: what a device does at a time of the day, as text, as values, and when."""

from agent.automation.schedules.errors import ScheduleError
from agent.automation.schedules.planner import next_run
from agent.automation.schedules.reading import parse_schedule
from agent.automation.schedules.schedule import Place, Schedule
from agent.automation.schedules.writing import write_schedule

__all__ = [
    "Place",
    "Schedule",
    "ScheduleError",
    "next_run",
    "parse_schedule",
    "write_schedule",
]
