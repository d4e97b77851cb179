"""A real systemd as PID 1 of namespaces of its own, for tests of the unit."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BOOT = Path(__file__).with_name("boot-systemd")
SYSTEMD = Path("/lib/systemd/systemd")
CGROUPS = Path("/sys/fs/cgroup")
CHECKOUT = Path("/srv/checkout")
PYTHON = Path("/srv/python/bin/python")
"""Where the machine finds this checkout and its interpreter: a service sees no /tmp of ours."""
BROUGHT = (f"checkout={ROOT}", f"python={sys.prefix}")
OWN = "polycloud-test"
ENTER = 'for each in $CGROUPS; do echo $$ >"$each/cgroup.procs"; done; exec "$@"'
NAMESPACES = ("--pid", "--fork", "--mount", "--uts", "--ipc", "--cgroup", "--net", "--kill-child")


def why_not() -> str:
    """Tell what keeps a systemd from being started here; empty when nothing is known."""
    if os.geteuid() != 0:
        return "a systemd of its own needs root"
    if not SYSTEMD.exists():
        return "needs the Debian package systemd"
    for command, package in (("unshare", "util-linux"), ("nsenter", "util-linux")):
        if shutil.which(command) is None:
            return f"needs the Debian package {package}"
    if Path("/proc/1/comm").read_text().strip() == "systemd":
        return "this machine runs a systemd of its own already"
    return ""


class Machine:
    """The running systemd: commands in it, and files under its root."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.root = Path(f"/proc/{pid}/root")
        self._enter = ["nsenter", "-t", str(pid), "-m", "-p", "-u", "-i", "-C", "-n", "-r", "-w"]

    def run(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            [*self._enter, *command], capture_output=True, text=True, timeout=60, check=False
        )
        if check and done.returncode:
            told = self.run("journalctl", "--no-pager", "-n", "60", check=False)
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}\n{told}")
        return done.stdout.strip()

    def show(self, unit: str, key: str) -> str:
        return self.run("systemctl", "show", "--value", "-p", key, unit)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def read(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()

    def open_way_to(self, path: Path) -> None:
        """Let every user reach *path*: a test's files may lie in root's home."""
        for folder in (path, *path.parents):
            inside = self.root / str(folder).lstrip("/")
            inside.chmod(inside.stat().st_mode | 0o055)


@contextlib.contextmanager
def machine(folder: Path, boot_s: float = 20) -> Iterator[Machine]:
    """Start a systemd in *folder*, and leave nothing of it; TimeoutError when it does not come."""
    log = folder / "console"
    scratch = folder / "machine"
    scratch.mkdir()
    with log.open("wb") as console, _cgroups() as cgroups:
        enter = [shutil.which("sh") or "sh", "-c", ENTER, "sh", "unshare", *NAMESPACES]
        parent = subprocess.Popen(
            [*enter, str(BOOT), str(scratch), *BROUGHT],
            env={**os.environ, "CGROUPS": " ".join(map(str, cgroups))},
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Machine(_booted(parent, time.monotonic() + boot_s, log))
        finally:
            parent.send_signal(signal.SIGKILL)  # --kill-child takes PID 1 and all with it
            parent.wait()


def _booted(parent: "subprocess.Popen[bytes]", deadline: float, log: Path) -> int:
    while parent.poll() is None and time.monotonic() < deadline:
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            state = Machine(int(children[0])).run("systemctl", "is-system-running", check=False)
            if state in ("running", "degraded"):
                return int(children[0])
    raise TimeoutError(f"no systemd came up: {log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def _cgroups() -> Iterator[list[Path]]:
    """Make a control group of our own in each hierarchy: a systemd takes the whole tree for its.

    Two of them in one tree remove each other's groups, and what is started there then fails.
    """
    unified = (CGROUPS / "cgroup.controllers").exists()
    tops = [CGROUPS] if unified else [path for path in CGROUPS.iterdir() if path.is_mount()]
    own = [Path(tempfile.mkdtemp(prefix=f"{OWN}-", dir=top)) for top in tops if _is_usable(top)]
    try:
        yield own
    finally:
        _remove(own, time.monotonic() + 5)


def _is_usable(top: Path) -> bool:
    """Tell whether a process may enter a new group there: one of `cpuset` has no processors."""
    return not (top / "cpuset.cpus").exists()


def _remove(tops: list[Path], deadline: float) -> None:
    """Remove the control groups; the last of the dead may need a moment to leave them."""
    for top in tops:
        while top.exists() and time.monotonic() < deadline:
            # os.walk passes over what vanishes while it looks; pathlib would not.
            for path, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    Path(path).rmdir()
