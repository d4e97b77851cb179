"""A calibration end to end: a board that is 2 % off, the agent's process, the command."""

import contextlib
import json
from dataclasses import replace

import pytest

from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.hlw8032.frame import Frame, serialize
from agent.drivers.simulated.chip import PARAMETERS
from agent.drivers.simulated.faults import Line
from agent.drivers.simulated.feed import Feed
from tests.integration.config import DeviceFile
from tests.integration.process import ready, run

BOARD = Coefficients(kv=3.13, ki=0.987, kp=3.17)
"""Configured are 3.069, 1.007 and 3.108: voltage and power read 2 % low, current 2 % high."""

VOLTS, AMPERES, WATTS = 230.0, 4.0, 920.0
PERIOD_S = 0.02


class QuickChip:
    """Refreshes every register with every frame, so that 20 measurements take no 20 s.

    Registers move by one count to and fro, as real ones do; pulses fit the power.
    """

    def __init__(self, config: DeviceFile) -> None:
        self._config = config
        self._now: float | None = None
        self._energy_j = 0.0
        self._frames = 0

    def advance(self, to: float) -> None:
        if self._now is not None and self._config.is_closed:
            self._energy_j += WATTS * (to - self._now)
        self._now = to

    def frame(self) -> bytes:
        self._frames += 1
        wobble = self._frames % 2
        on = Frame(
            state=0x55,
            update=0x71,
            vp=PARAMETERS.vp,
            vr=round(BOARD.kv * PARAMETERS.vp / VOLTS) + wobble,
            ip=PARAMETERS.ip,
            ir=round(BOARD.ki * PARAMETERS.ip / AMPERES) + wobble,
            pp=PARAMETERS.pp,
            pr=round(BOARD.kp * PARAMETERS.pp / WATTS) + wobble,
            pulses=int(self._energy_j / (PARAMETERS.pp * BOARD.kp * 1e-6)) % (1 << 16),
            checksum=0,
        )
        off = replace(on, state=0xF2, update=0x61, ir=467_000, pr=0xFEFF01)
        return serialize(on if self._config.is_closed else off)


@contextlib.asynccontextmanager
async def board(tmp_path):
    config = DeviceFile(tmp_path)
    async with Feed(QuickChip(config), Line(), period_s=PERIOD_S) as feed:
        yield config.replace(
            "device.meter", driver="hlw8032", port=f"socket://127.0.0.1:{feed.port}"
        )


def is_near(device, volts, watts, share=0.002):
    shown = device["properties"]
    return shown["voltage"] == pytest.approx(volts, rel=share) and shown[
        "active_power"
    ] == pytest.approx(watts, rel=share)


async def test_a_calibration_corrects_what_is_measured_survives_a_kill_and_is_undone(tmp_path):
    async with board(tmp_path) as config:
        where = ("--socket", str(config.control_socket))
        written = config.path.read_text()
        async with ready(config) as agent:
            await agent.switch(on=True)
            await agent.device_until(lambda d: is_near(d, VOLTS / 1.02, WATTS / 1.02))
            known = ("--voltage", str(VOLTS), "--power", str(WATTS))
            code, out, err = await run("calibrate", *known, "--yes", "--json", *where)
            assert code == 0, err
            assert json.loads(out)["registers"]["voltage"]["change_percent"] == pytest.approx(
                2.0, abs=0.1
            )
            await agent.device_until(lambda d: is_near(d, VOLTS, WATTS))
            await agent.logged("calibration.changed")
            before = (await agent.device())["properties"]["total_energy"]
            await agent.kill()
        async with ready(config) as agent:
            await agent.switch(on=True)
            await agent.device_until(lambda d: is_near(d, VOLTS, WATTS))
            assert (await agent.device())["properties"]["total_energy"] >= before
            code, out, err = await run("calibrate", "--undo", *where)
            assert code == 0, err
            await agent.device_until(lambda d: is_near(d, VOLTS / 1.02, WATTS / 1.02))
            code, out, err = await run("calibrate", "--undo", *where)
            assert (code, out) == (1, "")
            assert "no calibration to take back" in err
            ledger = await agent.ask("events", topics=["energy"])
            rows = [
                row["details"] for row in ledger["rows"] if row["name"] == "calibration_changed"
            ]
            assert [row["is_undo"] for row in rows] == [False, True]
            assert rows[0]["made_from"]["reference_voltage"] == VOLTS
            assert rows[0]["new"]["voltage"] == pytest.approx(BOARD.kv / 3.069, rel=1e-3)
            _, out, _ = await run("events", *where)
            assert "calibration taken back by" in out
        assert config.path.read_text() == written
