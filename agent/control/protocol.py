"""JSON-RPC 2.0, one message a line: pure parsing and formatting."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Final, cast

MAX_LINE: Final = 65_536
MAX_BATCH: Final = 20
"""So many requests in one batch."""

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
REFUSED: Final = -32000
"""The agent understood and did not do it; the message says why."""

RequestId = str | int | float | None


class ProtocolError(Exception):
    """What is no request; `code` and the message are its answer."""

    def __init__(self, code: int, message: str, request_id: RequestId = None) -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. A notification wants no answer."""

    method: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    request_id: RequestId = None
    is_notification: bool = False


Entry = Request | ProtocolError
"""One request of a batch, or why it is none."""


def parse_line(line: bytes) -> Request | Sequence[Entry]:
    """Understand one line: a request, or a batch; raise `ProtocolError` and nothing else."""
    if len(line) > MAX_LINE:
        raise too_long()
    try:
        message: object = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(PARSE_ERROR, f"not JSON: {error}") from error
    if not isinstance(message, list):
        return _request(message)
    entries = cast("list[object]", message)
    if not 1 <= len(entries) <= MAX_BATCH:
        raise ProtocolError(INVALID_REQUEST, f"a batch has 1 to {MAX_BATCH} requests")
    return [_entry(each) for each in entries]


def too_long() -> ProtocolError:
    """Make the error for a line that does not end in time."""
    return ProtocolError(INVALID_REQUEST, f"a request has at most {MAX_LINE} bytes")


def request_line(request: Request) -> bytes:
    """Write a request."""
    message: dict[str, object] = {
        "jsonrpc": "2.0",
        "method": request.method,
        "params": dict(request.params),
    }
    if not request.is_notification:
        message["id"] = request.request_id
    return _line(message)


def result_line(request_id: RequestId, result: object) -> bytes:
    """Write the answer to a request that was done."""
    return _line({"jsonrpc": "2.0", "id": request_id, "result": result})


def error_line(
    request_id: RequestId, code: int, message: str, data: Mapping[str, object] | None = None
) -> bytes:
    """Write the answer to a request that was not; *data* says for a program what was wrong."""
    error: dict[str, object] = {"code": code, "message": message}
    if data:
        error["data"] = dict(data)
    return _line({"jsonrpc": "2.0", "id": request_id, "error": error})


def batch_line(answers: Sequence[bytes]) -> bytes:
    """Join the answers to a batch to one line."""
    return b"[" + b",".join(answer.rstrip(b"\n") for answer in answers) + b"]\n"


def told_line(method: str, params: Mapping[str, object]) -> bytes:
    """Write a notification to a client."""
    return _line({"jsonrpc": "2.0", "method": method, "params": dict(params)})


def _entry(message: object) -> Entry:
    try:
        return _request(message)
    except ProtocolError as error:
        return error


def _request(value: object) -> Request:
    if not isinstance(value, dict):
        raise ProtocolError(INVALID_REQUEST, "a request is one JSON object a line, or a batch")
    message = cast("dict[str, object]", value)
    request_id = message.get("id")
    if isinstance(request_id, bool) or not isinstance(request_id, str | int | float | None):
        raise ProtocolError(INVALID_REQUEST, "'id' is a text or a number")
    if isinstance(request_id, float) and not isfinite(request_id):
        raise ProtocolError(INVALID_REQUEST, "'id' is too large a number")
    if message.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, "'jsonrpc' must be \"2.0\"", request_id)
    method, params = message.get("method"), message.get("params", {})
    if not isinstance(method, str):
        raise ProtocolError(INVALID_REQUEST, "'method' must be a text", request_id)
    if not isinstance(params, dict):
        raise ProtocolError(INVALID_PARAMS, "'params' must be an object of names", request_id)
    return Request(
        method=method,
        params=cast("dict[str, object]", params),
        request_id=request_id,
        is_notification="id" not in message,
    )


def _refuse_constant(text: str) -> None:
    """Refuse NaN and the infinities, which Python's parser would take."""
    raise ValueError(f"{text} is not JSON")


def long_result_line(request_id: RequestId, result: object) -> bytes:
    """Write what `result_line` writes, in steps: in a thread, so that the loop goes on meanwhile.

    `json.dumps` lets nobody else of the process run until it is done.
    """
    message = {"jsonrpc": "2.0", "id": request_id, "result": result}
    return "".join(_ENCODER.iterencode(message)).encode(errors="backslashreplace") + b"\n"


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _line(message: Mapping[str, object]) -> bytes:
    return (
        json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(
            errors="backslashreplace"
        )
        + b"\n"
    )
