"""`polycloud decode`: what a recording of an HLW8032 says."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, Final

import click

from agent.cli.hextext import HexError, decode_lines
from agent.drivers.hlw8032.capture import Record, Summary, records
from agent.drivers.hlw8032.decoder import Coefficients

CHUNK: Final = 1 << 16
HEADER: Final = (
    f"{'offset':>9}  {'state':5}  {'update':6}  {'pulses':>6}"
    f"  {'voltage V':>10}  {'current A':>10}  {'power W':>11}  status"
)
EXAMPLES: Final = """\b
Examples:
  polycloud decode capture.bin --json
  echo 'F2 5A 02 DA 78 07 2E 2C ...' | polycloud decode --hex
"""
NO_FRAME: Final = (
    "no frame found: is the capture hex text (--hex), and was the port at 4800 baud, 8E1?"
)


def _coefficient(ctx: click.Context, param: click.Parameter, value: float) -> float:
    del ctx
    if not 0 < value <= 1000:  # which a NaN is not either
        raise click.BadParameter(f"{value} is not above 0 and up to 1000", param=param)
    return value


@click.command(epilog=EXAMPLES)
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--hex", "is_hex", is_flag=True, help="The capture is hex text, not raw bytes.")
@click.option(
    "--kv", default=3.069, show_default=True, callback=_coefficient, help="V = KV · VP/VR."
)
@click.option(
    "--ki", default=1.007, show_default=True, callback=_coefficient, help="I = KI · IP/IR."
)
@click.option(
    "--kp", default=3.108, show_default=True, callback=_coefficient, help="P = KP · PP/PR."
)
@click.option("--json", "is_json", is_flag=True, help="One JSON object a line.")
def decode(*, file: str, is_hex: bool, kv: float, ki: float, kp: float, is_json: bool) -> None:
    """Decode a capture of an HLW8032, one line a frame.

    FILE holds the bytes as they came over the line ('-': standard input). With --hex it is
    text: pairs of hex digits, with spaces, commas, line ends, 0x and # comments as you like.

    The coefficients are those of the code504 board, as in the configuration; for a Sonoff or
    another board without transformers give --kv, --ki and --kp.
    """
    coefficients = Coefficients(kv=kv, ki=ki, kp=kp)
    with ExitStack() as stack:
        stream = _open(file, stack)
        chunks = decode_lines(_lines(stream)) if is_hex else _chunks(stream)
        try:
            _print(records(chunks, coefficients), is_json=is_json)
        except HexError as error:
            raise click.ClickException(f"{_shown(file)}, {error}") from error
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise click.ClickException(f"{_shown(file)}: {error.strerror}") from error


def _open(file: str, stack: ExitStack) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return stack.enter_context(Path(file).open("rb"))
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error


def _shown(file: str) -> str:
    return "standard input" if file == "-" else file


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    # read1 and not read: a pipe from a live line is decoded as it comes.
    read = getattr(stream, "read1", stream.read)
    while chunk := read(CHUNK):
        yield chunk


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(CHUNK):
        yield line


def _print(lines: Iterable[Record | Summary], *, is_json: bool) -> None:
    if not is_json:
        click.echo(HEADER)
    for line in lines:
        click.echo(_json(line) if is_json else _text(line))
        if isinstance(line, Summary) and not line.frames:
            click.echo(NO_FRAME, err=True)


def _json(line: Record | Summary) -> str:
    rounded = {
        key: round(value, 6) if isinstance(value, float) else value
        for key, value in asdict(line).items()
    }
    return json.dumps(rounded)


def _text(line: Record | Summary) -> str:
    if isinstance(line, Summary):
        return f"{line.frames} frames, {line.bytes_skipped} bytes skipped"
    pulses = "-" if line.pulses is None else str(line.pulses)
    return (
        f"{line.offset:>9}  {line.state:5}  {line.update or '-':6}  {pulses:>6}"
        f"  {_number(line.voltage_v, 2):>10}  {_number(line.current_a, 4):>10}"
        f"  {_number(line.power_w, 2):>11}  {line.status}"
    )


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
