"""`polycloud run`: the daemon, in the foreground."""

import sys
from collections.abc import Iterator
from typing import Final, NoReturn

import click

from agent import garbage
from agent.errors import EXIT_FAILED, AgentError, ConfigError

SWITCH_S: Final = 0.0005
"""A thread that reckons (the store's) keeps the loop, and so a relay, waiting no longer."""


@click.command(epilog="Example: polycloud run --config /etc/polycloud/socket.toml")
@click.option(
    "--config",
    required=True,
    metavar="FILE|DIR",
    help="A device's file, or a directory of them.",
)
@click.option("--json", "is_json", is_flag=True, help="Log in JSON lines, also on a terminal.")
def run(config: str, *, is_json: bool) -> None:
    """Run the agent until SIGTERM; SIGHUP reloads the configuration.

    Exits with 78 when the configuration is wrong, after naming every fault.
    """
    with garbage.nothing_is_garbage():
        import asyncio  # noqa: PLC0415 - heavy: only where an agent runs
        import os  # noqa: PLC0415
        from pathlib import Path  # noqa: PLC0415

        from agent.app.service import Service, Shell  # noqa: PLC0415
        from agent.cli.configuration import load_or_exit  # noqa: PLC0415
        from agent.log import LogForm, configure  # noqa: PLC0415
        from agent.log_ring import LogRing  # noqa: PLC0415
        from agent.settings.load import load, load_usable  # noqa: PLC0415

        ring = LogRing()
        form = LogForm.JSON if is_json else None
        configure(sys.stderr, os.environ, form=form, keep=ring.keep)
        settings = load_or_exit(config, load_usable)
    sys.setswitchinterval(SWITCH_S)
    garbage.rare(len(settings.devices))
    shell = Shell(
        environ=os.environ,
        reload=lambda: load(Path(config), os.environ),
        ring=ring,
        settled=garbage.settle,
    )
    try:
        asyncio.run(Service(settings, shell).run())
    except* AgentError as group:
        _end(list(_leaves(group)))


def _end(errors: list[AgentError]) -> NoReturn:
    """Say why it ended; a configuration that only the start could judge is told as one."""
    from agent.cli.configuration import exit_code  # noqa: PLC0415 - heavy

    for error in errors:
        click.echo(f"polycloud run: {error}", err=True)
    faults = [error for error in errors if isinstance(error, ConfigError)]
    sys.exit(exit_code(faults[0]) if faults else EXIT_FAILED)


def _leaves(group: BaseExceptionGroup[AgentError]) -> Iterator[AgentError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
