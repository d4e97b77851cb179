"""Gather facts about ports, boot files and GPIO: they look, and open no device."""

import grp
import importlib.util
import os
import pwd
import stat
from pathlib import Path
from typing import Final

from agent.doctor.facts import ConsoleFacts, GpioFacts, PortFacts, PortKind, UartFacts
from agent.settings.meters import SerialMeterSettings, SimulatedMeterSettings
from agent.settings.relays import RelaySettings

NETWORK: Final = "socket://"
COMMAND_LINES: Final = ("proc/cmdline", "boot/firmware/cmdline.txt", "boot/cmdline.txt")
SERIAL_PORTS: Final = ("serial/by-id/*", "ttyAMA*", "ttyUSB*", "ttyACM*")
_PSEUDO: Final = "/dev/pts/"


def port_facts(meter: SerialMeterSettings, root: Path = Path("/")) -> PortFacts:
    """Look at the meter's port."""
    if isinstance(meter, SimulatedMeterSettings):
        return PortFacts(port="", kind=PortKind.SIMULATED)
    return facts_of(meter.port, root)


def facts_of(port: str, root: Path = Path("/")) -> PortFacts:
    """Look at a port, or at the address of one."""
    if port.startswith(NETWORK) or (":" in port and not port.startswith("/")):
        return PortFacts(port=port, kind=PortKind.NETWORK)
    path = root / port.removeprefix("/")
    try:
        status = path.stat()
    except OSError:
        others = tuple(_listed(root, pattern) for pattern in SERIAL_PORTS)
        return PortFacts(port=port, kind=PortKind.MISSING, others=tuple(filter(None, others)))
    real_path = str(path.resolve())
    return PortFacts(
        port=port,
        kind=_kind(status.st_mode, real_path),
        real_path=real_path,
        is_usable=os.access(path, os.R_OK | os.W_OK),
        group=group_name(status.st_gid),
        user=user_name(),
    )


def uart_facts(port: PortFacts, root: Path = Path("/")) -> UartFacts:
    """Read the board's model and the UART's kind from the device tree."""
    tty = port.real_path.rpartition("/")[2]
    return UartFacts(
        port=port,
        model=_text(root / "proc/device-tree/model"),
        compatible=_text(root / f"sys/class/tty/{tty}/device/of_node/compatible") if tty else "",
    )


def console_facts(port: PortFacts, root: Path = Path("/")) -> ConsoleFacts:
    """Read the kernel's command lines: of now, and of the next boot."""
    names = ("serial0", "serial1")
    links = {name: root / "dev" / name for name in names}
    return ConsoleFacts(
        port=port,
        command_lines={f"/{name}": _text(root / name) for name in COMMAND_LINES},
        aliases={name: link.resolve().name for name, link in links.items() if link.is_symlink()},
    )


def gpio_facts(relay: RelaySettings, root: Path = Path("/")) -> GpioFacts:
    """List the GPIO chips and the libraries that could drive them."""
    chips = sorted((root / "dev").glob("gpiochip*"))
    return GpioFacts(
        driver=relay.driver,
        chips={f"/dev/{chip.name}": os.access(chip, os.R_OK | os.W_OK) for chip in chips},
        has_gpiod=is_installed("gpiod"),
        has_gpiozero=is_installed("gpiozero"),
        has_lgpio=is_installed("lgpio"),
        user=user_name(),
    )


def is_installed(module: str) -> bool:
    """Tell whether a library can be imported, without importing it."""
    return importlib.util.find_spec(module) is not None


def user_name() -> str:
    """Name the user who runs this."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _kind(mode: int, real_path: str) -> PortKind:
    if not stat.S_ISCHR(mode):
        return PortKind.OTHER_FILE
    return PortKind.PSEUDO if real_path.startswith(_PSEUDO) else PortKind.TTY


def group_name(group: int) -> str:
    """Name a group."""
    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)


def _listed(root: Path, pattern: str) -> str:
    return ", ".join(
        "/" + str(path.relative_to(root)) for path in sorted((root / "dev").glob(pattern))
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("ascii", "replace").replace("\0", " ").strip()
    except OSError:
        return ""
