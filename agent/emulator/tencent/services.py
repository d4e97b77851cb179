"""The smaller dialogues: action replies, service messages, firmware version, time, log level."""

from collections.abc import Mapping

from agent.emulator.json_text import as_list, as_object
from agent.emulator.tencent.dialogue import BAD_VALUE, Exchange, Verdict, replied
from agent.emulator.tencent.twin import Twin
from agent.emulator.values import Answered, Instant, Json

Message = Mapping[str, Json]


def action(twin: Twin, message: Message, at: Instant) -> Exchange:
    """Take an action_reply."""
    del at
    token, code = message.get("clientToken"), message.get("code")
    if not isinstance(token, str) or not isinstance(code, int) or isinstance(code, bool):
        return Exchange(verdict=Verdict(BAD_VALUE, "action_reply needs clientToken and code"))
    status = message.get("status")
    answered = Answered(
        device=twin.device,
        request_id=token,
        code=code,
        message=status if isinstance(status, str) else "",
        output=as_object(message.get("response")) or {},
    )
    return Exchange(answers=(answered,))


def service(twin: Twin, message: Message, at: Instant) -> Exchange:
    """Answer what a device asks of the service topic; the rest needs no answer."""
    del twin, at
    match message.get("method"):
        case "app_bind_token":
            return replied("app_bind_token_reply", message)
        case "unbind_device_request":
            return replied("unbind_device_reply", message)
        case "alert_fence_event":
            return replied("alert_fence_event_reply", message)
        case _:
            return Exchange()


def ota(twin: Twin, message: Message, at: Instant) -> Exchange:
    """Take the version that a device runs; there is never an update here."""
    del at
    if message.get("type") != "report_version":
        return Exchange()
    version = (as_object(message.get("report")) or {}).get("version")
    is_good = isinstance(version, str) and 1 <= len(version) <= 32
    if isinstance(version, str) and is_good:
        twin.version = version
    return Exchange(
        {
            "type": "report_version_rsp",
            "version": version,
            "result_code": 0 if is_good else -1,
            "result_msg": "success" if is_good else "a version is a text of 1 to 32 characters",
        }
    )


def system(twin: Twin, message: Message, at: Instant) -> Exchange:
    """Tell the time."""
    del twin
    if message.get("type") != "get" or "time" not in (as_list(message.get("resource")) or []):
        return Exchange()
    milliseconds = int(at.wall_time * 1000)
    return Exchange(
        {
            "type": "get",
            "time": milliseconds // 1000,
            "ntptime1": milliseconds,
            "ntptime2": milliseconds,
        }
    )


def log(twin: Twin, message: Message, at: Instant) -> Exchange:
    """Tell the log level that the cloud wants: none."""
    del twin
    if message.get("type") != "get_log_level":
        return Exchange()
    return Exchange(
        {
            "type": "get_log_level",
            "clientToken": message.get("clientToken", ""),
            "log_level": 0,
            "result": 0,
            "timestamp": int(at.wall_time),
        }
    )
