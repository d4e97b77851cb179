"""`polycloud init`: a first configuration, by questions or by options alone."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NoReturn

import click

from agent.app.codecs import check_codecs
from agent.cli.check import check
from agent.cli.files import give_to_service, write_whole
from agent.cli.forms import VARIANTS
from agent.cli.helping import examples
from agent.cli.questions import Asker, read_text
from agent.cli.section_questions import Filled, ask_section, refuse_unfit
from agent.cli.template import SIMULATED, Answers, config_text
from agent.errors import EXIT_CONFIG, EXIT_FAILED, ConfigError
from agent.settings.allowed import choices
from agent.settings.boards import BOARDS, COEFFICIENTS, ISOLATOR_NOTICE
from agent.settings.clouds import OnenetSettings
from agent.settings.load import load
from agent.settings.names import CLOUDS

EXAMPLE: Final = examples(
    "POLYCLOUD_SECRET='IyXm…==' polycloud init --yes --board code504"
    " --port /dev/ttyAMA0 --cloud tencent --product-id CS0SLTKSYA --device-name dev1"
    " --output /etc/polycloud"
)
BOARD_NAMES: Final = (*BOARDS, "custom")
DOMAINS: Final = choices(OnenetSettings.model_fields["domain"])
LIGHTS: Final = ("rpi_ws281x", "spi", "rgb", "none")
BUTTONS: Final = ("gpiozero", "gpiod", "auto", "none")
DEFAULT_OUTPUT: Final = "/etc/polycloud"
CONFIG_NAME: Final = "socket.toml"
OPEN_MODE: Final = 0o644
SECRET_MODE: Final = 0o600
NONE: Final = "none"
SECRET_NAMES: Final = {"mqtt_params_file": "{}.json"}
"""Names of the files with a secret that are not CLOUD.secret, by their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """A file beside the configuration, and the key that names it."""

    key: str
    name: str
    text: str = field(repr=False)
    mode: int = SECRET_MODE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be written, and where."""

    answers: Answers
    files: tuple[_Beside, ...]
    output: Path

    @property
    def config(self) -> Path:
        return self.output / CONFIG_NAME

    @property
    def paths(self) -> list[Path]:
        return [self.config, *(self.output / file.name for file in self.files)]

    @property
    def secret_file(self) -> Path | None:
        names = [file.name for file in self.files if file.mode == SECRET_MODE]
        return self.output / names[0] if names else None


@click.command(epilog=EXAMPLE)
@click.option("--id", "device_id", help="A name for the device on this machine.")
@click.option("--board", type=click.Choice(BOARD_NAMES), help="Which board carries the meter.")
@click.option("--port", help="The meter's port; 'simulated' for a try without hardware.")
@click.option("--kv", type=float, help="For board custom: V = KV · VP/VR.")
@click.option("--ki", type=float, help="For board custom: I = KI · IP/IR.")
@click.option("--kp", type=float, help="For board custom: P = KP · PP/PR.")
@click.option(
    "--light", type=click.Choice(LIGHTS), help="What drives the light; spi also on a Pi 5."
)
@click.option("--button", type=click.Choice(BUTTONS), help="What reads the button.")
@click.option("--cloud", type=click.Choice([*CLOUDS, NONE]), help="none: local control only.")
@click.option(
    "--product-id",
    "--product-key",
    "product_id",
    help="The product's id (Aliyun: its ProductKey), as the console shows it.",
)
@click.option(
    "--device-name", help="The device's name (OneNET legacy: its id), as the console shows it."
)
@click.option("--host", help="Home Assistant: the MQTT broker.")
@click.option("--username", help="Home Assistant: a user of the broker.")
@click.option("--instance-id", help="Aliyun: the instance's id; old public instances have none.")
@click.option("--region", help="Tencent, Aliyun without an instance id: the region.")
@click.option(
    "--generation",
    type=click.Choice(VARIANTS["onenet"].choices),
    help="OneNET: which of its platforms.",
)
@click.option(
    "--domain", type=click.Choice(DOMAINS), help="OneNET: all products' broker, or the product's."
)
@click.option(
    "--ca-file",
    help="The root of the broker, a PEM file, which is copied: OneNET's, or your own server's.",
)
@click.option("--no-tls", is_flag=True, help="Write tls = false: everything goes in the clear.")
@click.option("--secret-file", help="A file that holds the secret; '-' is standard input.")
@click.option(
    "--credentials",
    help="A file with the console's JSON; '-' is standard input.",
)
@click.option("--output", help=f"The folder to write into.  [default: {DEFAULT_OUTPUT}]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object with the files made.")
@click.option("--yes", is_flag=True, help="Ask nothing: take defaults, and overwrite.")
def init(*, yes: bool, is_json: bool, **options: str | float | bool | None) -> None:
    """Make a configuration and a secret file (mode 0600) that pass `polycloud check`.

    The secret comes from POLYCLOUD_SECRET, --secret-file, --credentials, the pasted JSON or a
    hidden prompt; never from an argument, which every user of the machine could read. The JSON of
    a console holds the device's values in any usual spelling, or is Aliyun's MQTT parameters.
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
        secret_file = plan.secret_file and str(plan.secret_file)
        click.echo(json.dumps({"config": str(plan.config), "secret_file": secret_file}))
        return
    click.echo(f"wrote {' and '.join(map(str, plan.paths))}")
    _offer_check(plan, asker)


