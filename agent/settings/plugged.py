"""Sections of plug-ins in the places of our own: each file's class is made for what it names."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cache
from typing import Annotated, Any, Final, NamedTuple, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, Discriminator, Tag, create_model
from pydantic.fields import FieldInfo

from agent import plugins
from agent.plugins import PluginError
from agent.settings.allowed import choices
from agent.settings.dimmers import DimmerSettings
from agent.settings.document import Document, dotted
from agent.settings.faults import Fault, shown
from agent.settings.generic import TitledSettings
from agent.settings.gestures import GestureSettings
from agent.settings.light import LightSettings
from agent.settings.locate import KeyPath
from agent.settings.meters import ChipSettings, OtherMeterSettings
from agent.settings.names import nearest
from agent.settings.relays import ContactSettings
from agent.settings.section import Plugged, Section, alternatives, driver_or
from agent.settings.sensors import SensorSettings
from agent.settings.strip import NamedSettings

S = TypeVar("S", bound=Section)

MADE_OF: Final[tuple[tuple[type[Section], type[Section]], ...]] = (
    (ContactSettings, ContactSettings),
    (DimmerSettings, DimmerSettings),
    (SensorSettings, SensorSettings),
    (GestureSettings, GestureSettings),
    (LightSettings, LightSettings),
    (ChipSettings, OtherMeterSettings),
)
"""Where a section of ours is one of the first, a plug-in's has to be made of the second."""


BESIDE: Final = (TitledSettings, NamedSettings)
"""What a section of ours has beside what its driver needs: a plug-in's has it too."""


class Found(NamedTuple):
    """A section of a plug-in's, in a key of `[device]` or in a table there."""

    key: str
    driver: str
    model: type[Section]


class Unplugged(NamedTuple):
    """A driver that does not work, or that nobody knows: where, and why (None: not known)."""

    path: KeyPath
    driver: str
    error: PluginError | None


def with_plugged(model: type[S], table: object) -> tuple[type[S], Sequence[Unplugged]]:
    """Give *model* for a file with *table*, and tell which drivers in it do not work.

    Plug-ins are only looked at for names that are not our own.
    """
    found: set[Found] = set()
    unplugged: list[Unplugged] = []
    for path, key, driver in _foreign(model, table):
        try:
            section = _section(model.model_fields[key], driver)
        except PluginError as error:
            unplugged.append(Unplugged(path, driver, error))
            continue
        if section is None:
            unplugged.append(Unplugged(path, driver, None))
        else:
            found.add(Found(key, driver, section))
    return cast("type[S]", _made(model, frozenset(found))) if found else model, unplugged


def unplugged_faults(
    document: Document, faults: Sequence[Fault], unplugged: Sequence[Unplugged]
) -> list[Fault]:
    """Say of each driver that does not work why, and of an unknown one which plug-ins there are.

    The rest of its section nobody can judge.
    """
    told = list(faults)
    for each in unplugged:
        place = document.place(("device", *each.path))
        before = next((fault for fault in told if fault.key == place.key), None)
        within = dotted(("device", *each.path[:-1]))
        told = [
            fault
            for fault in told
            if fault.key != place.key and not f"{fault.key}.".startswith(f"{within}.")
        ]
        if each.error is not None:
            found, allowed, hint = each.error.found, "a plug-in that works", ""
        else:
            own = before.allowed.split(" | ") if before else []
            known = (*own, *plugins.names(plugins.DRIVERS))
            found, allowed, hint = (
                shown(each.driver),
                " | ".join(known),
                nearest(each.driver, known),
            )
        told.append(place.fault(found=found, allowed=allowed, hint=hint))
    return told


def _foreign(model: type[Section], table: object) -> Iterator[tuple[KeyPath, str, str]]:
    """List the drivers in *table* that no section of ours has: path, key of the model, name.

    Where there is only one driver, nothing can be chosen.
    """
    for key, field in model.model_fields.items():
        own = _drivers(_own(field))
        for path, section in _written(table, key, field) if len(own) > 1 else ():
            driver = section.get("driver")
            if isinstance(driver, str) and driver not in own:
                yield (*path, "driver"), key, driver


