"""A gateway without GPIO: a PZEM-004T and a coil board on one line, and the agent as a process."""

import json
import time
from contextlib import asynccontextmanager
from functools import partial

from agent.drivers.simulated.appliances import resistor
from agent.drivers.simulated.modbus_line import SimulatedModbusLine
from agent.drivers.simulated.modbus_slaves import SimulatedCoilBoard, SimulatedPzem
from agent.drivers.simulated.plant import Plant
from tests.integration.config import DeviceFile
from tests.integration.process import guard, ready, until

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
