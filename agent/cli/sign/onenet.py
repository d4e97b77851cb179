"""`polycloud sign onenet`."""

from typing import Final

import click

from agent.cli.helping import examples
from agent.cli.sign.login import Login, as_name, read_secret, show, wall_time
from agent.clouds.onenet.token import (
    HOST_PLAIN,
    HOST_TLS,
    METHODS,
    PORT_PLAIN,
    PORT_TLS,
    VERSION,
    decode_key,
    device_res,
    expiry_of,
)
from agent.clouds.onenet.token import sign as sign_token
from agent.errors import ConfigError

EXAMPLE: Final = examples(
    "POLYCLOUD_SECRET='KuF3…=' polycloud sign onenet --product-id 9MaNe52pNO --device-name dev1"
)


def _method(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Take a digest in any letter case, which is kept: it is signed as typed."""
    if value.lower() not in METHODS:
        allowed = ", ".join(METHODS)
        raise click.BadParameter(f"{value!r} is none of {allowed}, in any letter case", ctx, param)
    return value


@click.command(epilog=EXAMPLE)
@click.option("--product-id", required=True, callback=as_name, help="Product id of the console.")
@click.option("--device-name", required=True, callback=as_name, help="Device name of the console.")
@click.option(
    "--method",
    metavar=f"[{'|'.join(METHODS)}]",
    default="sha256",
    callback=_method,
    show_default=True,
    help="Signed in the letter case that is typed.",
)
@click.option(
    "--expiry", type=click.IntRange(min=0), help="Unix seconds; 30 days from now by default."
)
@click.option("--res", help="Whom it is for; products/PRODUCT/devices/DEVICE by default.")
@click.option("--version", default=VERSION, show_default=True, help="Version of the token.")
@click.option("--tls/--no-tls", default=True, show_default=True, help="Which host to name.")
@click.option("--secret-file", type=click.Path(dir_okay=False), help="File with the secret.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def onenet(  # noqa: PLR0913 - one parameter an option
    *,
    product_id: str,
    device_name: str,
    method: str,
    expiry: int | None,
    res: str | None,
    version: str,
    tls: bool,
    secret_file: str | None,
    as_json: bool,
) -> None:
    """Sign for China Mobile OneNET: a token of the device's or the product's key.

    Old products (multi-protocol) have no token: their password is the APIKey itself.
    """
    token = sign_token(
        _key(secret_file),
        res=res or device_res(product_id, device_name),
        expiry=expiry_of(wall_time()) if expiry is None else expiry,
        method=method,
        version=version,
    )
    login = Login(
        host=HOST_TLS if tls else HOST_PLAIN,
        port=PORT_TLS if tls else PORT_PLAIN,
        tls=tls,
        client_id=device_name,
        username=product_id,
        password=token,
    )
    show(login, as_json=as_json)


def _key(secret_file: str | None) -> bytes:
    try:
        return decode_key(read_secret(secret_file))
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
