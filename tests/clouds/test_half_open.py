"""A network that swallows everything and says nothing: the worst way for a link to end."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.clouds.explain import cut
from agent.clouds.sending import REPLY_S, SENDINGS
from agent.clouds.tcp import Bounds

ROOT = Path(__file__).parents[2]
UNSHARE = shutil.which("unshare")
PACKAGES = {"unshare": "util-linux", "ip": "iproute2", "nft": "nftables"}
MISSING = [package for command, package in PACKAGES.items() if shutil.which(command) is None]


@pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own needs root")
@pytest.mark.skipif(bool(MISSING), reason=f"needs the Debian package {', '.join(MISSING)}")
def test_a_connection_whose_bytes_vanish_ends_in_words():
    done = subprocess.run(
        [UNSHARE or "", "--net", sys.executable, "-m", "tests.clouds.half_open"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert done.stdout == str(cut(errno.ETIMEDOUT)), done.stderr


def test_a_dead_connection_is_found_before_a_message_is_given_up():
    bounds = Bounds()
    assert bounds.unheard_ms / 1000 <= bounds.patience_s + bounds.ping_s < REPLY_S * (SENDINGS - 1)
