"""`polycloud emulator`: the clouds on loopback, until it is stopped."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Final

import click
import structlog

from agent.emulator.emulator import Emulator
from agent.emulator.identity import CLOUDS, FORM, DeviceIdentity, read_device, sample_device
from agent.emulator.options import EmulatorOptions, limited, read_device_list, strict_about_expiry
from agent.emulator.server import PortError
from agent.errors import EXIT_FAILED, ConfigError

PORT: Final = click.IntRange(0, 65_535)
SAMPLES: Final = "\n".join(
    f"  {each.cloud}/{each.product}:{each.name}:{each.secret}"
    for each in map(sample_device, CLOUDS)
)
NOTES: Final = f"""\b
CLOUD is one of {", ".join(CLOUDS)}.
Where no device of a CLOUD is named, it knows a sample:
{SAMPLES}

Example: polycloud emulator tencent aliyun --http-port 0
"""

log = structlog.get_logger()


@click.command(epilog=NOTES)
@click.argument("clouds", metavar="CLOUD...", nargs=-1, required=True)
@click.option(
    "--mqtt-port",
    type=PORT,
    default=1883,
    show_default=True,
    help="The first CLOUD's; the next has the next port. 0: any free one.",
)
@click.option("--mqtts-port", type=PORT, default=8883, show_default=True, help="The same with TLS.")
@click.option("--http-port", type=PORT, default=8080, show_default=True, help="Control API, page.")
@click.option(
    "--device",
    "device_texts",
    metavar=FORM,
    multiple=True,
    help="A device that a cloud knows; may be given several times. CLOUD/ may be left out where "
    "only one runs. [default: the samples below]",
)
@click.option(
    "--devices", "device_list", type=click.Path(path_type=Path), help="A file of them, one a line."
)
@click.option(
    "--model",
    "model_texts",
    metavar="[CLOUD/]PRODUCT=FILE",
    multiple=True,
    help="A product's thing model, as the console exports it. [default: the socket's]",
)
@click.option(
    "--uplink-limit",
    type=click.IntRange(min=0),
    help="Messages a second from one device before they are dropped or delayed; 0: no limit. "
    "[default: the platform's own]",
)
@click.option(
    "--cut-expired",
    "cuts_expired",
    is_flag=True,
    help="Cut a session when the token or signature that opened it ends (Tencent, OneNET): their "
    "documents do not say whether they do.",
)
@click.option("--json", "is_json", is_flag=True, help="Log as JSON; stdout is JSON in any case.")
def emulator(  # noqa: PLR0913 - one parameter an option
    clouds: tuple[str, ...],
    *,
    mqtt_port: int,
    mqtts_port: int,
    http_port: int,
    device_texts: tuple[str, ...],
    device_list: Path | None,
    model_texts: tuple[str, ...],
    uplink_limit: int | None,
    cuts_expired: bool,
    is_json: bool,
) -> None:
    """Run the platforms of CLOUD... on loopback: real MQTT, real signatures, real replies.

    The first line on stdout is JSON: the ports in use and the CA to trust. Log lines follow on
    stderr. GET /devices, POST /faults and the rest of the control API answer on the HTTP port;
    its page lists the devices and switches them.
    """
    _log_to_stderr(is_json=is_json)
    _check_clouds(clouds)
    try:
        options = EmulatorOptions(
            clouds=clouds,
            devices=_devices(clouds, device_texts, device_list),
            models=dict(_model(text) for text in model_texts),
            mqtt_port=mqtt_port,
            mqtts_port=mqtts_port,
            http_port=http_port,
        )
        if uplink_limit is not None:
            options = limited(options, uplink_limit)
        ready = Emulator(strict_about_expiry(options) if cuts_expired else options)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    try:
        asyncio.run(_run(ready))
    except PortError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_FAILED)


async def _run(emulator: Emulator) -> None:
    """Run until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with emulator:
        click.echo(json.dumps(emulator.ports.document()))
        sys.stdout.flush()
        log.info("emulator.started", page=f"http://127.0.0.1:{emulator.ports.http}/")
        await stopped.wait()
    log.info("emulator.stopped")


def _check_clouds(clouds: tuple[str, ...]) -> None:
    for name in clouds:
        if name not in CLOUDS:
            raise click.UsageError(f"CLOUD is one of {', '.join(CLOUDS)}, not {name!r}")
    if len(set(clouds)) < len(clouds):
        raise click.UsageError("a CLOUD stands twice")


def _devices(
    clouds: tuple[str, ...], texts: tuple[str, ...], path: Path | None
) -> tuple[DeviceIdentity, ...]:
    devices = [
        read_device(text, where=f"--device (number {number})", clouds=clouds)
        for number, text in enumerate(texts, start=1)
    ]
    if path is not None:
        listed = read_device_list(path, clouds)
        if not listed:
            raise ConfigError(f"{path} lists no device")
        devices += listed
    named = {each.cloud for each in devices}
    return (*devices, *(sample_device(each) for each in clouds if each not in named))


def _model(text: str) -> tuple[str, Path]:
    product, found, file = text.partition("=")
    if not found or not product or not file:
        raise ConfigError(f"--model is [CLOUD/]PRODUCT=FILE, not {text!r}")
    return product, Path(file)


def _log_to_stderr(*, is_json: bool) -> None:
    renderer = (
        structlog.processors.JSONRenderer()
        if is_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S.%f", utc=False),
            renderer,
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
