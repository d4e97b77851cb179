"""Overloads on chips other than the HLW8032, in virtual time, through their decoders."""

import json
from functools import partial

import pytest

from agent.devices.socket.comparison import Bench as CalibrationBench
from agent.devices.socket.comparison import Proposal, Reach, References, judge
from agent.devices.socket.sampling import sampled, sampler_of
from agent.drivers.bl0942 import decoder as bl0942
from agent.drivers.simulated.appliances import Draw, resistor
from agent.model import Factors, Reading
from agent.recording.forms import dump, plain, typed
from tests.devices.socket.metered import OTHERS, Metered, settings

STEPS = range(18)
"""Where in the chip's own time the load steps: a cycle of the slowest, in tenths of a second."""

AT_ONCE_S = {"cse7766": 0.5, "hlw8012": 0.5, "bl0937": 0.5, "bl0942": 1.5}
LOW_POWER_FACTOR_S = {"cse7766": 2.5, "hlw8012": 2.5, "bl0937": 2.5, "bl0942": 1.5}


def with_a_lamp(driver: str, step: int = 0, **changes: object) -> Metered:
    made = Metered(settings(driver, **changes))
    made.plug(partial(resistor, 60.0))
    made.settle()
    made.pass_time(0.11 * step)
    assert made.contact
    return made


@pytest.mark.parametrize("driver", OTHERS)
@pytest.mark.parametrize(("watts", "power_factor"), [(3100, 1.0), (3680, 1.0), (3200, 0.5)])
def test_far_too_much_opens_at_once(driver, watts, power_factor):
    worst = 0.0
    for step in STEPS:
        made = with_a_lamp(driver, step)
        made.plug(lambda _, volts: Draw(watts / (volts * power_factor), watts))
        opened = made.seconds_until_open(5)
        assert opened is not None
        worst = max(worst, opened)
        assert made.state.trip.cause == "overcurrent"
    assert worst <= AT_ONCE_S[driver]


@pytest.mark.parametrize("driver", OTHERS)
def test_a_stalled_motor_opens_by_its_current(driver):
    worst = 0.0
    for step in STEPS:
        made = with_a_lamp(driver, step)
        made.plug(lambda _, volts: Draw(20.0, 20.0 * volts * 0.15))
        opened = made.seconds_until_open(5)
        assert opened is not None
        worst = max(worst, opened)
        assert made.state.trip.evidence == "current register"
    assert worst <= LOW_POWER_FACTOR_S[driver]


@pytest.mark.parametrize("driver", OTHERS)
@pytest.mark.parametrize(("watts", "seconds"), [(2000, 3.0), (1500, 10.0), (1300, 60.0)])
def test_less_opens_in_its_bands_time(driver, watts, seconds):
    made = with_a_lamp(driver)
    made.plug(partial(resistor, float(watts)))
    opened = made.seconds_until_open(seconds + 5)
    assert seconds <= opened <= seconds + 2.5


@pytest.mark.parametrize("driver", OTHERS)
def test_a_low_power_factor_opens_in_its_bands_time_too(driver):
    made = with_a_lamp(driver)
    made.plug(lambda _, volts: Draw(7.0, 7.0 * volts * 0.2))
    opened = made.seconds_until_open(16)
    assert 10.0 <= opened <= 13.5


@pytest.mark.parametrize("driver", OTHERS)
def test_the_rating_itself_never_opens(driver):
    made = with_a_lamp(driver)
    made.plug(partial(resistor, 1090.0))
    assert made.seconds_until_open(120) is None


@pytest.mark.parametrize("driver", OTHERS)
def test_more_than_the_chip_can_show_opens_too(driver):
    made = with_a_lamp(driver)
    made.plug(partial(resistor, 20_000.0))
    assert made.seconds_until_open(5) <= AT_ONCE_S[driver]


@pytest.mark.parametrize("driver", OTHERS)
def test_an_overvoltage_opens(driver):
    made = with_a_lamp(driver)
    made.plant.set_mains(290.0, now=made.now)
    opened = made.seconds_until_open(8)
    assert opened is not None
    assert made.state.trip.cause == "overvoltage"
    assert opened <= 4.0


