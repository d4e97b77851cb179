"""The temperature sensor warns, opens the contact, and lets it close again when it is cool."""

import json

import pytest

from agent.devices.effects import Log, Raise, Save, SetRelay
from agent.devices.inputs import Heat
from agent.model import StartCause
from tests.devices.socket.bench import CLOUD, FRAME_S, LOCAL, Bench, settings


def on_bench(**protection: object) -> Bench:
    bench = Bench(settings(protection=protection))
    bench.switch_on()
    bench.run(3, 3.9, 900)
    return bench


def heat(bench: Bench, celsius: float | None, seconds: float = 3.0) -> None:
    """Measure the temperature once a second while a kettle runs."""
    for _ in range(round(seconds)):
        bench.run(1 - FRAME_S, 3.9, 900)
        bench.give(Heat(celsius=celsius))


def warnings(bench: Bench) -> int:
    return len([e for e in bench.effects if isinstance(e, Log) and e.is_warning])


def trips(bench: Bench) -> list[Raise]:
    return bench.events("trip")


@pytest.mark.parametrize("celsius", [None, -20.0, 25.0, 69.9])
def test_a_cool_socket_says_nothing(celsius):
    bench = on_bench()
    before = warnings(bench)
    heat(bench, celsius, 10)
    assert bench.contact
    assert warnings(bench) == before


def test_at_seventy_degrees_it_warns_once_and_stays_closed():
    bench = on_bench()
    before = warnings(bench)
    heat(bench, 72.0, 10)
    assert bench.contact
    assert warnings(bench) == before + 1
    assert not trips(bench)


def test_at_eighty_five_degrees_the_contact_opens_first_and_then_it_is_told():
    bench = on_bench()
    heat(bench, 72.0)
    bench.give(Heat(celsius=86.5))
    before = len(bench.effects)
    bench.give(Heat(celsius=86.5))
    said = bench.effects[before:]
    assert said[0] == SetRelay(on=False)
    assert any(isinstance(effect, Save) for effect in said)
    (event,) = trips(bench)
    assert event.values["cause"] == "overtemperature"
    assert event.values["value"] == 86.5
    assert event.values["limit"] == 85.0
    assert bench.state.trip is not None
    assert bench.state.trip.describe() == "overtemperature 86.5 °C"


@pytest.mark.parametrize("origin", [LOCAL, CLOUD])
def test_a_hot_socket_is_not_closed_by_anybody_until_it_is_below_sixty(origin):
    bench = on_bench()
    heat(bench, 90.0)
    bench.tick_until(bench.now + 30)
    bench.give(Heat(celsius=60.0))
    before = bench.state
    outcome = bench.command(origin, power_switch=True)
    assert outcome.refusal is not None
    assert "°C" in outcome.refusal.reason
    assert bench.state == before
    bench.give(Heat(celsius=59.9))
    assert not bench.contact, "cooling alone resets nothing"
    assert bench.command(origin, power_switch=True).refusal is None
    assert bench.contact


def test_a_hot_socket_still_opens_on_command():
    bench = on_bench()
    heat(bench, 84.0)
    assert bench.command(CLOUD, power_switch=False).refusal is None
    assert not bench.contact


def test_an_open_socket_that_becomes_hot_cannot_be_closed():
    bench = Bench()
    bench.tick_until(bench.now + 5)
    for _ in range(2):
        bench.give(Heat(celsius=90.0))
    outcome = bench.command(power_switch=True)
    assert outcome.refusal is not None
    assert not bench.contact


def test_the_limits_are_settings():
    bench = on_bench(warn_c=50, open_c=60, close_below_c=40)
    heat(bench, 59.0)
    assert bench.contact
    heat(bench, 61.0, 2)
    assert not bench.contact


def test_a_trip_by_heat_survives_a_crash():
    bench = on_bench()
    heat(bench, 90.0)
    saved = [effect.saved for effect in bench.effects if isinstance(effect, Save)][-1]
    bench.begin(json.loads(json.dumps(saved)), StartCause.CRASH)
    assert not bench.contact
    assert bench.state.trip is not None
    assert bench.state.trip.cause == "overtemperature"


def test_a_sensor_that_falls_silent_opens_nothing():
    bench = on_bench()
    heat(bench, 72.0)
    heat(bench, None, 10)
    assert bench.contact