def _written(
    table: object, key: str, field: FieldInfo
) -> Iterator[tuple[KeyPath, Mapping[str, object]]]:
    """List the sections that stand at *key*, or in the table or list there."""
    if not isinstance(table, Mapping):
        return
    found: object = cast("Mapping[str, object]", table).get(key)
    places: list[tuple[KeyPath, object]] = [((key,), found)]
    if get_origin(field.annotation) is dict:
        named = cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}
        places = [((key, name), each) for name, each in named.items()]
    elif get_origin(field.annotation) is tuple:
        listed = cast("list[object]", found) if isinstance(found, list) else []
        places = [((key, place), each) for place, each in enumerate(listed)]
    for path, section in places:
        if isinstance(section, Mapping):
            yield path, cast("Mapping[str, object]", section)


def _inner(field: FieldInfo) -> object:
    """Give what a key holds, or each key of its table or item of its list."""
    arguments = get_args(field.annotation)
    if get_origin(field.annotation) is dict:
        return arguments[1]
    return arguments[0] if get_origin(field.annotation) is tuple else field.annotation


def _own(field: FieldInfo) -> tuple[type[Section], ...]:
    """List the sections of ours that may stand there."""
    kinds = alternatives(_inner(field))
    found = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)]
    return tuple(kind for kind in found if "driver" in kind.model_fields)


def _drivers(sections: Sequence[type[Section]]) -> tuple[str, ...]:
    return tuple(each for section in sections for each in choices(section.model_fields["driver"]))


def _section(field: FieldInfo, driver: str) -> type[Section] | None:
    """Find the section of a plug-in for the place of *field*; raise `PluginError`."""
    own = _own(field)
    base = next(
        (need for of, need in MADE_OF if any(issubclass(each, of) for each in own)), Section
    )
    section = plugins.settings_of(plugins.DRIVERS, driver, base)
    if section is None:
        return None
    known = section.model_fields.get("driver")
    if known is None or driver not in choices(known):
        what = f'whose Settings has no key driver: Literal["{driver}"]'
        raise PluginError(driver, section.__module__, what)
    beside = tuple(each for each in BESIDE if issubclass(own[0], each))
    return _marked(section, tuple(each for each in beside if not issubclass(section, each)))


@cache
def _marked(section: type[Section], beside: tuple[type[Section], ...]) -> type[Section]:
    bases: tuple[type[Section], ...] = (section, *beside, Plugged)
    return create_model(section.__name__, __base__=bases, __module__=section.__module__)


@cache
def _made(model: type[Section], found: frozenset[Found]) -> type[Section]:
    """Make the class of a file that names these."""
    changed: dict[str, Any] = {}
    for key in sorted({each.key for each in found}):
        field = copy(model.model_fields[key])
        own = _own(field)
        plugged = [each.model for each in sorted(found) if each.key == key]
        union = _union((*own, *plugged), _default(own))
        annotation: Any = union
        if get_origin(field.annotation) is dict:
            annotation = dict.__class_getitem__((get_args(field.annotation)[0], union))
        elif get_origin(field.annotation) is tuple:
            annotation = tuple.__class_getitem__((union, ...))
        field.annotation, field.discriminator = annotation, None
        field.metadata = [each for each in field.metadata if not isinstance(each, Discriminator)]
        changed[key] = (annotation, field)
    return create_model(model.__name__, __base__=model, __module__=model.__module__, **changed)


def _default(own: Sequence[type[Section]]) -> str:
    """Tell which driver is meant where none is named."""
    given = (section.model_fields["driver"].default for section in own)
    return next((each for each in given if isinstance(each, str)), "")


def _union(sections: Sequence[type[BaseModel]], default: str) -> Any:  # noqa: ANN401 - an annotation
    tagged = tuple(
        Annotated[section, Tag(choice)]
        for section in sections
        for choice in choices(section.model_fields["driver"])
    )
    return Annotated[Union[tagged], Discriminator(driver_or(default))]  # noqa: UP007 - it is made here
