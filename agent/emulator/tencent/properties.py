"""The property topic: report, control_reply, get_status, clear_control, report_info."""

from collections.abc import Callable, Mapping
from typing import Final

from agent.emulator.json_text import as_object
from agent.emulator.tencent.dialogue import (
    BAD_VALUE,
    NOT_IN_MODEL,
    SUCCESS,
    Exchange,
    Verdict,
    judge_timestamp,
    judge_values,
    replied,
    reply_to,
)
from agent.emulator.tencent.twin import Twin
from agent.emulator.values import Answered, Instant, Json

Message = Mapping[str, Json]


def converse(twin: Twin, message: Message, at: Instant) -> Exchange:
    """Take one message of the property topic."""
    method = message.get("method")
    if method is None and "code" in message and "clientToken" in message:
        method = "control_reply"  # the official Python SDK leaves the method out
    take = _METHODS.get(method) if isinstance(method, str) else None
    if take is None:
        verdict = Verdict(NOT_IN_MODEL, f"method {method!r:.60} is unknown")
        return replied(f"{method or 'report'}_reply"[:64], message, verdict)
    return take(twin, message, at)


def _report(twin: Twin, message: Message, at: Instant) -> Exchange:
    params = message.get("params")
    verdict = judge_values(params, twin.template.kinds)
    if verdict.code == 0:
        verdict = judge_timestamp(message, at)
    if verdict.code == 0:
        _keep(twin, message, at)
    return replied("report_reply", message, verdict)


def _keep(twin: Twin, message: Message, at: Instant) -> None:
    """Take what was reported as what is now, unless newer values are shown; 0 is no stamp."""
    stamp = message.get("timestamp") or None
    for name, value in (as_object(message.get("params")) or {}).items():
        if twin.moments.replaces(name, stamp, at.wall_time):
            twin.reported[name] = value
    twin.reported_at = at.wall_time


def _control_reply(twin: Twin, message: Message, at: Instant) -> Exchange:
    del at
    token, code = message.get("clientToken"), message.get("code")
    if not isinstance(token, str) or not isinstance(code, int) or isinstance(code, bool):
        return Exchange(verdict=Verdict(BAD_VALUE, "control_reply needs clientToken and code"))
    status = message.get("status")
    answers = tuple(
        Answered(
            device=twin.device,
            request_id=settled,
            code=code,
            message=status if isinstance(status, str) else "",
        )
        for settled in twin.settle(token)
    )
    return Exchange(answers=answers)


def _get_status(twin: Twin, message: Message, at: Instant) -> Exchange:
    del at
    wanted = message.get("type")
    data: dict[str, Json] = {}
    if wanted != "control" and twin.reported:
        data["reported"] = dict(twin.reported)
    if wanted != "report" and twin.pending:
        data["control"] = twin.pending_values()
        twin.shown = (message.get("clientToken"), tuple(twin.pending))
    reply = reply_to("get_status_reply", message)
    if wanted is not None:
        reply["type"] = wanted
    return Exchange(reply | {"data": data})


def _clear_control(twin: Twin, message: Message, at: Instant) -> Exchange:
    del at
    twin.pending.clear()
    return replied("clear_control_reply", message)


def _report_info(twin: Twin, message: Message, at: Instant) -> Exchange:
    del at
    params = as_object(message.get("params"))
    if params is None:
        verdict = Verdict(BAD_VALUE, "params is an object")
    else:
        twin.info, verdict = dict(params), SUCCESS
    return replied("report_info_reply", message, verdict)


_METHODS: Final[dict[str, Callable[[Twin, Message, Instant], Exchange]]] = {
    "report": _report,
    "control_reply": _control_reply,
    "get_status": _get_status,
    "clear_control": _clear_control,
    "report_info": _report_info,
}
