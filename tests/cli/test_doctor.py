import fcntl
import json
import os
import pty
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agent.clock import Trust
from agent.doctor.checks import (
    check_clock,
    check_console,
    check_frames,
    check_gpio,
    check_port,
    check_uart,
)
from agent.doctor.facts import (
    ConsoleFacts,
    GpioFacts,
    LineFacts,
    PortFacts,
    PortKind,
    UartFacts,
)
from agent.doctor.listen import line_facts
from agent.doctor.probes import console_facts, gpio_facts, port_facts, uart_facts
from agent.settings.device import MeterSettings, RelaySettings, SimulatedMeterSettings

FRAME = bytes.fromhex("555A02F7600003AB0040100260 5D51A65803E9EF710B7A36".replace(" ", ""))
INVERTED = bytes(255 - byte for byte in FRAME)
TTY = PortFacts(
    port="/dev/ttyAMA0",
    kind=PortKind.TTY,
    real_path="/dev/ttyAMA0",
    is_usable=True,
    group="dialout",
    user="pi",
)
MINI = replace(TTY, port="/dev/serial0", real_path="/dev/ttyS0")
NETWORK = PortFacts(port="socket://h:1", kind=PortKind.NETWORK)
SIMULATED = PortFacts(port="", kind=PortKind.SIMULATED)
GPIO = GpioFacts(
    driver="auto",
    chips={"/dev/gpiochip0": True},
    has_gpiod=True,
    has_gpiozero=False,
    has_lgpio=False,
    user="pi",
)
DEVICE = """\
[device]
id = "socket-1"
kind = "socket"
[device.relay]
driver = "simulated"
[device.button]
driver = "none"
[device.indicator]
driver = "none"
[device.meter]
"""


# ── the checks: facts → verdict ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (TTY, "ok", "/dev/ttyAMA0 can be read"),
        (MINI, "ok", "(/dev/ttyS0)"),
        (SIMULATED, "ok", "simulated"),
        (NETWORK, "ok", "network"),
        (replace(TTY, is_usable=False), "FAILED", "sudo usermod -aG dialout pi"),
        (replace(TTY, kind=PortKind.OTHER_FILE), "FAILED", "no serial port"),
        (
            *(replace(TTY, kind=PortKind.MISSING, others=("/dev/ttyUSB0",)), "FAILED"),
            "serial ports here: /dev/ttyUSB0",
        ),
    ],
)
def test_port(facts: PortFacts, level: str, says: str):
    verdict = check_port(facts)
    assert (verdict.level, says in verdict.text) == (level, True), verdict


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (UartFacts(port=TTY, model="Raspberry Pi 4 Model B", compatible="arm,pl011"), "ok"),
        (UartFacts(port=MINI, compatible="brcm,bcm2835-aux-uart"), "FAILED"),
        (UartFacts(port=MINI, model="Raspberry Pi Zero W Rev 1.1"), "FAILED"),
        (UartFacts(port=MINI, model="Raspberry Pi 5 Model B"), "ok"),
        (UartFacts(port=MINI, model="Some PC"), "ok"),
        (UartFacts(port=NETWORK), "ok"),
        (UartFacts(port=replace(TTY, kind=PortKind.MISSING)), "warn"),
    ],
)
def test_uart(facts: UartFacts, level: str):
    verdict = check_uart(facts)
    assert verdict.level == level, verdict
    assert ("dtoverlay=disable-bt" in verdict.text) is (level == "FAILED")


