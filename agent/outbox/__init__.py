"""What waits for the clouds: kept on disk, in order, until a platform has it."""

from agent.outbox.endings import Counters, Ending
from agent.outbox.file import Found, LaneFound, MemoryFile, OutboxFile
from agent.outbox.keeping import Bounds, Keeping
from agent.outbox.lane_rows import PAST_S
from agent.outbox.lanes import MOST_AT_ONCE, Queue, Work
from agent.outbox.outbox import LARGEST_ID, Outbox
from agent.outbox.row import Lane, Row, lane_of

__all__ = [
    "LARGEST_ID",
    "MOST_AT_ONCE",
    "PAST_S",
    "Bounds",
    "Counters",
    "Ending",
    "Found",
    "Keeping",
    "Lane",
    "LaneFound",
    "MemoryFile",
    "Outbox",
    "OutboxFile",
    "Queue",
    "Row",
    "Work",
    "lane_of",
]
