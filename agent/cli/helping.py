"""What a person who needs help sees: examples to copy, and the command that was meant."""

from typing import Final

import click

FIRST: Final = {True: "Example: ", False: "Examples: "}


def examples(*typed: str, more: str = "") -> str:
    """Lay examples out for `epilog`: a line each, never broken, so that they can be copied."""
    first = FIRST[len(typed) == 1]
    below = f"\n{' ' * len(first)}".join(typed)
    return f"\b\n{first}{below}" + (f"\n\n{more}" if more else "")


class Group(click.Group):
    """A group whose commands are known by their names alone."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command to one that there is not."""
        name = args[0]
        is_option = name.startswith("-")
        if not (is_option or ctx.resilient_parsing or self.get_command(ctx, name)):
            from agent.settings.names import nearest  # noqa: PLC0415 - heavy, and for mistakes only

            meant = nearest(name, self.list_commands(ctx)).replace("did", "Did")
            ctx.fail(f"No such command {name!r}. {meant}".rstrip())
        return super().resolve_command(ctx, args)