def _ask(asker: Asker) -> _Plan:
    board = asker.choose("board", "Board", BOARD_NAMES, "code504")
    if board == "direct":
        click.echo(f"warn {ISOLATOR_NOTICE}", err=True)
    coefficients = {} if board in BOARDS else {name: asker.number(name) for name in COEFFICIENTS}
    port = asker.port()
    if port == SIMULATED and (asker.given("light") or asker.given("button")):
        raise click.UsageError("--light and --button do not belong to --port simulated")
    cloud = asker.choose("cloud", "Cloud", (*CLOUDS, NONE), CLOUDS[0])
    filled, files = _cloud(asker, cloud)
    answers = Answers(
        device_id=asker.text("device_id", "Name of the device here", "socket-1"),
        board=board,
        port=port,
        coefficients=coefficients,
        light=asker.given("light"),
        button=asker.given("button"),
        cloud="" if cloud == NONE else cloud,
        keys=filled.keys,
        files={file.key: file.name for file in files},
    )
    output = asker.text("output", "Folder to write into", DEFAULT_OUTPUT)
    return _Plan(answers=answers, files=files, output=Path(output).expanduser())


def _cloud(asker: Asker, cloud: str) -> tuple[Filled, tuple[_Beside, ...]]:
    """Ask for the cloud's section, and list the files that belong beside it."""
    if cloud == NONE:
        refuse_unfit(asker, cloud, frozenset())
        return Filled(), ()
    filled = ask_section(asker, cloud)
    name = SECRET_NAMES.get(filled.secret_key, "{}.secret").format(cloud)
    secret = _Beside(key=filled.secret_key, name=name, text=filled.secret + "\n")
    files = [secret] if filled.secret else []
    if filled.ca_file:
        text = read_text(str(Path(filled.ca_file).expanduser()), "--ca-file")
        files.append(_Beside(key="ca_file", name=f"{cloud}-ca.pem", text=text, mode=OPEN_MODE))
    return filled, tuple(files)


def _try_out(plan: _Plan) -> None:
    """Load what would be written from a folder of its own; end where it has faults."""
    with tempfile.TemporaryDirectory() as folder:
        draft = replace(plan, output=Path(folder))
        _write(draft)
        try:
            (device,) = load(draft.config, {}).devices
            check_codecs(device)
        except ConfigError as error:
            _end(str(error).replace(f"{folder}/", "") + "\nnothing was written", EXIT_CONFIG)


def _confirm(plan: _Plan, asker: Asker) -> None:
    """Ask before anything that exists is replaced."""
    existing = [str(path) for path in plan.paths if path.exists()]
    if existing and not asker.agrees(f"Overwrite {' and '.join(existing)}?", is_default=False):
        _end("nothing was written", EXIT_FAILED)


def _write(plan: _Plan) -> None:
    plan.output.mkdir(parents=True, exist_ok=True)
    for file in plan.files:
        write_whole(plan.output / file.name, file.text, file.mode)
        if file.mode == SECRET_MODE:
            give_to_service(plan.output / file.name)
    write_whole(plan.config, config_text(plan.answers), OPEN_MODE)


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
