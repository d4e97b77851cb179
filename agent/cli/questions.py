"""Answers for `init`: from options first, then from the person at the terminal."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from agent.cli.credentials import Credentials, from_json

FROM_ENVIRONMENT: Final = "POLYCLOUD_SECRET"
STANDARD_INPUT: Final = "-"
JSON_LINES: Final = 100
PORT_PATTERNS: Final = ("serial/by-id/*", "ttyAMA0", "ttyUSB*", "ttyACM*")
DEFAULT_PORT: Final = "/dev/ttyAMA0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Gives each answer once: its option's, or a person's; silent, the default or an error."""

    options: Mapping[str, str | float | None]
    is_silent: bool
    environ: Mapping[str, str]

    def text(self, option: str, question: str, default: str | None = None) -> str:
        """Ask for a text."""
        given = self.options.get(option)
        if given is not None:
            return str(given)
        if self.is_silent:
            return _required(option, default)
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
            _required(option, None)
        answer: float = click.prompt(f"Coefficient {option} of the board", type=float, err=True)
        return answer

    def port(self) -> str:
        """Ask for the meter's port, and show which ones are there."""
        if self.options.get("port") is None and not self.is_silent:
            found = [str(path) for one in PORT_PATTERNS for path in sorted(Path("/dev").glob(one))]
            click.echo(f"Serial ports here: {', '.join(found) or 'none'}", err=True)
        return self.text("port", "Port of the meter", DEFAULT_PORT)

    def credentials(self) -> Credentials:
        """Ask for a device's three values; the first answer may be the console's JSON."""
        known = self._given()
        if not known.product_id and not self.is_silent:
            typed = self.text("product_id", "Product id (or paste the console's JSON)")
            known = _overlaid(_understood(typed), known)
        product_id = known.product_id or self.text("product_id", "Product id")
        device_name = known.device_name or self.text("device_name", "Device name")
        return Credentials(
            product_id=product_id, device_name=device_name, secret=known.secret or self._secret()
        )

    def agrees(self, question: str, *, is_default: bool) -> bool:
        """Ask for a yes; silent is one."""
        return self.is_silent or click.confirm(question, default=is_default, err=True)

    def _given(self) -> Credentials:
        """Collect what needs no question: JSON, under options, under the secret's own sources."""
        path, secret_path = self.options.get("credentials"), self.options.get("secret_file")
        known = _from_json(_read(str(path), "--credentials")) if path else Credentials()
        secret = _read(str(secret_path), "--secret-file") if secret_path else ""
        options = Credentials(
            product_id=str(self.options.get("product_id") or ""),
            device_name=str(self.options.get("device_name") or ""),
            secret=secret.strip() or self.environ.get(FROM_ENVIRONMENT, "").strip(),
        )
        return _overlaid(known, options)

    def _secret(self) -> str:
        if self.is_silent:
            raise click.UsageError(f"--yes needs the secret: {FROM_ENVIRONMENT} or --secret-file")
        answer: str = click.prompt("Device secret (not shown)", hide_input=True, err=True)
        return answer.strip()


def _understood(typed: str) -> Credentials:
    """Take a product id, or JSON that may go on over further lines."""
    if not typed.startswith("{"):
        return Credentials(product_id=typed)
    lines = [typed]
    while len(lines) < JSON_LINES:
        try:
            return from_json("\n".join(lines))
        except ValueError:
            line = sys.stdin.readline()
            if not line:
                break
            lines.append(line)
    return _from_json("\n".join(lines))


def _from_json(text: str) -> Credentials:
    try:
        return from_json(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _overlaid(below: Credentials, above: Credentials) -> Credentials:
    return replace(
        below,
        product_id=above.product_id or below.product_id,
        device_name=above.device_name or below.device_name,
        secret=above.secret or below.secret,
    )


def _read(path: str, option: str) -> str:
    if path == STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{option} {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{option} {path}: not a text file") from error


def _required(option: str, default: str | None) -> str:
    if default is None:
        raise click.UsageError(f"--yes needs --{option.replace('_', '-')}")
    return default
