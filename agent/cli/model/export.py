"""`polycloud model export`."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from agent.cli.files import write_whole
from agent.cli.helping import examples
from agent.cli.model.device import (
    CLOUD,
    Choice,
    describe_or_exit,
    refuse_what_it_cannot_take,
    with_device,
)
from agent.errors import EXIT_FAILED
from agent.models.wording import Language

FILE_MODE: Final = 0o644
EXAMPLE: Final = examples(
    "polycloud model export aliyun --product k19g7hBjoOD -o model.json",
    "polycloud model export tencent socket-1 --config /etc/polycloud",
)


@click.command(epilog=EXAMPLE)
@CLOUD
@with_device
@click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    default=Language.BOTH.value,
    show_default=True,
    help="Names in Chinese, in English, or both side by side.",
)
@click.option("--product", metavar="KEY", help="The product's id or key, as the console shows it.")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option("--json", "is_json", is_flag=True, help="On one line, for machines.")
def export(  # noqa: PLR0913 - one parameter an option
    *,
    cloud: str,
    device: str | None,
    config: str | None,
    defaults: bool,
    language: str,
    product: str | None,
    output: str | None,
    is_json: bool,
) -> None:
    """Write the thing model that CLOUD's console imports.

    Its identifiers are those that DEVICE puts on the wire, by its [clouds.CLOUD.rename].
    """
    described = describe_or_exit(cloud, Choice(device=device, config=config, defaults=defaults))
    refuse_what_it_cannot_take(described)
    model = replace(described.model, product=product or described.product)
    document = described.console.write(model, Language(language))
    indent = None if is_json else 2
    _print(json.dumps(document, ensure_ascii=False, indent=indent) + "\n", output)
    click.echo(f"{described.console.file} of {described.whose}", err=True)
    if not model.product:
        click.echo("the product is empty: give --product KEY, or write it into the file", err=True)
    for note in model.notes:
        click.echo(f"note {note.name}: {note.reason}", err=True)


def _print(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(Path(output), text, FILE_MODE)
    except OSError as error:
        click.echo(f"{output}: {error.strerror}", err=True)
        sys.exit(EXIT_FAILED)
