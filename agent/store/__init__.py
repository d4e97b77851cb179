"""The store: each device's state, journal, requests and attempts, on a disk that may fail."""

from agent.store.contents import Row as Row
from agent.store.start import read_boot_id as read_boot_id
from agent.store.start import start_cause as start_cause
from agent.store.store import Store as Store