@pytest.mark.parametrize(
    ("line", "aliases", "level"),
    [
        ("root=/dev/mmcblk0 console=tty1", {}, "ok"),
        ("console=ttyAMA0,115200 console=tty1", {}, "FAILED"),
        ("console=serial0,115200", {"serial0": "ttyAMA0"}, "FAILED"),
        ("console=serial0,115200", {"serial0": "ttyS0"}, "ok"),
        ("noconsole=ttyAMA0", {}, "ok"),
    ],
)
def test_console(line: str, aliases: dict[str, str], level: str):
    lines = {"/boot/firmware/cmdline.txt": line}
    verdict = check_console(ConsoleFacts(port=TTY, command_lines=lines, aliases=aliases))
    assert verdict.level == level, verdict
    assert check_console(ConsoleFacts(port=NETWORK, command_lines=lines, aliases={})).level == "ok"


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (LineFacts(port=TTY, frames=3, seconds=0.4, received=FRAME * 3), "ok", "3 good frames"),
        (LineFacts(port=SIMULATED), "ok", "simulated"),
        (LineFacts(port=TTY, seconds=3), "FAILED", "silence for 3.0 s"),
        (LineFacts(port=TTY, is_busy=True), "warn", "in use"),
        (LineFacts(port=TTY, error="no luck"), "FAILED", "no luck"),
        (
            *(LineFacts(port=TTY, seconds=1, received=INVERTED, inverted_frames=1), "FAILED"),
            "inverted",
        ),
        (LineFacts(port=TTY, seconds=1, received=b"\0\0\xfe"), "FAILED", "rests low"),
        (LineFacts(port=TTY, seconds=1, received=b"login: \r\n"), "FAILED", "serial console"),
        (LineFacts(port=TTY, seconds=1, received=b"\x81\xfe\x93"), "FAILED", "wrong baud rate"),
    ],
)
def test_frames(facts: LineFacts, level: str, says: str):
    verdict = check_frames(facts)
    assert (verdict.level, says in verdict.text) == (level, True), verdict


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (GPIO, "ok", "through gpiod"),
        (replace(GPIO, driver="simulated", chips={}), "ok", "simulated"),
        (replace(GPIO, chips={}), "FAILED", "no /dev/gpiochip"),
        (replace(GPIO, chips={"/dev/gpiochip0": False}), "FAILED", "usermod -aG gpio pi"),
        (replace(GPIO, driver="gpiozero"), "FAILED", "--extras pi"),
        (replace(GPIO, driver="gpiod", has_gpiod=False), "FAILED", "--extras gateway"),
        (replace(GPIO, has_gpiod=False), "FAILED", "neither"),
        (
            *(replace(GPIO, has_gpiod=False, has_gpiozero=True, has_lgpio=True), "warn"),
            "a restart clicks",
        ),
    ],
)
def test_gpio(facts: GpioFacts, level: str, says: str):
    verdict = check_gpio(facts)
    assert (verdict.level, says in verdict.text) == (level, True), verdict


def test_clock():
    trusted = Trust(is_trusted=True, reason="timesyncd says so")
    doubtful = Trust(is_trusted=False, reason="nobody says so")
    assert check_clock(trusted, tls_is_possible=True).level == "ok"
    assert check_clock(doubtful, tls_is_possible=True).level == "warn"
    assert check_clock(doubtful, tls_is_possible=False).level == "FAILED"


# ── the probes, on a file system of their own ───────────────────────────────────────────────


