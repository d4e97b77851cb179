"""`polycloud model`: the thing model for a platform's console, and what its export says."""

import importlib
from collections.abc import Mapping
from typing import Final

import click

from agent.cli.helping import Group, examples

COMMANDS: Final[Mapping[str, str]] = {
    "export": "Write the model that a console imports.",
    "diff": "Compare a console's export with the device.",
}
"""Each stands in a module of its name here, as a command of its name."""


class _Commands(Group):
    """Imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"agent.cli.model.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    epilog=examples(
        "polycloud model export aliyun -o model.json", "polycloud model diff aliyun exported.json"
    ),
)
def model() -> None:
    """Make a platform's console and the device agree on names and types.

    No agent need run, and nothing is sent anywhere.
    """
