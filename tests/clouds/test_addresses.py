"""An address that goes takes its connections with it, at once."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.clouds.addresses import Addresses, is_here
from agent.clouds.explain import gone

ROOT = Path(__file__).parents[2]
UNSHARE = shutil.which("unshare")
MISSING = [
    package
    for command, package in {"unshare": "util-linux", "ip": "iproute2"}.items()
    if shutil.which(command) is None
]


@pytest.mark.parametrize(
    ("address", "is_mine"),
    [("127.0.0.1", True), ("192.0.2.1", False), ("2001:db8::1", False), ("fe80::1%none", False)],
)
def test_an_address_is_told_from_one_that_is_not_here(address, is_mine):
    assert is_here(address) is is_mine


async def test_only_the_connections_of_an_address_that_is_gone_are_told():
    here = {"192.0.2.1", "192.0.2.2"}
    told = []
    addresses = Addresses(here.__contains__)
    with (
        addresses.watched("192.0.2.1", told.append),
        addresses.watched("192.0.2.2", told.append),
        addresses.watched("", told.append),
    ):
        addresses.look()
        assert told == []
        here.remove("192.0.2.2")
        addresses.look()
    assert told == [gone("192.0.2.2")]
    addresses.look()
    assert len(told) == 1


def open_files():
    return {each.name for each in Path("/proc/self/fd").iterdir()}


async def test_nothing_stays_open_when_nobody_watches():
    addresses = Addresses(lambda _address: True)
    before = open_files()
    for _ in range(3):
        with addresses.watched("192.0.2.1", lambda _why: None):
            await asyncio.sleep(0)
    assert open_files() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own needs root")
@pytest.mark.skipif(bool(MISSING), reason=f"needs the Debian package {', '.join(MISSING)}")
@pytest.mark.parametrize(("family", "address"), [("-4", "192.0.2.7/24"), ("-6", "2001:db8::7/64")])
def test_the_kernel_tells_and_the_session_ends_in_words(family, address):
    done = subprocess.run(
        [UNSHARE or "", "--net", sys.executable, "-m", "tests.clouds.moving", family, address],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stdout == gone(address.partition("/")[0]), done.stderr


async def test_where_a_sandbox_forbids_the_news_connections_work_without():
    def forbidden():
        raise PermissionError(1, "Operation not permitted")

    before = open_files()
    addresses = Addresses(lambda _address: False, forbidden)
    told = []
    with addresses.watched("192.0.2.1", told.append):
        await asyncio.sleep(0)
        assert told == []
    assert open_files() == before
