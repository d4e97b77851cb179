"""What a load gathers on its way, so that everything can be told at once."""

from dataclasses import dataclass, field
from typing import TypeVar, cast

from pydantic import ValidationError

from agent.settings.document import Document
from agent.settings.faults import ENVIRONMENT, ConfigFaults, Fault, faults_of
from agent.settings.locate import KeyPath
from agent.settings.not_yet import NotYetError
from agent.settings.section import Section

S = TypeVar("S", bound=Section)


@dataclass(slots=True, kw_only=True)
class Findings:
    """Faults, what is for a later version, and warnings: in the order of the files."""

    faults: list[Fault] = field(default_factory=list[Fault])
    later: list[Fault] = field(default_factory=list[Fault])
    warnings: list[str] = field(default_factory=list[str])

    def section(self, model: type[S], document: Document, at: KeyPath) -> S | None:
        """Validate the table at *at*; note its faults and give None where it has some."""
        value = value_at(document, at)
        try:
            return model.model_validate(value)
        except ValidationError as error:
            self.faults += faults_of(
                error, section=model, value=value, at=at, locator=document.place
            )
        return None

    def raise_if_any(self) -> None:
        """Raise what was gathered, faults before what is for later."""
        if self.faults:
            raise ConfigFaults(sorted(self.faults, key=_order))
        if self.later:
            raise NotYetError(sorted(self.later, key=_order))


def _order(fault: Fault) -> tuple[bool, str, int]:
    return (fault.file == ENVIRONMENT, fault.file, fault.line or 0)


def value_at(document: Document, path: KeyPath) -> object:
    """Give what stands at *path*, or None."""
    value: object = document.data
    for name in path:
        value = cast("dict[object, object]", value).get(name) if isinstance(value, dict) else None
    return value
