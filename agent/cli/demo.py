"""`polycloud demo`: everything on this machine, without hardware."""

import sys
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import click

from agent.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_USAGE, ConfigError

if TYPE_CHECKING:
    from agent.demo.dialects import Dialect


class Show(Protocol):
    """The two ways to see a device."""

    def live(
        self, dialects: "Sequence[Dialect]", seconds: float | None, /
    ) -> Coroutine[Any, Any, None]:
        """Show it and obey keys."""
        ...

    def tour(self, dialects: "Sequence[Dialect]", /, *, as_json: bool) -> Coroutine[Any, Any, bool]:
        """Play what it does, a line a step; tell whether every step really happened."""
        ...


@click.command(epilog="Example: polycloud demo --cloud tencent --cloud aliyun --cloud onenet")
@click.option(
    "--cloud",
    "names",
    multiple=True,
    metavar="NAME",
    help="A cloud to show; repeat it for several at once.",
)
@click.option(
    "--config",
    "path",
    metavar="FILE",
    help='Show the device of FILE (kind = "generic"), its parts simulated.',
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 86_400),
    help="How long the live view runs; it ends with q anyway.",
)
@click.option("--tour", "is_tour", is_flag=True, help="Play the tour on a terminal too.")
@click.option("--json", "as_json", is_flag=True, help="Play the tour, one JSON object a step.")
def demo(
    names: tuple[str, ...],
    path: str | None,
    seconds: float | None,
    *,
    is_tour: bool,
    as_json: bool,
) -> None:
    """Show a simulated socket with built-in clouds: live on a terminal, else as a tour.

    NAME is tencent (default), aliyun, onenet, onenet-datastream, onenet-legacy.

    The first cloud commands, all of them watch. The tour prints a line a step and exits with 0
    only if every step really happened. FILE's clouds, secrets, rules and schedules are left
    aside: nothing leaves this machine.
    """
    from agent.demo.dialects import DialectError, choose  # noqa: PLC0415 - only where it runs

    try:
        dialects = choose(names)
    except DialectError as error:
        click.echo(f"polycloud demo: {error}", err=True)
        sys.exit(EXIT_USAGE)
    show = _shown(path)
    import asyncio  # noqa: PLC0415 - heavy: only where the demo runs

    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if has_terminal and not is_tour and not as_json:
        asyncio.run(show.live(dialects, seconds))
        return
    if not asyncio.run(show.tour(dialects, as_json=as_json)):
        sys.exit(EXIT_FAILED)


def _shown(path: str | None) -> "Show":
    """Find what plays: a socket, or the device of a file; end with 78 where that is faulty."""
    if path is None:
        from agent.demo import show  # noqa: PLC0415

        return show
    from pathlib import Path  # noqa: PLC0415

    from agent.demo.declared.file import read_settings  # noqa: PLC0415
    from agent.demo.declared.show import OwnShow  # noqa: PLC0415

    try:
        return OwnShow(read_settings(Path(path)))
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIG)
