"""Temperature: warm is told, hot opens, and it stays open until it has cooled."""

from agent.devices.effects import Record, Save
from agent.devices.inputs import Heat
from agent.messages import RefusalKind
from agent.model import StartCause
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings


def on_bench() -> Bench:
    bench = Bench(settings(protection={"meter_lost": "keep"}))
    bench.switch_on()
    return bench


def rows(bench: Bench) -> list[str]:
    return [
        effect.name
        for effect in bench.effects
        if isinstance(effect, Record) and effect.topic == "protection"
    ]


def test_warm_is_told_once_and_opens_nothing():
    bench = on_bench()
    for celsius in (69.9, 70.0, 71.0, 69.0, 70.5):
        bench.give(Heat(celsius=celsius))
    assert rows(bench) == ["high_temperature"]
    assert bench.contact
    bench.give(Heat(celsius=66.0))
    assert rows(bench) == ["high_temperature", "temperature_normal"]


def test_hot_opens_and_closes_only_below_sixty():
    bench = on_bench()
    bench.give(Heat(celsius=85.0))
    assert bench.contact
    bench.give(Heat(celsius=85.0))
    assert not bench.contact
    assert bench.state.trip is not None
    assert bench.state.trip.describe() == "overtemperature 85.0 °C"
    bench.tick_until(bench.now + 20)
    refusal = bench.command(power_switch=True).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.TRIPPED
    assert "85 °C; it can be switched on below 60 °C" in refusal.reason
    bench.give(Heat(celsius=60.0))
    assert bench.command(CLOUD, power_switch=True).refusal is not None
    bench.give(Heat(celsius=59.9))
    assert bench.command(CLOUD, power_switch=True).refusal is None
    assert bench.contact


def test_hot_while_open_is_no_trip():
    bench = Bench()
    bench.give(Heat(celsius=95.0))
    assert bench.state.trip is None


def test_a_sensor_that_is_lost_is_unknown():
    bench = on_bench()
    bench.give(Heat(celsius=75.0))
    bench.give(Heat(celsius=None))
    described = bench.device.describe(bench.state, bench.now)
    assert described["temperature_c"] is None
    assert described["alerts"] == []


def test_the_processor_only_warns():
    bench = on_bench()
    bench.give(Heat(celsius=99.0, is_cpu=True))
    assert bench.contact
    assert rows(bench) == ["high_cpu_temperature"]
    assert bench.device.describe(bench.state, bench.now)["alerts"] == ["high_cpu_temperature"]
    bench.give(Heat(celsius=50.0, is_cpu=True))
    assert rows(bench)[-1] == "cpu_temperature_normal"


def test_one_reading_that_is_too_hot_opens_nothing_as_a_sensor_may_show_when_it_wakes():
    bench = on_bench()
    for celsius in (25.0, 85.0, 25.0, 85.0):
        bench.give(Heat(celsius=celsius))
    assert bench.contact
    assert bench.state.trip is None


def test_a_trip_for_heat_stays_one_for_a_cloud_while_nothing_can_be_read_after_a_restart():
    bench = on_bench()
    bench.give(Heat(celsius=90.0))
    bench.give(Heat(celsius=90.0))
    saved = [effect.saved for effect in bench.effects if isinstance(effect, Save)][-1]
    bench.begin(saved, StartCause.RESTART)
    bench.tick_until(bench.now + 60)
    refusal = bench.command(CLOUD, power_switch=True).refusal
    assert refusal is not None
    assert "cannot be read" in refusal.reason
    assert bench.command(LOCAL, power_switch=True).refusal is None
    assert bench.contact
