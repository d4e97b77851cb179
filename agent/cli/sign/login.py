"""What `polycloud sign` shares between clouds: the secret, the clock, the print."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from agent import BUILD_TIME

FROM_ENVIRONMENT: Final = "POLYCLOUD_SECRET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What is printed, in this order."""

    host: str
    port: int
    tls: bool
    client_id: str
    username: str
    password: str


def as_name(context: click.Context, option: click.Parameter, value: str) -> str:
    """Take a product or a device as the console shows it."""
    del context, option
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise click.BadParameter(
            f"{value!r:.80} is no name: visible ASCII characters, at least one"
        )
    return value


def read_secret(secret_file: str | None) -> str:
    """Read the secret from the file, the environment or a hidden prompt; say what is wrong."""
    try:
        return _found(secret_file).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"the secret file cannot be read: {error}") from None


def _found(secret_file: str | None) -> str:
    if secret_file is not None:
        return Path(secret_file).read_text(encoding="utf-8-sig")
    given = os.environ.get(FROM_ENVIRONMENT)
    if given:
        return given
    try:
        prompted: str = click.prompt("Device secret", hide_input=True, err=True)
    except click.Abort:
        ways = f"set {FROM_ENVIRONMENT}, or give --secret-file, or type it"
        raise click.ClickException(f"no secret was given: {ways}") from None
    return prompted


def wall_time() -> float | None:
    """Read the clock, unless it shows a time before this version was made."""
    now = time.time()
    return now if now >= BUILD_TIME else None


def show(login: Login, *, as_json: bool) -> None:
    """Print what an MQTT client logs in with."""
    rows = {name: getattr(login, name) for name in Login.__dataclass_fields__}
    if as_json:
        click.echo(json.dumps(rows))
        return
    for name, value in rows.items():
        click.echo(f"{name:<10}{str(value).lower() if name == 'tls' else value}")
