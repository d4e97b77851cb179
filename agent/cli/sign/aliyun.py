"""`polycloud sign aliyun`."""

from typing import Final

import click

from agent.cli.helping import examples
from agent.cli.sign.login import Login, as_name, read_secret, show
from agent.clouds.aliyun.credentials import (
    DEFAULT_REGION,
    MAX_CLIENT_ID,
    METHODS,
    PORT_PLAIN,
    PORT_TLS,
    Identity,
    host_of,
)
from agent.clouds.aliyun.credentials import sign as sign_aliyun

EXAMPLE: Final = examples(
    "POLYCLOUD_SECRET='0123…cdef' polycloud sign aliyun --product-key k19g7hBjoOD"
    " --device-name testdevice1 --instance-id iot-06z00d9jq7p2pgk"
)


def _is_own_part(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Take the part before the first '|'; the rest is made here, and is not signed."""
    del context, option
    if value is not None and (not value or "|" in value or len(value) > MAX_CLIENT_ID):
        raise click.BadParameter(
            f"1 to {MAX_CLIENT_ID} characters without '|': the part before the first '|' alone"
        )
    return value


@click.command(epilog=EXAMPLE)
@click.option("--product-key", required=True, callback=as_name, help="ProductKey of the console.")
@click.option("--device-name", required=True, callback=as_name, help="DeviceName of the console.")
@click.option(
    "--client-id",
    callback=_is_own_part,
    help="The part before the first '|'; {ProductKey}.{DeviceName} by default.",
)
@click.option("--method", type=click.Choice(list(METHODS)), default="hmacsha256", show_default=True)
@click.option(
    "--timestamp",
    type=click.IntRange(min=0),
    help="A number that is signed too; by default none is sent or signed.",
)
@click.option("--instance-id", help="Id of the instance, such as iot-06z00d9jq7p2pgk.")
@click.option(
    "--region",
    default=DEFAULT_REGION,
    show_default=True,
    help="Of an old public instance, which has no id.",
)
@click.option(
    "--tls/--no-tls", default=True, show_default=True, help="Which port and securemode to name."
)
@click.option("--secret-file", type=click.Path(dir_okay=False), help="File with the secret.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def aliyun(  # noqa: PLR0913 - one parameter an option
    *,
    product_key: str,
    device_name: str,
    client_id: str | None,
    method: str,
    timestamp: int | None,
    instance_id: str | None,
    region: str,
    tls: bool,
    secret_file: str | None,
    as_json: bool,
) -> None:
    """Sign for Aliyun IoT Platform."""
    identity = Identity(
        product_key=product_key,
        device_name=device_name,
        secret=_secret(secret_file),
        method=method,
    )
    signed = sign_aliyun(
        identity,
        client_id=client_id,
        is_tls=tls,
        timestamp=None if timestamp is None else str(timestamp),
    )
    login = Login(
        host=host_of(product_key, instance_id, region),
        port=PORT_TLS if tls else PORT_PLAIN,
        tls=tls,
        client_id=signed.client_id,
        username=signed.username,
        password=signed.password,
    )
    show(login, as_json=as_json)


def _secret(secret_file: str | None) -> str:
    secret = read_secret(secret_file)
    if not secret:
        raise click.ClickException("the secret is empty; copy the DeviceSecret from the console")
    return secret
