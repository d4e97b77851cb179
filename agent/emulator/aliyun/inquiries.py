"""What a device asks that has one answer here: the time, its TSL, its configuration, its log."""

from typing import Final

from agent.emulator.aliyun.dialogue import PARAMETER_ERROR, Outcome, Uplink, failed
from agent.emulator.aliyun.twin import Twin
from agent.emulator.json_text import JsonError, as_list, as_object, decode
from agent.emulator.values import Instant, Json
from agent.emulator.wiretypes import is_number

MAX_LOG_ENTRIES: Final = 40
NO_CONFIG: Final = 6713


def tell_time(payload: bytes, at: Instant) -> dict[str, Json] | None:
    """Answer a request for the time in the type that it came in; None where it is malformed."""
    try:
        sent = (as_object(decode(payload)) or {}).get("deviceSendTime")
    except JsonError:
        return None
    if not isinstance(sent, str) and not is_number(sent):
        return None
    now: Json = int(at.wall_time * 1000)
    if isinstance(sent, str):
        now = str(now)
    return {"deviceSendTime": sent, "serverRecvTime": now, "serverSendTime": now}


def tsl(twin: Twin, uplink: Uplink) -> Outcome:
    """Hand out the thing model."""
    del uplink
    return Outcome(data=dict(twin.tsl.document))


def config(twin: Twin, uplink: Uplink) -> Outcome:
    """Refuse: no product has a remote configuration here."""
    del twin, uplink
    return failed(NO_CONFIG, "the remote configuration is not enabled")


def log_config(twin: Twin, uplink: Uplink) -> Outcome:
    """Tell what to do with the log: keep it."""
    del twin, uplink
    return Outcome(data={"getType": "content", "content": {"mode": 0}})


def log(twin: Twin, uplink: Uplink) -> Outcome:
    """Take entries of a log, which nobody reads."""
    del twin
    entries = as_list(uplink.params)
    if not entries or len(entries) > MAX_LOG_ENTRIES:
        return failed(PARAMETER_ERROR, f"params is a list of 1 to {MAX_LOG_ENTRIES} entries")
    return Outcome()
