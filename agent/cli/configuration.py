"""Load the configuration for a command, or end it with the right exit code."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import click

from agent.errors import EXIT_CONFIG, EXIT_USAGE, ConfigError
from agent.settings.faults import ConfigFaults
from agent.settings.load import load
from agent.settings.not_yet import NotYetError
from agent.settings.root import Config


def load_or_exit(path: str, read: Callable[[Path, Mapping[str, str]], Config] = load) -> Config:
    """Load *path*; print the faults and exit with 78, or with 2 for what comes later."""
    try:
        return read(Path(path), os.environ)
    except ConfigError as error:
        _end(error)


def exit_code(error: ConfigError) -> int:
    """Give the exit code: what comes in a later version is not the owner's mistake."""
    return EXIT_USAGE if isinstance(error, NotYetError) else EXIT_CONFIG


def _end(error: ConfigError) -> NoReturn:
    click.echo(str(error), err=True)
    if isinstance(error, ConfigFaults):
        click.echo(f"{len(error.faults)} to mend; nothing was done", err=True)
    sys.exit(exit_code(error))
