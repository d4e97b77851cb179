"""`polycloud init`: a first configuration, by questions or by options alone."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NoReturn

import click

from agent import __version__
from agent.cli.check import check
from agent.cli.credentials import Credentials
from agent.cli.files import give_to_service, write_whole
from agent.cli.questions import Asker
from agent.cli.template import Answers, config_text, secret_name
from agent.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_USAGE, ConfigError
from agent.settings.boards import BOARDS, COEFFICIENTS, ISOLATOR_NOTICE
from agent.settings.load import load
from agent.settings.names import CLOUDS

EXAMPLE: Final = (
    "Example: POLYCLOUD_SECRET='IyXm…==' polycloud init --yes --board code504"
    " --port /dev/ttyAMA0 --cloud tencent --product-id CS0SLTKSYA --device-name dev1"
    " --output /etc/polycloud"
)
BOARD_NAMES: Final = (*BOARDS, "custom")
DEFAULT_OUTPUT: Final = "/etc/polycloud"
CONFIG_NAME: Final = "socket.toml"
CONFIG_MODE: Final = 0o644
SECRET_MODE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be written, and where."""

    answers: Answers
    secret: str
    output: Path

    @property
    def config(self) -> Path:
        return self.output / CONFIG_NAME

    @property
    def secret_file(self) -> Path:
        return self.output / secret_name(self.answers.cloud)


@click.command(epilog=EXAMPLE)
@click.option("--id", "device_id", help="A name for the device on this machine.")
@click.option("--board", type=click.Choice(BOARD_NAMES), help="Which board carries the meter.")
@click.option("--port", help="The meter's port; 'simulated' for a try without hardware.")
@click.option("--kv", type=float, help="For board custom: V = KV · VP/VR.")
@click.option("--ki", type=float, help="For board custom: I = KI · IP/IR.")
@click.option("--kp", type=float, help="For board custom: P = KP · PP/PR.")
@click.option("--cloud", type=click.Choice([*CLOUDS, "none"]), help="none: local control only.")
@click.option("--product-id", help="The product's id, as the console shows it.")
@click.option("--device-name", help="The device's name, as the console shows it.")
@click.option("--secret-file", help="A file that holds the secret; '-' is standard input.")
@click.option("--credentials", help="A file with the console's JSON; '-' is standard input.")
@click.option("--output", help=f"The folder to write into.  [default: {DEFAULT_OUTPUT}]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object with the files made.")
@click.option("--yes", is_flag=True, help="Ask nothing: take defaults, and overwrite.")
def init(*, yes: bool, is_json: bool, **options: str | float | None) -> None:
    """Make a configuration and a secret file (mode 0600) that pass `polycloud check`.

    The secret comes from POLYCLOUD_SECRET, --secret-file, --credentials, the pasted JSON or a
    hidden prompt; never from an argument, which every user of the machine could read.
    """
    asker = Asker(options=options, is_silent=yes, environ=os.environ)
    plan = _ask(asker)
    _try_out(plan)
    _confirm(plan, asker)
    try:
        _write(plan)
    except OSError as error:
        _end(f"{error.filename or plan.output}: {error.strerror}", EXIT_FAILED)
    if is_json:
        secret_file = str(plan.secret_file) if plan.secret else None
        click.echo(json.dumps({"config": str(plan.config), "secret_file": secret_file}))
        return
    click.echo(f"wrote {plan.config}" + (f" and {plan.secret_file}" if plan.secret else ""))
    _offer_check(plan, asker)


def _ask(asker: Asker) -> _Plan:
    board = asker.choose("board", "Board", BOARD_NAMES, "code504")
    if board == "direct":
        click.echo(f"warn {ISOLATOR_NOTICE}", err=True)
    coefficients = {} if board in BOARDS else {name: asker.number(name) for name in COEFFICIENTS}
    port = asker.port()
    cloud = asker.choose("cloud", "Cloud", (*CLOUDS, "none"), "tencent")
    if cloud not in (*CLOUDS, "none"):
        _end(f"{cloud}: not yet in version {__version__}; now: tencent, none", EXIT_USAGE)
    known = asker.credentials() if cloud != "none" else Credentials()
    answers = Answers(
        device_id=asker.text("device_id", "Name of the device here", "socket-1"),
        board=board,
        port=port,
        coefficients=coefficients,
        cloud="" if cloud == "none" else cloud,
        product_id=known.product_id,
        device_name=known.device_name,
    )
    output = asker.text("output", "Folder to write into", DEFAULT_OUTPUT)
    return _Plan(answers=answers, secret=known.secret, output=Path(output).expanduser())


def _try_out(plan: _Plan) -> None:
    """Load what would be written from a folder of its own; end where it has faults."""
    with tempfile.TemporaryDirectory() as folder:
        draft = replace(plan, output=Path(folder))
        _write(draft)
        try:
            load(draft.config, {})
        except ConfigError as error:
            _end(str(error).replace(f"{folder}/", "") + "\nnothing was written", EXIT_CONFIG)


def _confirm(plan: _Plan, asker: Asker) -> None:
    """Ask before anything that exists is replaced."""
    files = [plan.config, plan.secret_file] if plan.secret else [plan.config]
    existing = [str(file) for file in files if file.exists()]
    if existing and not asker.agrees(f"Overwrite {' and '.join(existing)}?", is_default=False):
        _end("nothing was written", EXIT_FAILED)


def _write(plan: _Plan) -> None:
    plan.output.mkdir(parents=True, exist_ok=True)
    if plan.secret:
        write_whole(plan.secret_file, plan.secret + "\n", SECRET_MODE)
        give_to_service(plan.secret_file)
    write_whole(plan.config, config_text(plan.answers), CONFIG_MODE)


def _offer_check(plan: _Plan, asker: Asker) -> None:
    is_online = False
    if plan.answers.cloud and not asker.is_silent:
        is_online = asker.agrees("Try to sign in at the cloud now?", is_default=True)
    elif plan.answers.cloud:
        click.echo(f"next: polycloud check --config {plan.config} --online")
    context = click.get_current_context()
    context.invoke(check, path=str(plan.config), is_online=is_online, is_json=False)


def _end(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)
