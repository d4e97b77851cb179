"""`polycloud run`: the daemon, in the foreground."""

import gc
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from agent.errors import EXIT_FAILED, AgentError, ConfigError


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
    with _nothing_is_garbage():
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
    shell = Shell(environ=os.environ, reload=lambda: load(Path(config), os.environ), ring=ring)
    try:
        asyncio.run(Service(settings, shell).run())
    except* AgentError as group:
        _end(list(_leaves(group)))


@contextmanager
def _nothing_is_garbage() -> Generator[None]:
    """Do not look for garbage among what is made to stay, neither now nor later.

    Looking costs a start 7 % of its time, and a loop that waits for a frame up to 20 ms a time.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


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
