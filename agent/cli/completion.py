"""`polycloud completion`: the script that makes a shell complete our commands."""

from typing import Final

import click
from click.shell_completion import ShellComplete, get_completion_class

from agent.cli.helping import examples

PROGRAM: Final = "polycloud"
VARIABLE: Final = "_POLYCLOUD_COMPLETE"
EXAMPLES: Final = examples(
    "polycloud completion bash > ~/.local/share/bash-completion/completions/polycloud",
    "polycloud completion fish > ~/.config/fish/completions/polycloud.fish",
)


@click.command(epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print a script for SHELL that completes commands, options, devices and properties.

    Nothing is installed: put what it prints where your shell looks for it.
    """
    found = get_completion_class(shell)
    assert found is not None, "click knows the three"
    context = click.get_current_context().find_root().command
    click.echo(ShellComplete.source(found(context, {}, PROGRAM, VARIABLE)))
