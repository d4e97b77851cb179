"""Methods of the control API, each described once: what it does, and what it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Final, Protocol, assert_never, cast

from agent.errors import ParamsError
from agent.model import Origin
from agent.settings.names import nearest

Params = Mapping[str, object]
Run = Callable[[Origin, Params], object]
"""Does it and returns what JSON holds, or a coroutine of that; raises `ControlError`."""


class Channel(Protocol):
    """One connected client, which can be told more than answers."""

    @property
    def origin(self) -> Origin:
        """Who is at the other end."""
        ...

    def tell(self, line: bytes, on_room: Callable[[], None]) -> bool:
        """Tell it, now or when it reads on.

        False where too much waits for it already: *on_room* is called when that has been told.
        """
        ...

    def add_end(self, call: Callable[[], None]) -> None:
        """Call *call* when the client has gone."""
        ...

    def discard_end(self, call: Callable[[], None]) -> None:
        """Forget *call*."""
        ...


Stream = Callable[[Channel, Params], object]
"""Like `Run`, of a method whose client is told more later."""

VALUE_TYPES: Final = (bool, int, float, str)


class ParamKind(StrEnum):
    """What a parameter is."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    SWITCH = "true or false"
    TEXTS = "list of texts"
    VALUES = "object of names and values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter. A text's `maximum` is its length, a list's the number of its items."""

    name: str
    kind: ParamKind
    summary: str
    is_needed: bool = False
    minimum: float = 0
    maximum: float = 200
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One method, by its name."""

    name: str
    summary: str
    run: Run
    params: tuple[Param, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """One method that works with the connection it is asked over."""

    name: str
    summary: str
    run: Stream
    params: tuple[Param, ...] = ()


Method = Described | Streamed


class Part(Protocol):
    """Some methods of one area."""

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods, described."""
        ...


DEVICE: Final = Param(
    name="device",
    kind=ParamKind.TEXT,
    summary="its id; may be left out where there is only one",
    maximum=64,
)


def checked(described: Method, params: Params) -> Params:
    """Return *params* if they are what the method takes; raise `ParamsError` that says what is."""
    known = {param.name: param for param in described.params}
    unknown = sorted(set(params) - set(known))
    if unknown:
        hint = nearest(unknown[0], tuple(known))
        allowed = ", ".join(sorted(known)) or "none"
        text = f"unknown parameter {unknown[0]!r:.80}; {f'{hint} ' if hint else ''}known: {allowed}"
        raise ParamsError(text, key=unknown[0][:80])
    for name, param in known.items():
        value = params.get(name)
        if value is not None:
            _check(param, value)
        elif param.is_needed:
            raise ParamsError(f"{name!r} is needed: {_allowed(param)}", key=name)
    return params


_KINDS: Final = {
    ParamKind.TEXTS: "a list of texts",
    ParamKind.VALUES: "an object of names and values",
}
NO_UNICODE: Final = (
    "it has characters that are no Unicode: type it in a terminal whose encoding is UTF-8 (see"
    " `locale`), or with ASCII letters only"
)


def table_of(methods: Sequence[Method]) -> dict[str, Run]:
    """Make the methods by name, each of which checks what it is given first."""
    return {each.name: _checking(each) for each in methods if isinstance(each, Described)}


def streams_of(methods: Sequence[Method]) -> dict[str, Stream]:
    """Make those that work with their connection by name, checking likewise."""
    return {each.name: _streaming(each) for each in methods if isinstance(each, Streamed)}


def description(method: Method) -> Mapping[str, object]:
    """Describe a method as JSON holds it."""
    return {
        "name": method.name,
        "summary": method.summary,
        "params": [_param(param) for param in method.params],
    }


def _param(param: Param) -> Mapping[str, object]:
    return {
        "name": param.name,
        "kind": param.kind.value,
        "summary": param.summary,
        "is_needed": param.is_needed,
        "allowed": _allowed(param),
        "choices": list(param.choices),
    }


def _checking(described: Described) -> Run:
    return lambda origin, params: described.run(origin, checked(described, params))


def _streaming(streamed: Streamed) -> Stream:
    return lambda channel, params: streamed.run(channel, checked(streamed, params))


def _check(param: Param, value: object) -> None:
    if not _fits(param, value):
        why = NO_UNICODE if _is_torn(value) else f"allowed: {_allowed(param)}"
        raise ParamsError(f"{param.name} is {value!r:.80}; {why}", key=param.name)


def _fits(param: Param, value: object) -> bool:
    match param.kind:
        case ParamKind.SWITCH:
            return isinstance(value, bool)
        case ParamKind.TEXT:
            return _is_text(param, value)
        case ParamKind.NUMBER | ParamKind.WHOLE:
            return _is_number(param, value)
        case ParamKind.TEXTS:
            return _is_list(param, value)
        case ParamKind.VALUES:
            return _is_object(param, value)
        case _:
            assert_never(param.kind)


def _is_list(param: Param, value: object) -> bool:
    items = cast("list[object]", value) if isinstance(value, list) else None
    if items is None or len(items) > param.maximum:
        return False
    return all(isinstance(item, str) and _is_choice(param, item) for item in items)


def _is_object(param: Param, value: object) -> bool:
    pairs = cast("Mapping[object, object]", value) if isinstance(value, Mapping) else None
    if not pairs or len(pairs) > param.maximum:
        return False
    return all(isinstance(item, VALUE_TYPES) for item in pairs.values())


def _is_text(param: Param, value: object) -> bool:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= param.maximum:
        return False
    return not _is_torn(value) and _is_choice(param, value)


def _is_torn(value: object) -> bool:
    """Tell whether a text can be written nowhere: half of a surrogate pair is in it."""
    return isinstance(value, str) and any("\ud800" <= each <= "\udfff" for each in value)


def _is_choice(param: Param, value: str) -> bool:
    return not param.choices or value in param.choices


def _is_number(param: Param, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if param.kind is ParamKind.WHOLE and not isinstance(value, int):
        return False
    is_finite = isinstance(value, int) or isfinite(value)
    return is_finite and param.minimum <= value <= param.maximum


def _allowed(param: Param) -> str:
    if param.choices:
        listed = ", ".join(param.choices)
        return f"a list of: {listed}" if param.kind is ParamKind.TEXTS else f"one of: {listed}"
    match param.kind:
        case ParamKind.NUMBER | ParamKind.WHOLE:
            return f"a {param.kind.value} from {param.minimum:.16g} to {param.maximum:.16g}"
        case ParamKind.TEXT:
            return f"a text of 1 to {param.maximum:g} characters"
        case ParamKind.TEXTS | ParamKind.VALUES:
            return f"{_KINDS[param.kind]}, at most {param.maximum:g}"
        case ParamKind.SWITCH:
            return param.kind.value
        case _:
            assert_never(param.kind)