@pytest.mark.parametrize("driver", OTHERS)
def test_a_kettle_is_counted_to_the_last_whole_pulse(driver):
    made = Metered(settings(driver))
    made.plug(partial(resistor, 900.0))
    made.settle()
    made.pass_time(60)
    reading = made.reading
    assert reading.voltage_v == pytest.approx(230, rel=1e-3)
    assert reading.current_a == pytest.approx(900 / 230, rel=1e-3)
    assert reading.power_w == pytest.approx(900, rel=2e-3)
    used_mj = 900 * (made.now - made.state.changed_at) * 1000
    pulse_mj = reading.pulse_pj / 1e9
    assert used_mj - 2 * pulse_mj - 100_000 <= made.state.energy.total_mj <= used_mj + pulse_mj


@pytest.mark.parametrize("driver", OTHERS)
def test_a_welded_contact_is_found_and_a_good_one_is_not(driver):
    made = with_a_lamp(driver)
    made.command(power_switch=False)
    made.pass_time(20)
    assert made.state.fault is None
    made.plant.set_contact(on=True, now=made.now)
    made.pass_time(6)
    assert made.state.fault == "contact_welded"


@pytest.mark.parametrize("driver", ["hlw8012", "bl0937"])
def test_a_pulse_chip_that_dies_under_load_opens_the_contact(driver):
    made = with_a_lamp(driver)
    made.read.chip.is_dead = True
    opened = made.seconds_until_open(10)
    assert opened is not None
    assert made.state.trip.cause == "meter_lost"
    assert opened <= 8.0


def test_one_junk_register_of_a_bl0942_opens_nothing_even_as_a_pulse_comes():
    made = with_a_lamp("bl0942")
    made.read.junk_watt = 5_000_000
    made.pass_time(0.1)
    made.read.junk_pulse = 1
    made.pass_time(0.2)
    made.read.junk_watt = None
    made.pass_time(5)
    assert made.contact


@pytest.mark.parametrize("driver", OTHERS)
def test_each_chip_can_be_calibrated(driver):
    made = Metered(settings(driver))
    made.plug(partial(resistor, 900.0))
    made.settle()
    meter = made.device.settings.meter
    sampler = sampler_of(meter.PACE)
    for now in made.each_reading(50):
        sampler = sampled(sampler, made.reading, now)
    reach = Reach(most_v=meter.full_scale_v, most_a=meter.full_scale_a)
    bench = CalibrationBench(factors=Factors(), scale=reach, is_on=True, now=made.now)
    said = References(voltage=230 * 1.02, current=900 / 230 * 1.03, power=900 * 1.05)
    proposal = judge(sampler, said, bench)
    assert isinstance(proposal, Proposal), proposal
    assert proposal.factors.voltage == pytest.approx(1.02, rel=2e-3)
    assert proposal.factors.current == pytest.approx(1.03, rel=2e-3)
    assert proposal.factors.power == pytest.approx(1.05, rel=2e-3)


@pytest.mark.parametrize("driver", OTHERS)
def test_a_reading_of_each_chip_can_be_recorded(driver):
    made = Metered(settings(driver))
    made.plug(partial(resistor, 900.0))
    made.settle()
    found = json.loads(dump(plain(made.reading)))
    assert typed(Reading, found) == made.reading


@pytest.mark.parametrize("claimed_w", [1300, 1600, 2000, 3000, 5000, 8000, 12_000, 16_000])
@pytest.mark.parametrize("load_w", [0.0, 60.0])
def test_a_bl0942s_power_that_its_counter_never_bears_out_opens_nothing(claimed_w, load_w):
    made = with_a_lamp("bl0942")
    made.plug(partial(resistor, load_w or 1e-6))
    made.pass_time(10)
    unit = made.device.settings.meter.kp / bl0942.WATT_PER_MV2
    made.read.junk_watt = round(claimed_w / unit)
    assert made.seconds_until_open(120) is None


def test_a_bl0942_whose_power_has_lied_still_opens_at_a_true_overload():
    made = with_a_lamp("bl0942")
    made.read.junk_watt = 8_000_000
    made.pass_time(10)
    made.read.junk_watt = None
    made.plug(partial(resistor, 3100.0))
    opened = made.seconds_until_open(5)
    assert opened is not None
    assert opened <= AT_ONCE_S["bl0942"]
