"""Whose model it is: the device of a configuration, or a socket as it is by default."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from agent.errors import EXIT_CONFIG, EXIT_USAGE, ConfigError
from agent.models.consoles import CONSOLES, Console
from agent.models.form import Model
from agent.models.rules import faults

if TYPE_CHECKING:
    from agent.settings.clouds import CloudSettings
    from agent.settings.one_cloud import CloudOf
    from agent.thing import Thing

F = TypeVar("F", bound=Callable[..., object])

SOCKET: Final = "socket"
DEFAULT_CONFIG: Final = "/etc/polycloud"
"""The key of a section that has a platform sum the energy."""
DISCOVERS: Final = "homeassistant"
NO_MODEL: Final = (
    "Home Assistant needs no model: the device describes itself to it by MQTT discovery"
)


class _Consoles(click.Choice[str]):
    """The clouds that have a console with a model."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a cloud's name; say of Home Assistant why it is none of them."""
        if value == DISCOVERS:
            self.fail(NO_MODEL, param, ctx)
        return super().convert(value, param, ctx)


CLOUD: Final = click.argument("cloud", type=_Consoles(list(CONSOLES)))
_OPTIONS: Final = (
    click.argument("device", required=False),
    click.option(
        "--config",
        metavar="FILE|DIR",
        help=f"Where the device's identifiers are set; by default {DEFAULT_CONFIG} if it is there.",
    ),
    click.option(
        "--defaults", is_flag=True, help="Take a socket's default identifiers, no configuration."
    ),
)


def with_device(command: F) -> F:
    """Add DEVICE, --config and --defaults."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was typed about the device."""

    device: str | None
    config: str | None
    defaults: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A device's model for one console; `whose` says in words where it comes from."""

    console: Console
    model: Model
    product: str
    whose: str


def describe_or_exit(cloud: str, choice: Choice) -> Described:
    """Describe the device; end the command with 78 where its configuration is wrong."""
    try:
        return _describe(CONSOLES[cloud], choice)
    except ConfigError as error:
        _end(str(error), EXIT_CONFIG)


def refuse_what_it_cannot_take(described: Described) -> None:
    """End the command with 78 where the console would not take an identifier."""
    found = faults(described.model, described.console.rules)
    if found:
        cloud = described.console.cloud
        lines = (f"clouds.{cloud}.rename: {each.name}: {each.reason}" for each in found)
        _end("\n".join(lines), EXIT_CONFIG)


def _describe(console: Console, choice: Choice) -> Described:
    entry = _entry(console.cloud, choice)
    thing = _thing(entry)
    section = None if entry is None else entry.section
    if section is None:
        whose = "a socket with the default identifiers"
        if entry is not None:
            whose = f"{entry.device}, which has no [clouds.{console.cloud}]: default identifiers"
        return Described(
            console=console, model=console.describe(thing, {}), product="", whose=whose
        )
    assert entry is not None
    _refuse_without_model(section, entry)
    model = console.describe(thing, section.rename)
    return Described(
        console=console,
        model=console.configured(model, section),
        product=_product(section),
        whose=f"{entry.device} ({entry.path})",
    )


def _thing(entry: "CloudOf | None") -> "Thing[Any]":
    """Tell what the device has: a socket, or what its file declares."""
    from agent.settings.things import thing_of  # noqa: PLC0415 -- 60 ms

    thing = thing_of(SOCKET, None if entry is None else entry.settings)
    assert thing is not None, "of a socket it is known"
    return thing


def _entry(cloud: str, choice: Choice) -> "CloudOf | None":
    """Find the device's section; None without a configuration."""
    path = _config(choice)
    if path is None:
        return None
    from agent.settings.one_cloud import cloud_of_each  # noqa: PLC0415 -- pydantic costs 60 ms

    return _picked(cloud_of_each(path, os.environ, cloud), choice.device, path)


def _config(choice: Choice) -> Path | None:
    if choice.defaults and (choice.config is not None or choice.device is not None):
        raise click.UsageError("--defaults stands alone: leave out DEVICE and --config")
    if choice.config is not None:
        return Path(choice.config)
    default = Path(DEFAULT_CONFIG)
    is_wanted = choice.device is not None or _has_devices(default)
    return default if is_wanted and not choice.defaults else None


def _has_devices(folder: Path) -> bool:
    """Tell whether a folder configures anything; an installation makes it before it does."""
    return any(file.name != "agent.toml" for file in folder.glob("*.toml"))


def _picked(entries: "Sequence[CloudOf]", device: str | None, path: Path) -> "CloudOf":
    names = ", ".join(entry.device for entry in entries)
    if device is None and len(entries) > 1:
        raise click.UsageError(f"{path} has several devices; name one: {names}")
    for entry in entries:
        if device in (None, entry.device):
            return entry
    raise click.UsageError(f"{path} has no device {device!r}; it has: {names}")


def _refuse_without_model(section: "CloudSettings", entry: "CloudOf") -> None:
    """Refuse the generations of OneNET that have no thing model."""
    generation = getattr(section, "generation", "thing")
    if generation != "thing":
        raise click.UsageError(
            f"{entry.device} has generation = {generation!r}, whose products have no thing model:"
            " their data streams come up with the first report"
        )


def _product(section: "CloudSettings") -> str:
    """Give the product's id or key; an Aliyun section may leave it to another file."""
    product = getattr(section, "product_id", None) or getattr(section, "product_key", None)
    return str(product or "")


def _end(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


def end_usage(text: str) -> NoReturn:
    """End the command as a usage error."""
    _end(text, EXIT_USAGE)
