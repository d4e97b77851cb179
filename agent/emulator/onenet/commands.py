"""Raw commands of products without a thing model, and what their answers say."""

from agent.emulator.json_text import JsonError, as_object, decode
from agent.emulator.onenet.answers import message_of
from agent.emulator.onenet.twin import Twin
from agent.emulator.platform import RequestError
from agent.emulator.values import Answered, Json
from agent.emulator.wiretypes import is_integer


def check_size(payload: bytes, most: int) -> None:
    """Demand that a command is not too long; raise RequestError."""
    if len(payload) > most:
        raise RequestError(f"a command has at most {most} bytes, not {len(payload)}")


def read_answer(twin: Twin, command: str, payload: bytes) -> Answered:
    """Read an answer, which may be any bytes: only JSON can tell a code and a message."""
    message = _object(payload)
    code = message.get("code")
    try:
        output: dict[str, Json] = {"payload": payload.decode()}
    except UnicodeDecodeError:
        shown = payload.decode(errors="backslashreplace")
        output = {"payload": shown, "payload_hex": payload.hex()}
    return Answered(
        device=twin.device,
        request_id=command,
        code=code if is_integer(code) and isinstance(code, int) else 0,
        message=message_of(message),
        output=output,
    )


def _object(payload: bytes) -> dict[str, Json]:
    try:
        return as_object(decode(payload)) or {}
    except JsonError:
        return {}
