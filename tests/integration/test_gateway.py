"""A gateway without GPIO: a PZEM-004T and a coil board on one line, and the agent as a process."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from functools import partial

import pytest

from agent.drivers.simulated.appliances import resistor
from agent.drivers.simulated.modbus_line import SimulatedModbusLine
from agent.drivers.simulated.modbus_slaves import SimulatedCoilBoard, SimulatedPzem
from agent.drivers.simulated.plant import Plant
from tests.integration.config import DeviceFile, toml
from tests.integration.process import guard, ready, run, until

pytestmark = pytest.mark.unmeasured

METER, BOARD = 1, 2
LAMP_W, OVERLOAD_W = 60.0, 3500.0
AT_ONCE_S = 5.0
"""What docs/gateways.md promises of the band that opens at once."""


class House:
    """Mains, a contact that the board's first coil moves, and a meter in front of it."""

    def __init__(self) -> None:
        self.plant = Plant(partial(resistor, LAMP_W), now=time.monotonic())
        self.board = SimulatedCoilBoard(4)
        self.board.on_move = self._move
        self.meter = SimulatedPzem(self.plant.at, time.monotonic, watt_hours=1_000)
        self.line = SimulatedModbusLine({METER: self.meter, BOARD: self.board})
        self.opened_at = 0.0

    def _move(self, coil: int, is_on: bool) -> None:  # noqa: FBT001 - the board's callback
        if coil == 0:
            self.opened_at = time.monotonic()
            self.plant.set_contact(on=is_on, now=time.monotonic())

    def plug(self, power_w: float) -> float:
        now = time.monotonic()
        self.plant.plug(partial(resistor, power_w), now=now)
        return now


@asynccontextmanager
async def gateway(folder):
    house = House()
    async with house.line:
        file = DeviceFile(folder)
        port = house.line.port
        file.replace("device.meter", driver="pzem004t", port=port, address=METER)
        file.replace("device.relay", driver="modbus", port=port, address=BOARD, min_off_s=0)
        async with ready(file) as agent:
            yield house, agent, file


async def test_an_overload_trips_through_the_meter_and_the_board(tmp_path):
    async with gateway(tmp_path) as (house, agent, _):
        await agent.switch(on=True)
        await until(lambda: house.board.coils[0])
        await agent.device_until(lambda found: found["properties"]["active_power"] == LAMP_W)
        began = house.plug(OVERLOAD_W)
        await until(lambda: not house.board.coils[0])
        assert house.opened_at - began < AT_ONCE_S + 2.0  # the first seconds may be an inrush's
        device = await agent.device()
        assert device["trip"]["cause"] == "overcurrent"
        assert device["trip"]["value"] == 15.217
        await agent.logged("relay.tripped")


async def test_a_board_that_is_silent_is_a_hardware_fault_until_it_obeys(tmp_path):
    async with gateway(tmp_path) as (house, agent, _):
        house.line.silent.add(BOARD)
        await agent.switch(on=True)
        failed = await agent.logged("relay.failed", on=True)
        assert "address 2: no good answer in 0.3 s" in failed["error"]
        house.line.silent.clear()
        await agent.logged("relay.obeys", on=True)
        assert house.board.coils[0]
        assert len(agent.entries("relay.failed")) == 1


async def test_a_stop_opens_the_contact_and_resets_no_energy(tmp_path):
    async with gateway(tmp_path) as (house, agent, _):
        await agent.switch(on=True)
        await until(lambda: house.board.coils[0])
        assert await agent.stop() == 0
        assert not house.board.coils[0]
        assert house.meter.watt_hours >= 1_000
        assert {function for address, function in house.line.log if address == METER} == {4}


async def test_the_guard_opens_the_contact_when_the_process_was_killed(tmp_path):
    async with gateway(tmp_path) as (house, agent, file):
        await agent.switch(on=True)
        await until(lambda: house.board.coils[0])
        (line,) = [json.loads(row) for row in file.lines.read_text().splitlines()]
        assert line["driver"] == "modbus"
        await agent.kill()
        assert house.board.coils[0]
        done = await guard(file, result="signal", code="killed", status="KILL")
        assert not house.board.coils[0], done


async def test_a_recording_of_a_silent_board_decides_the_same_again(tmp_path):
    async with gateway(tmp_path) as (house, agent, file):
        out = tmp_path / "incident.jsonl"
        place = str(file.control_socket)
        recording = asyncio.create_task(
            run("record", "--out", str(out), "--seconds", "4", "--socket", place)
        )
        await until(out.exists)
        house.line.silent.add(BOARD)
        await agent.switch(on=True)
        await agent.logged("relay.failed", on=True)
        house.line.silent.clear()
        await agent.logged("relay.obeys", on=True)
        status, _, said = await recording
        assert status == 0, said
    assert "Doubted" in out.read_text()
    status, said, _ = await run("replay", str(out))
    assert status == 0, said


async def test_two_sockets_share_a_line_and_a_dead_meter_trips_its_own_alone(tmp_path):
    house = House()
    other = SimulatedPzem(house.plant.at, time.monotonic)
    house.line = SimulatedModbusLine({METER: house.meter, BOARD: house.board, 3: other})
    async with house.line:
        files = []
        for coil, (name, address) in enumerate({"one": METER, "two": 3}.items()):
            file = DeviceFile(tmp_path / "etc", name, has_agent=False)
            port = house.line.port
            file.replace("device.meter", driver="pzem004t", port=port, address=address)
            file.replace(
                "device.relay", driver="modbus", port=port, address=BOARD, coil=coil, min_off_s=0
            )
            files.append(file)
        (tmp_path / "etc" / "agent.toml").write_text(toml({"agent": files[0].agent_section()}))
        async with ready(files[0], files[0].folder) as agent:
            await agent.switch(on=True, device="one")
            await agent.switch(on=True, device="two")
            await until(lambda: house.board.coils[:2] == [True, True])
            house.line.silent.add(3)
            tripped = await agent.logged("relay.tripped", device="two")
            assert tripped["cause"] == "meter_lost"
            await until(lambda: house.board.coils[:2] == [True, False])
            assert not agent.entries("relay.failed")
            assert {line["device"] for line in agent.entries("relay.tripped")} == {"two"}


async def test_two_coils_of_one_board_are_two_switches_of_a_generic_device(tmp_path):
    house = House()
    async with house.line:
        file = DeviceFile(tmp_path, "hall")
        agent_section = file.sections["agent"]
        file.sections = {"agent": agent_section, "device": {"id": "hall", "kind": "generic"}}
        for coil, name in enumerate(("Pump", "Fan")):
            keys = {"port": house.line.port, "address": BOARD, "coil": coil, "min_off_s": 0}
            file.set(f"device.switches.{name}", driver="modbus", **keys)
        async with ready(file) as agent:
            await agent.ask("set", values={"Pump": True, "Fan": True})
            await until(lambda: house.board.coils == [True, True, False, False])
            await agent.ask("set", values={"Pump": False})
            await until(lambda: house.board.coils == [False, True, False, False])
            house.line.silent.add(BOARD)
            await agent.ask("set", values={"Fan": False})
            failed = await agent.logged("relay.failed", on=False)
            assert failed["output"] == "Fan"
            house.line.silent.clear()
            await agent.logged("relay.obeys", on=False)
            assert not any(house.board.coils)
            await agent.ask("set", values={"Fan": True})
            await until(lambda: house.board.coils[1])
            await agent.kill()
        done = await guard(file, result="signal", code="killed", status="KILL")
        assert not any(house.board.coils), done
