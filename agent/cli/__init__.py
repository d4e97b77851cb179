"""The `polycloud` command: one file per group of commands, imported only when typed."""

import importlib
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import click

from agent import __version__
from agent.cli.helping import Group, examples
from agent.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS: Final[Mapping[str, str]] = {
    "run": "agent.cli.run:run",
    "init": "agent.cli.init:init",
    "check": "agent.cli.check:check",
    "demo": "agent.cli.demo:demo",
    "emulator": "agent.cli.emulator:emulator",
    "sign": "agent.cli.sign:sign",
    "decode": "agent.cli.decode:decode",
    "model": "agent.cli.model:model",
    "doctor": "agent.cli.doctor:doctor",
    "calibrate": "agent.cli.calibrate:calibrate",
    "on": "agent.cli.control:on",
    "off": "agent.cli.control:off",
    "toggle": "agent.cli.control:toggle",
    "status": "agent.cli.control:status",
    "countdown": "agent.cli.countdown:countdown",
    "schedule": "agent.cli.schedule:schedule",
    "identify": "agent.cli.identify:identify",
    "get": "agent.cli.values:get",
    "set": "agent.cli.values:set_values",
    "watch": "agent.cli.watch:watch",
    "energy": "agent.cli.energy:energy",
    "events": "agent.cli.events:events",
    "history": "agent.cli.history:history",
    "why": "agent.cli.why:why",
    "rule": "agent.cli.rule:rule",
    "log": "agent.cli.log:log",
    "reload": "agent.cli.reload:reload",
    "record": "agent.cli.record:record",
    "replay": "agent.cli.replay:replay",
    "backup": "agent.cli.backup:backup",
    "restore": "agent.cli.backup:restore",
    "conformance": "agent.cli.conformance:conformance",
    "completion": "agent.cli.completion:completion",
}

SUMMARIES: Final[Mapping[str, str]] = {
    "run": "Run the agent in the foreground.",
    "init": "Make a configuration by answering questions.",
    "check": "Check a configuration, and with --online the cloud's answer.",
    "demo": "Show everything on this machine, without hardware.",
    "emulator": "Run the clouds on loopback.",
    "sign": "Print what an MQTT client needs to log in.",
    "decode": "Decode a capture of an HLW8032.",
    "model": "Write the thing model for a console, or compare its export.",
    "doctor": "Find out why a board does not work.",
    "calibrate": "Make the meter agree with a reference meter.",
    "on": "Switch on.",
    "off": "Switch off.",
    "toggle": "Switch to the other position.",
    "status": "Show what the agent knows.",
    "countdown": "Switch when a time has passed.",
    "schedule": "Switch at times of the day.",
    "identify": "Let the light show which device this is.",
    "get": "Show properties.",
    "set": "Set properties.",
    "watch": "Show what changes, as it changes.",
    "energy": "Show what was used, and why the count is what it is.",
    "events": "Show what happened, and on which evidence.",
    "history": "Show what was used and measured, by minute, hour, day and month.",
    "why": "Tell why the contact stands where it stands, and who moved it.",
    "rule": "Let the socket act by itself, by rules.",
    "log": "Show the newest lines of the agent's log.",
    "reload": "Take a changed configuration over.",
    "record": "Keep in a file all that enters a device, and what it decides.",
    "replay": "Run a recording again, and tell whether it decides the same.",
    "backup": "Copy the state of all devices to one file.",
    "restore": "Put a backup in the place of the state.",
    "conformance": "Examine a third party's adapter or driver by every rule.",
    "completion": "Print a script that makes a shell complete all of this.",
}

_LATER: Final = """
    register provision bundle bench
"""
NOT_YET: Final = frozenset(_LATER.split())
"""Commands that are promised and have not landed: they say so and exit with 2."""


class LazyGroup(Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; say 'not yet' for one that is promised."""
        if cmd_name in NOT_YET:
            click.echo(f"polycloud {cmd_name}: not yet in version {__version__}", err=True)
            ctx.exit(EXIT_USAGE)
        path = COMMANDS.get(cmd_name)
        if path is None:
            return None
        module, _, name = path.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Offer the commands without importing any."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - for a shell that asks

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(name, help=SUMMARIES[name])
            for name in COMMANDS
            if name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the summaries without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "polycloud status --json",
        more=f"Exit codes: 0 done, {EXIT_FAILED} failed, {EXIT_USAGE} usage,"
        f" {EXIT_UNREACHABLE} agent not reachable, {EXIT_CONFIG} configuration error.",
    ),
)
@click.version_option(__version__, prog_name="polycloud")
def cli() -> None:
    """Drive a metering socket and speak for it to your IoT cloud."""


def main() -> None:
    """Run the command line."""
    sys.exit(cli())


if __name__ == "__main__":
    main()
