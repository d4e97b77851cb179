"""`polycloud sign`: what any MQTT client needs to log in."""

import importlib
from collections.abc import Mapping
from typing import Final

import click

from agent.cli.helping import Group, examples

CLOUDS: Final[Mapping[str, str]] = {
    "tencent": "Sign for Tencent IoT Explorer.",
    "aliyun": "Sign for Aliyun IoT Platform.",
    "onenet": "Sign for China Mobile OneNET.",
}
"""Each stands in a module of its name here, as a command of its name."""


class _Clouds(Group):
    """Imports a cloud's credentials only when it is signed for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(CLOUDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in CLOUDS:
            return None
        module = importlib.import_module(f"agent.cli.sign.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(CLOUDS.items()))


@click.group(
    cls=_Clouds,
    epilog=examples(
        "POLYCLOUD_SECRET='IyXm…==' polycloud sign tencent --product-id CS0SLTKSYA"
        " --device-name dev1"
    ),
)
def sign() -> None:
    """Print host, port, client id, user name and password: what an MQTT client logs in with.

    The secret comes from the environment variable POLYCLOUD_SECRET, from --secret-file, or from a
    hidden prompt; never from an argument, which every user of the machine could read.
    """
