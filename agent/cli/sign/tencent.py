"""`polycloud sign tencent`."""

import os
from typing import Final

import click

from agent.cli.helping import examples
from agent.cli.sign.login import Login, as_name, read_secret, show, wall_time
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
from agent.errors import ConfigError

EXAMPLE: Final = examples(
    "POLYCLOUD_SECRET='IyXm…==' polycloud sign tencent --product-id CS0SLTKSYA --device-name dev1"
)


@click.command(epilog=EXAMPLE)
@click.option("--product-id", required=True, callback=as_name, help="Product id of the console.")
@click.option("--device-name", required=True, callback=as_name, help="Device name of the console.")
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
        expiry=expiry_of(wall_time()) if expiry is None else expiry,
    )
    login = Login(
        host=host_of(product_id, region),
        port=PORT_TLS if tls else PORT_PLAIN,
        tls=tls,
        client_id=signed.client_id,
        username=signed.username,
        password=signed.password,
    )
    show(login, as_json=as_json)


def _key(secret_file: str | None) -> bytes:
    try:
        return decode_secret(read_secret(secret_file))
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
