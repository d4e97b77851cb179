"""The control API: what a platform's app and its cloud API would do, as HTTP and JSON."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.emulator.cloud import Reply
from agent.emulator.desk import Desk
from agent.emulator.faults import Fault
from agent.emulator.fields import FieldError, read_command, read_letter
from agent.emulator.journal import Entry
from agent.emulator.json_text import JsonError, as_object, decode
from agent.emulator.platform import NotSupportedError, RequestError
from agent.emulator.values import DeviceKey, Json
from agent.emulator.web import HttpRequest, HttpResponse, error_response, json_response
from agent.errors import AgentError

DEFAULT_WAIT_S: Final = 5.0
MAX_WAIT_S: Final = 60.0
PAGE: Final = Path(__file__).parent / "page.html"
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _RefusedError(AgentError):
    """A request that is answered with an error status and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Api:
    """Answer the requests of the control API for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; every error has a reason."""
        try:
            _check_origin(request)
            return await self._route(request)
        except _RefusedError as error:
            return error_response(error.status, str(error))
        except NotSupportedError as error:
            return error_response(501, str(error))
        except (FieldError, JsonError, RequestError) as error:
            return error_response(400, str(error))

    async def _route(self, request: HttpRequest) -> HttpResponse:
        match request.method, request.path:
            case "GET", ("",):
                return _page()
            case "GET", ("devices",):
                return json_response(200, {"devices": self._desk.devices()})
            case _, ("devices", cloud, product, name, *rest):
                return await self._answer_for(self._device(cloud, product, name), rest, request)
            case (("GET" | "POST" | "DELETE"), ("faults",)):
                return self._change_faults(request)
            case _:
                raise _no_route(request)

    async def _answer_for(
        self, device: DeviceKey, rest: list[str], request: HttpRequest
    ) -> HttpResponse:
        desk = self._desk
        match request.method, rest:
            case "GET", []:
                return json_response(200, desk.describe(device))
            case "GET", ["messages"]:
                return self._messages(device, request)
            case "POST", ["messages"]:
                letter = read_letter(_document(request))
                return json_response(200, {"sent": desk.send_message(device, letter)})
            case "POST", ["properties" | "desired" | "commands" | "actions", *names]:
                return _reply(await self._ask(device, rest[0], names, request))
            case _:
                raise _no_route(request)

    async def _ask(
        self, device: DeviceKey, what: str, names: list[str], request: HttpRequest
    ) -> Reply:
        """Make a request that the device answers."""
        desk, timeout_s = self._desk, _timeout(request)
        match what, names:
            case "properties", []:
                return await desk.set_properties(device, _values(request), timeout_s=timeout_s)
            case "desired", []:
                return await desk.desire(device, _document(request), timeout_s=timeout_s)
            case "commands", []:
                payload = read_command(_document(request))
                return await desk.command(device, payload, timeout_s=timeout_s)
            case "actions", [name]:
                values = _values(request)
                return await desk.call_action(device, name, values, timeout_s=timeout_s)
            case _:
                raise _no_route(request)

    def _device(self, cloud: str, product: str, name: str) -> DeviceKey:
        found = self._desk.find(cloud, product, name)
        if found is None:
            raise _RefusedError(404, f"no device is {cloud}/{product}/{name}; see GET /devices")
        return found

    def _messages(self, device: DeviceKey, request: HttpRequest) -> HttpResponse:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 20):
            raise _RefusedError(400, f"after is a message's number, not {after!r:.40}")
        entries = self._desk.messages(device, after=int(after))
        return json_response(200, {"messages": [_message(entry) for entry in entries]})

    def _change_faults(self, request: HttpRequest) -> HttpResponse:
        document: dict[str, Json] = {}
        if request.method == "POST":
            document["struck"] = self._desk.add_fault(_document(request))
        elif request.method == "DELETE":
            self._desk.clear_faults()
        return json_response(200, document | {"faults": _faults(self._desk.faults())})


def _no_route(request: HttpRequest) -> _RefusedError:
    return _RefusedError(404, f"there is no {request.method} /{'/'.join(request.path):.200}")


def _check_origin(request: HttpRequest) -> None:
    """Refuse what a page of another site, or a name that was pointed here, could send."""
    host = request.headers.get("host", "")
    if not _is_loopback(host):
        raise _RefusedError(403, f"the Host header names this machine's loopback, not {host!r:.80}")
    origin = request.headers.get("origin")
    if origin is not None and not _is_loopback(origin.partition("://")[2]):
        raise _RefusedError(403, f"pages of {origin!r:.80} may not use this")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and content_type != "application/json":
        raise _RefusedError(415, "a POST has Content-Type: application/json")


def _is_loopback(host: str) -> bool:
    name, bracket, _ = host.partition("]")
    name = name + bracket if bracket else host.partition(":")[0]
    if name.lower() in {"localhost", "[::1]"}:
        return True
    parts = name.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(_is_octet(part) for part in parts)


def _is_octet(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:4]) <= 255


def _document(request: HttpRequest) -> dict[str, Json]:
    document = as_object(decode(request.body))
    if document is None:
        raise _RefusedError(400, "the body is a JSON object")
    return document


def _values(request: HttpRequest) -> dict[str, Json]:
    return _document(request) if request.body.strip() else {}


def _timeout(request: HttpRequest) -> float:
    text = request.query.get("timeout")
    if text is None:
        return DEFAULT_WAIT_S
    try:
        timeout_s = float(text)
    except ValueError:
        timeout_s = math.nan
    if not 0 < timeout_s <= MAX_WAIT_S:
        raise _RefusedError(400, f"timeout is seconds, at most {MAX_WAIT_S:g}, not {text!r:.40}")
    return timeout_s


def _reply(reply: Reply) -> HttpResponse:
    """Tell what the device answered; 202 when it was not asked, 504 when it did not."""
    document: dict[str, Json] = {
        "code": reply.code,
        "message": reply.message,
        "elapsed_ms": reply.elapsed_ms,
    }
    if reply.outcome == "answered":
        return json_response(200, document | {"output": reply.output})
    if reply.outcome == "kept":
        return json_response(202, document | {"pending": True})
    return json_response(504, document | {"error": reply.outcome, "pending": reply.is_pending})


def _message(entry: Entry) -> Json:
    return {
        "number": entry.number,
        "time": entry.wall_time,
        "direction": entry.direction,
        "topic": entry.topic,
        "qos": entry.qos,
        "payload": entry.payload.decode(errors="backslashreplace"),
    }


def _faults(active: Sequence[Fault]) -> Json:
    return [
        {
            "kind": fault.kind,
            "device": None if fault.target.name is None else _target(fault),
            "count": fault.count,
        }
        for fault in active
    ]


def _target(fault: Fault) -> str:
    cloud = f"{fault.target.cloud}/" if fault.target.cloud else ""
    return f"{cloud}{fault.target.product}:{fault.target.name}"


def _page() -> HttpResponse:
    return HttpResponse(
        status=200,
        body=PAGE.read_bytes(),
        content_type="text/html; charset=utf-8",
        headers=(("Content-Security-Policy", PAGE_POLICY),),
    )
