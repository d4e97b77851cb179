"""Answers for `init`: from options first, then from the person at the terminal."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from agent.cli.credentials import Pasted, from_json

FROM_ENVIRONMENT: Final = "POLYCLOUD_SECRET"
STANDARD_INPUT: Final = "-"
JSON_LINES: Final = 100
PORT_PATTERNS: Final = ("serial/by-id/*", "ttyAMA0", "ttyUSB*", "ttyACM*")
DEFAULT_PORT: Final = "/dev/ttyAMA0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Gives each answer once: its option's, or a person's; silent, the default or an error."""

    options: Mapping[str, str | float | bool | None]
    is_silent: bool
    environ: Mapping[str, str]

    def text(self, option: str, question: str, default: str | None = None) -> str:
        """Ask for a text."""
        given = self.options.get(option)
        if given is not None:
            return str(given)
        if self.is_silent:
            return required(option, default)
        answer: str = click.prompt(question, default=default, err=True)
        return answer.strip()

    def choose(self, option: str, question: str, choices: Sequence[str], default: str) -> str:
        """Ask for one of *choices*."""
        given = self.options.get(option)
        if given is not None or self.is_silent:
            return default if given is None else str(given)
        answer: str = click.prompt(question, default=default, type=click.Choice(choices), err=True)
        return answer

    def number(self, option: str) -> float:
        """Ask for a number, which has no default."""
        given = self.options.get(option)
        if given is not None:
            return float(given)
        if self.is_silent:
            required(option, None)
        answer: float = click.prompt(f"Coefficient {option} of the board", type=float, err=True)
        return answer

    def port(self) -> str:
        """Ask for the meter's port, and show which ones are there."""
        if self.options.get("port") is None and not self.is_silent:
            found = [str(path) for one in PORT_PATTERNS for path in sorted(Path("/dev").glob(one))]
            click.echo(f"Serial ports here: {', '.join(found) or 'none'}", err=True)
        return self.text("port", "Port of the meter", DEFAULT_PORT)

    def answer(
        self, question: str, fault: Callable[[str], str], *, default: str | None, is_hidden: bool
    ) -> str:
        """Ask a person until *fault* finds nothing wrong with the answer."""
        while True:
            answer: str = click.prompt(
                question,
                default=default,
                show_default=bool(default),
                hide_input=is_hidden,
                err=True,
            )
            wrong = fault(answer.strip())
            if not wrong:
                return answer.strip()
            click.echo(wrong, err=True)

    def given(self, parameter: str) -> str:
        """Give an option's text; empty where it was left out."""
        return str(self.options.get(parameter) or "")

    def pasted(self) -> Pasted:
        """Read the JSON that --credentials names; an empty one without it."""
        path = self.given("credentials")
        return understood(read_text(path, "--credentials")) if path else Pasted()

    def secret(self) -> str:
        """Read the secret from where it needs no question; empty without any."""
        path = self.given("secret_file")
        text = read_text(path, "--secret-file").strip() if path else ""
        return text or self.environ.get(FROM_ENVIRONMENT, "").strip()

    def agrees(self, question: str, *, is_default: bool) -> bool:
        """Ask for a yes; silent is one."""
        return self.is_silent or click.confirm(question, default=is_default, err=True)


def understood(typed: str) -> Pasted:
    """Take JSON, or raise a usage error that shows nothing of it."""
    try:
        return from_json(typed)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def understood_lines(typed: str) -> Pasted:
    """Take JSON that may go on over further lines of standard input."""
    lines = [typed]
    while len(lines) < JSON_LINES:
        try:
            return from_json("\n".join(lines))
        except ValueError:
            line = sys.stdin.readline()
            if not line:
                break
            lines.append(line.rstrip("\r\n"))
    return understood("\n".join(lines))


def read_text(path: str, option: str) -> str:
    """Read what *option* names; raise a usage error."""
    if path == STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{option} {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{option} {path}: not a text file") from error


def required(option: str, default: str | None) -> str:
    """Give the default where nobody may be asked; raise a usage error without one."""
    if default is None:
        raise click.UsageError(f"--yes needs --{option.replace('_', '-')}")
    return default
