"""What protection makes of a meter that measures once a second: virtual time, the real rules."""

from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.devices.socket import protection
from agent.devices.socket.evidence import Evidence
from agent.devices.socket.moment import Age
from agent.devices.socket.protection import Verdict, curve
from agent.drivers.board_bytes import crc
from agent.drivers.pzem import Scale, decode
from agent.drivers.simulated.appliances import resistor
from agent.drivers.simulated.modbus_slaves import SimulatedPzem
from agent.drivers.simulated.plant import Plant
from agent.model import Reading
from agent.settings.meters import PzemSettings
from agent.settings.protection import ProtectionSettings

SETTINGS = ProtectionSettings()
ANSWER_S = 0.05
READ_ALL = bytes([4, 0, 0, 0, 10])
METER = PzemSettings(driver="pzem004t", port="/dev/ttyUSB0")


@dataclass
class Run:
    """A closed contact, a plant behind it, and a meter that is asked every *every_s*."""

    every_s: float = 1.0 + ANSWER_S
    now: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        self.plant = Plant(partial(resistor, 500.0), now=0.0)
        self.plant.set_contact(on=True, now=0.0)
        self.meter = SimulatedPzem(self.plant.at, lambda: self.now)

    def plug(self, watts: float) -> None:
        self.plant.plug(partial(resistor, watts), now=self.now)

    def ask(self) -> Reading:
        answer = self.meter.answer(READ_ALL)
        words = [int.from_bytes(answer[at : at + 2], "big") for at in range(2, len(answer), 2)]
        return decode(words, Scale(), 1)

    def judged(self, reading: Reading) -> Verdict | None:
        self.evidence, verdict = protection.judge(
            self.evidence,
            reading,
            SETTINGS,
            curve(SETTINGS, float("inf"), METER.full_scale_a, METER.PACE),
            age=Age(closed_s=1_000.0 + self.now, grown_s=1_000.0 + self.now),
            now=self.now,
        )
        return verdict

    def until_trip(self, limit_s: float) -> tuple[float, Verdict] | None:
        end = self.now + limit_s
        while self.now < end:
            self.now += self.every_s
            verdict = self.judged(self.ask())
            if verdict is not None:
                return self.now, verdict
        return None


@given(st.floats(0, 1), st.floats(0, 1), st.floats(2.7, 12))
def test_what_opens_at_once_opens_within_four_seconds_and_the_answer(asked, stepped, times):
    run = Run()
    run.now = 10 + asked
    assert run.until_trip(20) is None
    run.now += stepped
    began = run.now
    run.plug(times * 1100)
    found = run.until_trip(20)
    assert found is not None
    at, verdict = found
    assert at - began <= 2 * (1.0 + ANSWER_S) + 1.0 + ANSWER_S
    assert verdict.cause == "overcurrent"
    assert verdict.value == pytest.approx(times * 1100 / 230, rel=0.01)


@pytest.mark.parametrize("stepped", [0.0, 0.3, 0.6, 0.9])
def test_a_meter_that_is_asked_each_3_s_keeps_what_check_says_of_it(stepped):
    run = Run(every_s=3.0 + ANSWER_S)
    run.now = 10
    assert run.until_trip(20) is None
    run.now += stepped
    began = run.now
    run.plug(3000)
    found = run.until_trip(20)
    assert found is not None
    assert found[0] - began <= 2 * 3.0 + 3


@pytest.mark.parametrize(("times", "seconds"), [(1.2, 60), (1.4, 10), (1.8, 3)])
def test_the_slower_bands_keep_their_time(times, seconds):
    run = Run()
    run.until_trip(10)
    began = run.now
    run.plug(times * 1100)
    found = run.until_trip(400)
    assert found is not None
    assert seconds <= found[0] - began <= seconds + 4


@settings(max_examples=30)
@given(st.floats(200, 1100))
def test_a_load_within_the_rating_never_trips_however_its_watt_hours_fall(watts):
    run = Run()
    run.plug(watts)
    assert run.until_trip(900) is None
    assert not any(run.evidence.buckets)


def test_one_answer_that_lies_never_trips():
    run = Run()
    run.until_trip(20)
    lie = decode([2300, 50_000, 0, 0x8000, 1, 100, 0, 500, 99, 0], Scale(), 1)
    for _ in range(50):
        run.now += run.every_s
        assert run.judged(lie) is None
        for _ in range(3):
            run.now += run.every_s
            assert run.judged(run.ask()) is None


def test_the_meters_own_sums_are_right():
    frame = bytes.fromhex("0104 0000 000a")
    assert (frame + crc(frame).to_bytes(2, "little")).hex() == "01040000000a700d"
