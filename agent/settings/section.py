"""What every section of the configuration shares."""

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""

FilePath = Annotated[str, Field(min_length=1, description="the path of a file")]
"""A file; a relative path starts at the folder of the configuration file."""


class Section(BaseModel):
    """A frozen section; an unknown key is an error."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        defer_build=True,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _text_holds_no_nul(cls, value: object) -> object:
        """Refuse U+0000, which no path, host or line can hold and the system calls trip over."""
        if isinstance(value, str) and "\0" in value:
            allowed = "a text without the character U+0000"
            raise PydanticCustomError("nul", "U+0000", {"allowed": allowed})
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: object, info: ValidationInfo) -> object:
        """Refuse `true` for a number: pydantic would read a limit of `true` as 1."""
        kinds = alternatives(cls.model_fields[info.field_name or ""].annotation)
        if isinstance(value, bool) and bool not in kinds and {int, float} & set(kinds):
            raise PydanticCustomError("number_type", "true and false are not numbers")
        return value


class Plugged(Section):
    """Marks a section whose driver is a plug-in's: what it takes for itself nobody here knows."""


class NamesDriver(Protocol):
    """A section that says which driver is meant; the rest of it is that driver's own."""

    @property
    def driver(self) -> str:
        """The driver's name."""
        ...


def driver_or(default: str) -> Callable[[object], str]:
    """Tell the sections of one part apart by `driver`; without it it is *default*."""

    def driver_of(section: object) -> str:
        if isinstance(section, Mapping):
            return str(section.get("driver", default))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] -- isinstance cannot tell a mapping's types
        return str(getattr(section, "driver", default))

    return driver_of


def alternatives(annotation: object) -> tuple[Any, ...]:
    """Take unions and annotations apart, down to plain types."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return tuple(kind for part in get_args(annotation) for kind in alternatives(part))
    return (annotation,)