def write(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_missing_port_is_found_missing_and_others_are_listed(tmp_path: Path):
    write(tmp_path, "dev/serial/by-id/usb-FTDI")
    write(tmp_path, "dev/ttyUSB0")
    facts = port_facts(MeterSettings(port="/dev/ttyAMA0"), tmp_path)
    assert facts.kind is PortKind.MISSING
    assert facts.others == ("/dev/serial/by-id/usb-FTDI", "/dev/ttyUSB0")


def test_a_plain_file_is_no_port(tmp_path: Path):
    write(tmp_path, "dev/ttyAMA0")
    facts = port_facts(MeterSettings(port="/dev/ttyAMA0"), tmp_path)
    assert facts.kind is PortKind.OTHER_FILE
    assert port_facts(MeterSettings(port="socket://h:1"), tmp_path).kind is PortKind.NETWORK
    simulated = SimulatedMeterSettings(driver="simulated")
    assert port_facts(simulated, tmp_path).kind is PortKind.SIMULATED


def test_model_and_uart_are_read_from_the_device_tree(tmp_path: Path):
    write(tmp_path, "proc/device-tree/model", "Raspberry Pi 3 Model B\0")
    write(
        tmp_path,
        "sys/class/tty/ttyS0/device/of_node/compatible",
        "brcm,bcm2835-aux-uart\0",
    )
    facts = uart_facts(MINI, tmp_path)
    assert (facts.model, facts.compatible) == ("Raspberry Pi 3 Model B", "brcm,bcm2835-aux-uart")
    assert uart_facts(TTY, tmp_path).compatible == ""


def test_command_lines_and_aliases_are_read(tmp_path: Path):
    write(tmp_path, "proc/cmdline", "console=tty1\n")
    write(tmp_path, "boot/firmware/cmdline.txt", "console=serial0,115200\n")
    write(tmp_path, "dev/ttyAMA0")
    (tmp_path / "dev/serial0").symlink_to("ttyAMA0")
    facts = console_facts(TTY, tmp_path)
    assert facts.aliases == {"serial0": "ttyAMA0"}
    verdict = check_console(facts)
    assert verdict.text.startswith("/boot/firmware/cmdline.txt has console=serial0")


def test_gpio_chips_are_listed_and_not_opened(tmp_path: Path):
    (tmp_path / "dev").mkdir()
    os.mkfifo(tmp_path / "dev/gpiochip0")  # opening it would hang
    facts = gpio_facts(RelaySettings(), tmp_path)
    assert facts.chips == {"/dev/gpiochip0": True}


# ── listening ───────────────────────────────────────────────────────────────────────────────


@contextmanager
def terminal(data: bytes) -> Iterator[str]:
    """A pseudo-terminal on whose other side somebody goes on saying *data*."""
    ours, theirs = pty.openpty()
    is_over = threading.Event()

    def speak() -> None:
        while data and not is_over.wait(0.02):
            os.write(ours, data)

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        is_over.set()
        thread.join()
        os.close(ours)
        os.close(theirs)


@contextmanager
def server(data: bytes) -> Iterator[str]:
    """A serial server on loopback that says *data* and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"socket://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def heard(port: str, seconds: float = 5.0) -> LineFacts:
    return line_facts(port_facts(MeterSettings(port=port)), "E", seconds)


def test_frames_on_a_terminal_are_heard():
    with terminal(FRAME) as port:
        facts = heard(port)
    assert facts.port.kind is PortKind.PSEUDO
    assert facts.frames >= 3
    assert facts.seconds < 5


def test_frames_and_their_inversion_are_heard_over_the_network():
    with server(b"\x00" + FRAME * 3) as port:
        assert heard(port).frames == 3
    with server(INVERTED * 2) as port:
        facts = heard(port)
    assert (facts.frames, facts.inverted_frames) == (0, 2)


def test_silence_is_heard_as_silence():
    with terminal(b"") as port:
        facts = heard(port, 0.1)
    assert (facts.received, facts.error, facts.is_busy) == (b"", "", False)
    assert facts.seconds >= 0.1


def test_a_port_in_use_is_left_alone():
    with terminal(FRAME) as port, Path(port).open("rb", buffering=0) as agent:
        fcntl.flock(agent, fcntl.LOCK_EX | fcntl.LOCK_NB)
        facts = heard(port)
    assert facts.is_busy
    assert facts.received == b""


def test_a_server_that_is_not_there_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = f"socket://127.0.0.1:{listener.getsockname()[1]}"
    assert "connection refused" in heard(port).error


# ── the command ─────────────────────────────────────────────────────────────────────────────


def doctor(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("POLYCLOUD_")}
    return subprocess.run(
        [sys.executable, "-m", "agent", "doctor", "--config", str(path), *options],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=kept,
    )


def test_a_simulated_device_passes_all_eight_checks(tmp_path: Path):
    done = doctor(write(tmp_path, "socket.toml", DEVICE + 'driver = "simulated"\n'))
    assert done.returncode == 0, done.stdout
    names = [line.partition(":")[0].split()[1] for line in done.stdout.splitlines()]
    assert sorted(names) == sorted(
        ["port", "uart", "console", "frames", "gpio", "clock", "tls", "credentials"]
    )


def test_frames_on_the_configured_port_are_found(tmp_path: Path):
    with terminal(FRAME) as port:
        done = doctor(write(tmp_path, "socket.toml", DEVICE + f'port = "{port}"\n'), "--json")
    answer = json.loads(done.stdout)
    (frames,) = [check for check in answer["checks"] if check["name"] == "frames"]
    assert (answer["ok"], done.returncode, frames["level"]) == (True, 0, "ok")


def test_a_missing_port_fails_and_is_not_listened_to(tmp_path: Path):
    path = write(tmp_path, "socket.toml", DEVICE + 'port = "/dev/nowhere"\n')
    done = doctor(path)
    assert done.returncode == 1
    assert "FAILED port: /dev/nowhere does not exist" in done.stdout
    assert "warn frames: not tried" in done.stdout


def test_clouds_are_left_alone_when_asked_to(tmp_path: Path):
    path = write(tmp_path, "socket.toml", _with_cloud())
    done = doctor(path, "--offline")
    assert done.returncode == 0
    assert "warn tls: not tried" in done.stdout


def test_a_cloud_that_cannot_be_reached_fails_at_tls(tmp_path: Path):
    path = write(tmp_path, "socket.toml", _with_cloud())
    done = doctor(path)
    assert done.returncode == 1
    assert "FAILED tls: 127.0.0.1:1: the connection was refused" in done.stdout
    assert "warn credentials: not tried" in done.stdout


def test_a_faulty_configuration_exits_with_78(tmp_path: Path):
    path = write(tmp_path, "socket.toml", DEVICE + "x = 1\n")
    done = doctor(path)
    assert (done.returncode, f"{path}:11: device.meter.x" in done.stderr) == (78, True)


def _with_cloud() -> str:
    return (
        DEVICE.replace('kind = "socket"', 'kind = "socket"\nclouds = ["tencent"]')
        + 'driver = "simulated"\n[clouds.tencent]\nproduct_id = "CS0SLTKSYA"\n'
        'device_name = "dev1"\ndevice_secret = "IyXmUW5sU/q1vnb5yzTkeQ=="\n'
        'host = "127.0.0.1"\nport = 1\n'
    )
