"""What a device answers: replies to requests, and to synchronous calls by RRPC."""

from collections.abc import Mapping
from typing import Final

from agent.emulator.aliyun.dialogue import PARAMETER_ERROR, Outcome, Uplink, failed
from agent.emulator.aliyun.twin import Twin
from agent.emulator.json_text import JsonError, as_object, decode
from agent.emulator.packets import Publish
from agent.emulator.values import Answered, Instant, Json
from agent.emulator.wiretypes import is_integer

LATE: Final = 1904


def reply(twin: Twin, uplink: Uplink) -> Outcome:
    """Pass on a reply to a request; nothing that it holds is stored."""
    request_id = uplink.message.get("id")
    if not isinstance(request_id, str) and not is_integer(request_id):
        return failed(PARAMETER_ERROR, "a reply has the id of its request")
    return _answered(twin, str(request_id), uplink.message)


def rrpc(twin: Twin, message_id: str, message: Publish, at: Instant) -> Outcome:
    """Pass on the answer to a call, if it comes as it must: QoS 0, in time, on its one topic."""
    call = twin.calls.get(message_id)
    if message.qos:
        return failed(LATE, "a call is answered at QoS 0")
    if call is None or message.topic != call.topic:
        return failed(LATE, "no call waits for an answer on this topic")
    del twin.calls[message_id]
    if at.now > call.deadline:
        return failed(LATE, "the answer is late")
    if call.is_raw:
        output: dict[str, Json] = {"payload": message.payload.decode(errors="backslashreplace")}
        answered = Answered(
            device=twin.device, request_id=message_id, code=200, message="", output=output
        )
        return Outcome(answers=(answered,))
    try:
        document = as_object(decode(message.payload))
    except JsonError as error:
        return failed(PARAMETER_ERROR, str(error))
    return _answered(twin, message_id, document or {})


def _answered(twin: Twin, request_id: str, message: Mapping[str, Json]) -> Outcome:
    code, text = message.get("code"), message.get("message")
    if not isinstance(code, int) or isinstance(code, bool):
        return failed(PARAMETER_ERROR, "a reply has a code that is an integer")
    answered = Answered(
        device=twin.device,
        request_id=request_id,
        code=code,
        message=text if isinstance(text, str) else "",
        output=as_object(message.get("data")) or {},
    )
    return Outcome(answers=(answered,))
