"""The rule of a plug-in's section: what a configuration may say to its driver."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeGuard

from pydantic import BaseModel, ValidationError

from agent.conformance.drivers.bench import raised
from agent.conformance.rule import shown, tried

UNKNOWN: Final = "no_driver_has_this_key"
METHODS: Final[Mapping[str, str]] = {"meter": "readings", "thermometer": "celsius"}


def section_findings(
    factory: Callable[..., object], section: Mapping[str, object], role: str
) -> Iterator[str]:
    """Say what is wrong with a factory, its `Settings`, and what it makes of *section*."""
    model: object = getattr(factory, "Settings", None)
    if not is_model(model):
        yield f"its Settings is {shown(model)}, no pydantic model"
        return
    if "driver" not in model.model_fields:
        yield "its Settings has no key 'driver', which names it in a configuration"
    settings, error = tried(lambda: model.model_validate(section))
    if error is not None or settings is None:
        yield f"its Settings refuses its own section {shown(dict(section))}: {raised_in(error)}"
        return
    if tried(lambda: model.model_validate({**section, UNKNOWN: 1}))[1] is None:
        yield "its Settings takes a key that it does not know: write extra='forbid'"
    if not model.model_config.get("frozen"):
        yield "its Settings can be changed: write frozen=True"
    driver, error = tried(lambda: factory(settings, None))
    if error is not None:
        yield f"the factory raised {raised(error)}"
        return
    method = METHODS.get(role, "open")
    if not callable(getattr(driver, method, None)):
        yield f"the factory makes {shown(driver)}, which is no {role}: it has no {method}()"


def is_model(found: object) -> TypeGuard[type[BaseModel]]:
    """Tell whether something is the class of a section."""
    return isinstance(found, type) and issubclass(found, BaseModel)


def raised_in(error: Exception | None) -> str:
    """Show the first fault of a section in one line, without what was found."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return shown(error)
