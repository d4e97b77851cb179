"""A network of its own for a program of this harness: what is broken in it is gone with it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from chaos.apart import ROOT
from chaos.report import MissingError

COMMANDS: Final[Mapping[str, str]] = {
    "unshare": "util-linux",
    "ip": "iproute2",
    "nft": "nftables",
}
"""And the Debian packages that have them."""

_UNSHARE: Final = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
"""With processes of its own, too: all end with the first."""

_TRY: Final = "ip link set lo up && nft add table inet polycloud_chaos"


def need_network() -> None:
    """Raise `MissingError` unless this process may have a network of its own, and filter it."""
    if os.geteuid() != 0:
        raise MissingError("root (it makes a network of its own)")
    missing = [package for name, package in COMMANDS.items() if shutil.which(name) is None]
    if missing:
        raise MissingError(f"the Debian package {', '.join(missing)}")
    tried = subprocess.run(
        [*_UNSHARE, "sh", "-c", _TRY], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        reason = tried.stderr.strip().splitlines()
        raise MissingError(f"a kernel that gives network namespaces ({''.join(reason[-1:])})")


async def inside(module: str, *arguments: str) -> bytes:
    """Run a module of this harness in a network of its own; give what it prints."""
    process = await asyncio.create_subprocess_exec(
        *_UNSHARE,
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.returncode:
        last = err.decode(errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(f"{module} failed: {''.join(last)}")
    return out
