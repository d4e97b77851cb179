"""`polycloud demo`: everything on this machine, without hardware."""

import sys

import click

from agent.errors import EXIT_FAILED, EXIT_USAGE


@click.command(epilog="Example: polycloud demo --cloud tencent --cloud aliyun --cloud onenet")
@click.option(
    "--cloud",
    "names",
    multiple=True,
    metavar="NAME",
    help="A cloud to show; repeat it for several at once.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    help="How long the live view runs; it ends with q anyway.",
)
@click.option("--tour", "is_tour", is_flag=True, help="Play the tour on a terminal too.")
@click.option("--json", "as_json", is_flag=True, help="Play the tour, one JSON object a step.")
def demo(names: tuple[str, ...], seconds: float | None, *, is_tour: bool, as_json: bool) -> None:
    """Show a simulated socket with built-in clouds: live on a terminal, else as a tour.

    NAME is tencent (default), aliyun, onenet, onenet-datastream, onenet-legacy.

    The first cloud commands, all of them watch. The tour prints a line a step and exits with 0
    only if every step really happened.
    """
    from agent.demo.dialects import DialectError, choose  # noqa: PLC0415 - only where it runs

    try:
        dialects = choose(names)
    except DialectError as error:
        click.echo(f"polycloud demo: {error}", err=True)
        sys.exit(EXIT_USAGE)
    import asyncio  # noqa: PLC0415 - heavy: only where the demo runs

    from agent.demo.show import live, tour  # noqa: PLC0415

    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if has_terminal and not is_tour and not as_json:
        asyncio.run(live(dialects, seconds))
        return
    if not asyncio.run(tour(dialects, as_json=as_json)):
        sys.exit(EXIT_FAILED)
