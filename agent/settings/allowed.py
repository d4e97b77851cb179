"""What a key may hold, in words for a person: read from the declarations, written once."""

from collections.abc import Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from agent.settings.section import alternatives

Declared = type[BaseModel] | FieldInfo
"""A section, or one key of it."""


def allowed_text(declared: Declared) -> str:
    """Tell what *declared* may hold: a range, the choices, or the kind of value."""
    if not isinstance(declared, FieldInfo):
        return f"a table with {' | '.join(declared.model_fields)}"
    if declared.description:
        return declared.description
    return _words(declared.annotation, declared.metadata)


def choices(declared: Declared) -> tuple[str, ...]:
    """List the words that a key may hold: those of its Literals."""
    if not isinstance(declared, FieldInfo):
        return ()
    return tuple(
        str(choice)
        for kind in alternatives(declared.annotation)
        if get_origin(kind) is Literal
        for choice in get_args(kind)
    )


def step_into(declared: Declared, key: str, table: Mapping[str, object]) -> Declared | None:
    """Find the declaration of *key* in the section *declared* that *table* fills."""
    if isinstance(declared, FieldInfo) and get_origin(declared.annotation) is dict:
        return FieldInfo.from_annotation(get_args(declared.annotation)[1])
    for section in sections_of(declared, table):
        if key in section.model_fields:
            return section.model_fields[key]
    return None


def sections_of(declared: Declared, table: Mapping[str, object]) -> Sequence[type[BaseModel]]:
    """List the sections that *table* may fill; its `driver` tells alternatives apart."""
    kinds = _items(declared.annotation) if isinstance(declared, FieldInfo) else (declared,)
    sections = [kind for kind in kinds if _is_section(kind)]
    driver = table.get("driver")
    fitting = [
        section
        for section in sections
        if "driver" in section.model_fields and driver in choices(section.model_fields["driver"])
    ]
    return fitting or sections


def homes_of(name: str, declared: Declared, at: tuple[str, ...]) -> tuple[str, ...]:
    """List the sections inside *declared*, which stands at *at*, that have a key *name*."""
    found: tuple[str, ...] = ()
    for section in sections_of(declared, {}):
        if name in section.model_fields:
            found = (*found, f"[{'.'.join(at)}]")
        for key, inner in section.model_fields.items():
            found = (*found, *homes_of(name, inner, (*at, key)))
    if isinstance(declared, FieldInfo) and get_origin(declared.annotation) is tuple:
        found = tuple(f"[{home}]" for home in found)
    return tuple(dict.fromkeys(found))


def drivers_with(name: str, declared: Declared) -> tuple[str, ...]:
    """List the drivers of *declared*, a section with alternatives, that have a key *name*."""
    return tuple(
        dict.fromkeys(
            driver
            for section in sections_of(declared, {})
            if name in section.model_fields and "driver" in section.model_fields
            for driver in choices(section.model_fields["driver"])
        )
    )


def _items(annotation: object) -> tuple[type[BaseModel], ...]:
    """Take unions apart, and lists: of those what each item may be."""
    kinds = alternatives(annotation)
    inner = (_items(get_args(kind)[0]) if get_origin(kind) is tuple else (kind,) for kind in kinds)
    return tuple(kind for each in inner for kind in each)


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _words(annotation: object, metadata: Iterable[object] = ()) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated_words(arguments[0], arguments[1:])
    if origin in (Union, UnionType):
        kinds = [_words(kind, metadata) for kind in arguments if kind is not NoneType]
        return " | ".join(dict.fromkeys(kinds))
    if origin is Literal:
        return " | ".join(str(choice) for choice in arguments)
    if origin is tuple:
        return f'a list: ["…"] of {_plural(_words(arguments[0]))}'
    if origin is dict:
        return "a table"
    return _plain_words(annotation, metadata)


def _annotated_words(annotation: object, metadata: Sequence[object]) -> str:
    known: list[object] = []
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            if mark.description:
                return mark.description
            known.extend(cast("list[object]", mark.metadata))
    return _words(annotation, known)


def _plain_words(annotation: object, metadata: Iterable[object]) -> str:
    if annotation is bool:
        return "true | false"
    if annotation is int:
        return _range("a whole number", metadata)
    if annotation is float:
        return _range("a number", metadata)
    return "a text" if annotation is str or annotation is SecretStr else "a table"


def _range(kind: str, metadata: Iterable[object]) -> str:
    lowest, highest = "", ""
    for mark in metadata:
        match mark:
            case Ge(ge=bound):
                lowest = f"{bound}"
            case Gt(gt=bound):
                lowest = f"above {bound}"
            case Le(le=bound):
                highest = f"to {bound}"
            case _:
                continue
    limits = f"{lowest} {highest}".strip()
    return limits or kind


def _plural(words: str) -> str:
    return "texts" if words == "a text" else words
