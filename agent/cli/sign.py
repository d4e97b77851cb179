"""`polycloud sign`: what any MQTT client needs to log in."""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from agent import BUILD_TIME, __version__
from agent.clouds.tencent.credentials import (
    DEFAULT_SDKAPPID,
    HOSTS,
    METHODS,
    PORT_PLAIN,
    PORT_TLS,
    Identity,
    connid_of,
    decode_secret,
    expiry_of,
    host_of,
)
from agent.clouds.tencent.credentials import sign as sign_tencent
from agent.errors import EXIT_USAGE, ConfigError

FROM_ENVIRONMENT: Final = "POLYCLOUD_SECRET"
EXAMPLE: Final = (
    "Example: POLYCLOUD_SECRET='IyXm…==' polycloud sign tencent --product-id CS0SLTKSYA"
    " --device-name dev1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What is printed, in this order."""

    host: str
    port: int
    tls: bool
    client_id: str
    username: str
    password: str


@click.group(epilog=EXAMPLE)
def sign() -> None:
    """Print host, port, client id, user name and password: what an MQTT client logs in with.

    The secret comes from the environment variable POLYCLOUD_SECRET, from --secret-file, or from a
    hidden prompt; never from an argument, which every user of the machine could read.
    """


@sign.command(epilog=EXAMPLE)
@click.option("--product-id", required=True, help="Product id of the console.")
@click.option("--device-name", required=True, help="Device name of the console.")
@click.option("--method", type=click.Choice(list(METHODS)), default="hmacsha256", show_default=True)
@click.option("--connid", help="Mark of this connection in the platform's log; random by default.")
@click.option(
    "--expiry", type=click.IntRange(min=0), help="Unix seconds; a day from now by default."
)
@click.option(
    "--sdkappid", default=DEFAULT_SDKAPPID, show_default=True, help="Any digits are accepted."
)
@click.option("--region", type=click.Choice(list(HOSTS)), default="china", show_default=True)
@click.option("--tls/--no-tls", default=True, show_default=True, help="Which port to name.")
@click.option("--secret-file", type=click.Path(dir_okay=False), help="File with the secret.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def tencent(  # noqa: PLR0913 - one parameter an option
    *,
    product_id: str,
    device_name: str,
    method: str,
    connid: str | None,
    expiry: int | None,
    sdkappid: str,
    region: str,
    tls: bool,
    secret_file: str | None,
    as_json: bool,
) -> None:
    """Sign for Tencent IoT Explorer."""
    identity = Identity(
        product_id=product_id,
        device_name=device_name,
        key=_key(secret_file),
        method=method,
        sdkappid=sdkappid,
    )
    signed = sign_tencent(
        identity,
        connid=connid or connid_of(os.urandom(8).hex()),
        expiry=expiry_of(_wall_time()) if expiry is None else expiry,
    )
    login = Login(
        host=host_of(product_id, region),
        port=PORT_TLS if tls else PORT_PLAIN,
        tls=tls,
        client_id=signed.client_id,
        username=signed.username,
        password=signed.password,
    )
    _show(login, as_json=as_json)


def _not_yet(cloud: str) -> click.Command:
    @click.command(
        cloud,
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
        short_help="Not yet in this version.",
    )
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def command(rest: tuple[str, ...]) -> None:
        """Not yet in this version."""
        del rest
        click.echo(f"polycloud sign {cloud}: not yet in version {__version__}", err=True)
        sys.exit(EXIT_USAGE)

    return command


sign.add_command(_not_yet("aliyun"))
sign.add_command(_not_yet("onenet"))


def _key(secret_file: str | None) -> bytes:
    try:
        return decode_secret(_secret(secret_file))
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"the secret file cannot be read: {error}") from None
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def _secret(secret_file: str | None) -> str:
    if secret_file is not None:
        return Path(secret_file).read_text(encoding="utf-8")
    given = os.environ.get(FROM_ENVIRONMENT)
    if given:
        return given
    prompted: str = click.prompt("Device secret", hide_input=True, err=True)
    return prompted


def _wall_time() -> float | None:
    """Read the clock, unless it shows a time before this version was made."""
    now = time.time()
    return now if now >= BUILD_TIME else None


def _show(login: Login, *, as_json: bool) -> None:
    rows = {name: getattr(login, name) for name in Login.__dataclass_fields__}
    if as_json:
        click.echo(json.dumps(rows))
        return
    for name, value in rows.items():
        click.echo(f"{name:<10}{str(value).lower() if name == 'tls' else value}")
