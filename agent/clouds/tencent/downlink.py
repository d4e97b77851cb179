"""What Tencent says to a device: topic and JSON in, a neutral message out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from agent.clouds.names import Names, take_values
from agent.clouds.payload import MAX_PARAMS, Body, load, number, table, text
from agent.errors import CodecError
from agent.messages import (
    Ack,
    ActionCall,
    BadRequest,
    Downlink,
    Notice,
    PropertySet,
    Refusal,
    RefusalKind,
    ResyncAnswer,
    TimeAnswer,
)
from agent.model import Values
from agent.thing import Kind, Thing

ACKS: Final = frozenset(
    ["report_reply", "report_info_reply", "event_reply", "events_reply", "clear_control_reply"]
)
KINDS: Final[Mapping[int, RefusalKind]] = {
    400: RefusalKind.MALFORMED,
    403: RefusalKind.UNKNOWN_NAME,
    406: RefusalKind.OUT_OF_RANGE,
}
"""The platform's codes for a report; 405 (time stamp) and 503 (internal) blame no identifier."""

NOTICES: Final = frozenset(["unbind_device", "bind_device"])
_MAX_REASON: Final = 256


class Downlinks:
    """The decoders of one device, by topic."""

    def __init__(self, *, device: str, prefix: str, names: Names, thing: Thing[Any]) -> None:
        self._prefix = prefix
        self._names = names
        self._kinds = {row.field.name: row.field.kind for row in thing.properties}
        self._inputs = {
            action.name: {field.name: field.kind for field in action.inputs}
            for action in thing.actions
        }
        self._decoders: Mapping[str, Callable[[Body], Downlink | None]] = {
            f"$thing/down/property/{device}": self._property,
            f"$thing/down/event/{device}": self._event,
            f"$thing/down/action/{device}": self._action,
            f"$thing/down/service/{device}": _service,
            f"$ota/update/{device}": _update,
            f"$sys/operation/result/{device}": _time,
        }

    @property
    def topics(self) -> Sequence[str]:
        """The topics that are understood."""
        return tuple(self._decoders)

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message; None for one that is not meant for us; raise `CodecError`."""
        decoder = self._decoders.get(topic)
        return None if decoder is None else decoder(load(payload))

    def _property(self, body: Body) -> Downlink | None:
        method = text(body, "method")
        if method == "control":
            return self._control(body)
        if method == "get_status_reply":
            return self._status(body)
        return self._ack(body) if method in ACKS else None

    def _event(self, body: Body) -> Downlink | None:
        return self._ack(body) if text(body, "method") in ACKS else None

    def _control(self, body: Body) -> PropertySet | BadRequest:
        token = text(body, "clientToken")
        values = self._values(table(body, "params"), self._kinds)
        if isinstance(values, Refusal):
            return BadRequest(request_id=token, refusal=values)
        return PropertySet(request_id=token, values=values)

    def _action(self, body: Body) -> ActionCall | BadRequest | None:
        if text(body, "method") != "action":
            return None
        token, wire_id = text(body, "clientToken"), text(body, "actionId")
        name = self._names.name(wire_id)
        if name is None:
            refusal = Refusal(
                kind=RefusalKind.UNKNOWN_NAME, reason=f"no action is called {wire_id:.80}"
            )
            return BadRequest(request_id=token, refusal=refusal, context="action")
        values = self._inputs_of(name, body)
        if isinstance(values, Refusal):
            return BadRequest(request_id=token, refusal=values, context="action")
        return ActionCall(request_id=token, name=name, values=values)

    def _inputs_of(self, action: str, body: Body) -> Values | Refusal:
        params: Body | None = {} if body.get("params") is None else table(body, "params")
        if params is None or len(params) > MAX_PARAMS:
            return _MALFORMED
        return take_values(params, {key: key for key in params}, self._inputs.get(action, {}))

    def _values(self, params: Body | None, kinds: Mapping[str, Kind]) -> Values | Refusal:
        if params is None or len(params) > MAX_PARAMS:
            return _MALFORMED
        return take_values(params, {key: self._names.name(key) for key in params}, kinds)

    def _status(self, body: Body) -> ResyncAnswer | None:
        """Take the answer to `get_status`; a stored control that is no control sets nothing.

        Such a one is still executed, that is refused whole, answered and cleared: or it would
        come again after every connect.
        """
        token = text(body, "clientToken")
        if not token.startswith(self._prefix):
            return None
        control = table(table(body, "data") or {}, "control")
        stored = None
        if control:
            values = self._values(control, self._kinds)
            stored = PropertySet(
                request_id=token,
                values={} if isinstance(values, Refusal) else values,
                is_live=False,
            )
        return ResyncAnswer(message_id=token.removeprefix(self._prefix), stored=stored)

    def _ack(self, body: Body) -> Ack | None:
        token = text(body, "clientToken")
        if not token.startswith(self._prefix):
            return None
        code, status = body.get("code"), body.get("status")
        if not isinstance(code, int):
            raise CodecError("a reply of the platform has no code")
        return Ack(
            message_id=token.removeprefix(self._prefix),
            is_accepted=code == 0,
            code=code,
            reason=status[:_MAX_REASON] if isinstance(status, str) else "",
            kind=KINDS.get(code),
        )


def _service(body: Body) -> Notice | None:
    method = text(body, "method")
    return Notice(name=method) if method in NOTICES else None


def _update(body: Body) -> Notice | None:
    """Tell of a firmware task; the agent updates through its own package, not through this."""
    kind = text(body, "type")
    if kind != "update_firmware":
        return None
    version = body.get("version")
    return Notice(name=kind, text=version[:64] if isinstance(version, str) else "")


def _time(body: Body) -> TimeAnswer | None:
    if text(body, "type") != "get":
        return None
    received, sent = number(body, "ntptime1"), number(body, "ntptime2")
    if received is not None and sent is not None:
        return TimeAnswer(server_received=received / 1000, server_sent=sent / 1000)
    seconds = number(body, "time")
    if seconds is None:
        raise CodecError("the platform's clock is no number")
    return TimeAnswer(server_received=seconds, server_sent=seconds)


_MALFORMED: Final = Refusal(
    kind=RefusalKind.MALFORMED,
    reason=f"params must be an object of at most {MAX_PARAMS} identifiers",
)
