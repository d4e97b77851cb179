"""`polycloud model diff`."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from agent.cli.asking import JSON_OPTION, say, say_json
from agent.cli.helping import examples
from agent.cli.model.device import (
    CLOUD,
    Choice,
    Described,
    describe_or_exit,
    end_usage,
    with_device,
)
from agent.errors import EXIT_FAILED
from agent.models.consoles import read_export
from agent.models.diff import Finding, Weight, compare
from agent.models.form import Model, ModelError
from agent.models.reading import MAX_BYTES

EXAMPLE: Final = examples(
    "polycloud model diff tencent exported.json",
    "polycloud model diff aliyun model.json socket-1 --config /etc/polycloud --json",
)


@click.command(epilog=EXAMPLE)
@CLOUD
@click.argument("file", metavar="FILE|-")
@with_device
@JSON_OPTION
def diff(
    *,
    cloud: str,
    file: str,
    device: str | None,
    config: str | None,
    defaults: bool,
    as_json: bool,
) -> None:
    """Compare FILE, which CLOUD's console exported, with the device.

    Says what is missing in the console, differs there, is extra, or cannot be expressed there,
    and what is harmful of it. Exits with 0 when both agree, 1 when something differs, and 2
    when FILE cannot be compared.
    """
    described = describe_or_exit(cloud, Choice(device=device, config=config, defaults=defaults))
    console = _read(cloud, file)
    found = compare(described.model, console, described.console.rules)
    different = [each for each in found if each.weight is not Weight.NOTE]
    if as_json:
        say_json(_json(described, file, found))
    else:
        for line in _lines(described, console, file, found):
            say(line)
    if different:
        sys.exit(EXIT_FAILED)


def _read(cloud: str, file: str) -> Model:
    try:
        return read_export(cloud, _bytes(file))
    except ModelError as error:
        end_usage(f"{_shown(file)}: {error}")


def _bytes(file: str) -> bytes:
    """Read no more than can be a model."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        end_usage(f"{_shown(file)} cannot be read: {reason}")


def _json(described: Described, file: str, found: Sequence[Finding]) -> dict[str, object]:
    return {
        "cloud": described.console.cloud,
        "device": described.whose,
        "file": file,
        "equal": not _count(found, Weight.HARMFUL) and not _count(found, Weight.HARMLESS),
        "harmful": _count(found, Weight.HARMFUL),
        "harmless": _count(found, Weight.HARMLESS),
        "findings": [asdict(each) for each in found],
    }


def _lines(
    described: Described, console: Model, file: str, found: Sequence[Finding]
) -> Iterable[str]:
    yield f"{_shown(file)} against {described.whose}"
    if console.product and described.product and console.product != described.product:
        yield f"note      it is of product {console.product}, the device of {described.product}"
    order = list(Weight)
    for each in sorted(found, key=lambda each: order.index(each.weight)):
        yield f"{each.weight:<9} {each.kind:<13} {_subject(each)}: {each.text}"
    harmful, harmless = _count(found, Weight.HARMFUL), _count(found, Weight.HARMLESS)
    if not harmful and not harmless:
        yield f"equal: {len(console.features)} rows in the console, all as the device has them"
        return
    yield f"{harmful} harmful, {harmless} harmless"
    if harmful:
        cloud = described.console.cloud
        yield (
            f"to mend: import `polycloud model export {cloud}` in the console, or set the"
            f" console's identifiers in [clouds.{cloud}.rename]"
        )


def _subject(finding: Finding) -> str:
    """Name what it is about: the identifier there, and the thing's own name where it is another."""
    named = [finding.feature, finding.identifier or finding.name]
    if finding.name and finding.name != named[1]:
        named.append(f"({finding.name})")
    return " ".join(filter(None, named))


def _count(found: Sequence[Finding], weight: Weight) -> int:
    return sum(each.weight is weight for each in found)


def _shown(file: str) -> str:
    return "standard input" if file == "-" else file
