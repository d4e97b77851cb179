"""`polycloud demo`: everything on this machine, without hardware."""

import sys

import click

from agent.errors import EXIT_FAILED, EXIT_USAGE

CLOUDS = ("tencent",)


@click.command(epilog="Example: polycloud demo --seconds 60")
@click.option("--cloud", "clouds", multiple=True, metavar="NAME", help="tencent (the default).")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    help="How long the live view runs; it ends with q anyway.",
)
@click.option("--tour", "is_tour", is_flag=True, help="Play the tour on a terminal too.")
@click.option("--json", "as_json", is_flag=True, help="Play the tour, one JSON object a step.")
def demo(clouds: tuple[str, ...], seconds: float | None, *, is_tour: bool, as_json: bool) -> None:
    """Show a simulated socket with the built-in cloud: live on a terminal, else as a tour.

    The tour prints a line a step and exits with 0 only if every step really happened.
    """
    unknown = [name for name in clouds if name not in CLOUDS]
    if unknown:
        click.echo(
            f"polycloud demo: {unknown[0]}: not yet; there is: {', '.join(CLOUDS)}", err=True
        )
        sys.exit(EXIT_USAGE)
    import asyncio  # noqa: PLC0415 - heavy: only where the demo runs

    from agent.demo.show import live, tour  # noqa: PLC0415

    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if has_terminal and not is_tour and not as_json:
        asyncio.run(live(seconds))
        return
    if not asyncio.run(tour(as_json=as_json)):
        sys.exit(EXIT_FAILED)
