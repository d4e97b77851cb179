"""The rule of a plug-in's section: what a configuration may say to its factory."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeGuard

from pydantic import BaseModel, ValidationError

from agent.attempt import tried
from agent.conformance.rule import Examined, Finding, shown
from agent.conformance.subject import Subject
from agent.settings.clouds import CloudSettings

SECTION_RULE: Final = "plug-in-section"
STATEMENT: Final = "its Settings takes its section, and nothing that it does not know"
UNKNOWN: Final = "nobody_has_this_key"
METHODS: Final[Mapping[str, str]] = {"meter": "readings", "thermometer": "celsius"}
"""What makes a driver of a role; of all others it is `open`."""


def examined_section(whats: Iterable[str]) -> Examined:
    """Put what was found into words of the rule."""
    findings = tuple(Finding(rule=SECTION_RULE, what=what) for what in whats)
    return Examined(rule=SECTION_RULE, statement=STATEMENT, findings=findings)


def driver_section(
    factory: Callable[..., object], section: Mapping[str, object], role: str
) -> Iterator[str]:
    """Say what is wrong with a factory, its `Settings`, and what it makes of *section*."""
    model: object = getattr(factory, "Settings", None)
    if not _is_model(model):
        yield f"its Settings is {shown(model)}, no pydantic model"
        return
    if "driver" not in model.model_fields:
        yield "its Settings has no key 'driver', which names it in a configuration"
    settings, error = tried(lambda: model.model_validate(section))
    if settings is None:
        yield f"its Settings refuses its own section: {first_fault(error)}"
        return
    yield from _closed(model, section)
    driver, error = tried(lambda: factory(settings, None))
    method = METHODS.get(role, "open")
    if error is not None:
        yield f"the factory raised {shown(error)}"
    elif not callable(getattr(driver, method, None)):
        yield f"the factory makes {shown(driver)}, which is no {role}: it has no {method}()"


def cloud_section(subject: Subject) -> Iterator[str]:
    """Say what is wrong with the `Settings` of a codec's factory, and its section."""
    model: object = getattr(subject.factory, "Settings", None)
    if not _is_model(model) or not issubclass(model, CloudSettings):
        yield f"its Settings is {shown(model)}, no CloudSettings (agent.settings.clouds)"
        return
    if type(subject.settings) is not model:
        yield f"the settings that are examined are no {model.__name__}"
    written = {key: getattr(subject.settings, key) for key in subject.settings.model_fields_set}
    yield from _closed(model, written)
    missing = [each for each in model.IDENTITY if each not in model.model_fields]
    if missing:
        yield f"IDENTITY names {', '.join(missing)}, which the section does not have"


def _closed(model: type[BaseModel], section: Mapping[str, object]) -> Iterator[str]:
    if tried(lambda: model.model_validate({**section, UNKNOWN: 1}))[1] is None:
        yield "its Settings takes a key that it does not know: write extra='forbid'"
    if not model.model_config.get("frozen"):
        yield "its Settings can be changed: write frozen=True"


def _is_model(found: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(found, type) and issubclass(found, BaseModel)


def first_fault(error: Exception | None) -> str:
    """Show the first fault of a section in one line, without what was found."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return shown(error)
