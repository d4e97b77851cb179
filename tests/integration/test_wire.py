"""The agent's process and the platform: who comes in, who is refused, and how it is said."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from agent.clouds.explain import CLOSED
from agent.clouds.link import KICKED
from agent.emulator.emulator import Emulator
from agent.emulator.identity import DeviceIdentity
from agent.emulator.options import CA_FILE, DEMO_DEVICE, EmulatorOptions
from agent.errors import EXIT_FAILED
from tests.integration.config import KEY, SECRET, DeviceFile
from tests.integration.process import ready, run

OTHER_SECRET = "AAAAAAAAAAAAAAAAAAAAAA=="
DAY_S = 86_400
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def certified(
    folder: Path, *, names: tuple[str, ...] = ("localhost",), age: timedelta | None = None
) -> EmulatorOptions:
    """An emulator whose certificate an authority of its own has issued."""
    authority = trustme.CA()
    expires = None if age is None else datetime.now(UTC) - age
    issued = authority.issue_cert(*names, not_after=expires)
    certificate, key, ca_file = folder / "server.pem", folder / "key.pem", folder / "own-ca.pem"
    certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca_file)
    return EmulatorOptions(certificate=certificate, private_key=key, ca_file=ca_file)


def good(folder):
    return certified(folder)


def expired(folder):
    return certified(folder, age=timedelta(days=1))


def of_another_host(folder):
    return certified(folder, names=("broker.example",))


def with_another_secret(folder):
    del folder
    device = DeviceIdentity(product=KEY.product, name=KEY.name, secret=OTHER_SECRET)
    return EmulatorOptions(devices=(device,))


def without_the_device(folder):
    del folder
    device = DeviceIdentity(product=KEY.product, name="dev2", secret=SECRET)
    return EmulatorOptions(devices=(device,))


def two_days_ahead(folder):
    del folder
    return EmulatorOptions(wall_clock=lambda: time.time() + 2 * DAY_S)


class Case(NamedTuple):
    options: Callable[[Path], EmulatorOptions]
    ca_file: Path | None
    words: str
    advice: str
    floor_s: float


FLOOR_S, REJECTED_S = 5.0, 60.0
CASES = {
    "wrong CA": Case(
        good, CA_FILE, "from an authority that is not trusted", "set ca_file", FLOOR_S
    ),
    "expired": Case(expired, None, "certificate has expired", "clock", FLOOR_S),
    "another host": Case(
        of_another_host, None, "certificate is for another host name", "server_name", FLOOR_S
    ),
    "wrong secret": Case(
        with_another_secret, None, "refused with code 5", "secret is not this device's", REJECTED_S
    ),
    "unknown device": Case(
        without_the_device, None, "refused with code 3", "product id, device name", REJECTED_S
    ),
    "wrong clock": Case(two_days_ahead, None, "the signature has expired", "clock", REJECTED_S),
}


@pytest.mark.parametrize("name", CASES)
async def test_whoever_cannot_be_right_is_refused_in_words_and_waits_long_enough(tmp_path, name):
    case = CASES[name]
    options = case.options(tmp_path)
    async with Emulator(options) as emulator:
        config = DeviceFile(tmp_path).with_tencent(
            emulator.ports.tencent.mqtts, case.ca_file or options.ca_file
        )
        async with ready(config) as agent:
            down = await agent.logged("cloud.down")
            assert case.words in down["error"]
            assert case.advice in down["error"]
            assert down["retry_in_s"] >= case.floor_s
            assert (down["level"], down["cloud"]) == ("warning", "tencent")
            cloud = (await agent.device())["clouds"]["tencent"]
            assert not cloud["connected"]
            assert cloud["last_error"] == down["error"]
            assert case.floor_s - 3 < cloud["retry_in_s"] <= down["retry_in_s"] + 0.1
            status, out, _ = await run("status", "--socket", str(config.control_socket))
            assert status == 0
            assert down["error"] in out
            assert "next attempt in" in out
            await agent.switch(on=True)  # the socket itself does not care
            assert config.is_closed
            assert len(agent.entries("cloud.down")) == 1
        status, out, _ = await run("check", "--online", "--config", str(config.path))
        assert status == EXIT_FAILED
        assert case.words in out
        assert SECRET not in out


async def test_a_session_through_tls_comes_up_with_an_authority_of_ones_own(tmp_path):
    options = certified(tmp_path)
    async with Emulator(options) as emulator:
        config = DeviceFile(tmp_path).with_tencent(emulator.ports.tencent.mqtts, options.ca_file)
        async with ready(config) as agent:
            await agent.logged("cloud.up")
            await emulator.wait_until(
                lambda: "power_switch" in emulator.describe(KEY)["properties"]
            )
            seen = emulator.describe(KEY)
            assert seen["session"]["tls"]
            assert seen["session"]["client_id"] == DEMO_DEVICE.product + DEMO_DEVICE.name
            shown = await agent.device_until(lambda d: d["clouds"]["tencent"]["pending"] == 0)
            pace = shown["clouds"]["tencent"]["pace"]
            assert (pace["connects_last_minute"], pace["messages_per_30_days"]) == (1, None)
            status, out, _ = await run("status", "--socket", str(config.control_socket))
            assert (status, "forecast in 10 min" in out) == (0, True), out
            reply = await emulator.set_properties(KEY, {"power_switch": 1})
            assert reply.code == 0
            assert config.is_closed
        status, out, _ = await run("check", "--online", "--config", str(config.path))
        assert status == 0, out


@pytest.mark.skipif(FAKETIME is None, reason="needs the Debian package faketime")
async def test_a_clock_before_the_release_waits_and_says_so(tmp_path):
    async with Emulator() as emulator:
        ports = emulator.ports
        config = DeviceFile(tmp_path).with_tencent(ports.tencent.mqtts, ports.ca_file)
        config.set("agent", clock="auto")
        environ = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME": "-1000d",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        async with ready(config, **environ) as agent:
            waits = await agent.logged("cloud.waits")
            assert "waiting for the clock" in waits["reason"]
            cloud = (await agent.device())["clouds"]["tencent"]
            assert cloud["last_error"] == waits["reason"]
            assert not emulator.is_online(KEY)
            await agent.switch(on=True)
            assert config.is_closed


async def test_who_is_kicked_again_and_again_says_so_and_waits_for_a_minute(tmp_path):
    connected_at: list[float] = []
    async with Emulator() as emulator:
        ports = emulator.ports
        emulator.add_fault({"kind": "kick", "count": 3})
        config = DeviceFile(tmp_path).with_tencent(ports.tencent.mqtts, ports.ca_file)
        async with ready(config) as agent:
            for count in (1, 2, 3):
                await emulator.wait_until(lambda n=count: emulator.describe(KEY)["connects"] == n)
                connected_at.append(time.monotonic())
            down = await agent.until(lambda: kicks(agent), "it recognises the kicks")
            assert down["error"] == f"{CLOSED}; {KICKED}"
            assert down["retry_in_s"] >= REJECTED_S
            cloud = (await agent.device())["clouds"]["tencent"]
            assert KICKED in cloud["last_error"]
    gaps = [late - early for early, late in pairwise(connected_at)]
    assert min(gaps) >= FLOOR_S - 0.05
    assert gaps[0] <= 2 * FLOOR_S


def kicks(agent):
    return next((line for line in agent.entries("cloud.down") if KICKED in line["error"]), None)
