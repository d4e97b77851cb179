"""What a command that the platform had stored may do, each rule by itself."""

import pytest

from agent.devices.effects import Save
from agent.messages import RefusalKind
from tests.devices.socket.bench import CLOUD, LOCAL, Bench, settings


def bench_at_rest(**protection):
    bench = Bench(settings(protection=protection))
    bench.tick_until(bench.now + 2)
    return bench


def tripped_bench(**protection):
    bench = bench_at_rest(**protection)
    bench.switch_on()
    bench.run(3, 0.26, 60)
    assert bench.run(10, 15.0, 3450.0) is not None
    bench.tick_until(bench.now + 3600)
    return bench


def stored(bench, **values):
    return bench.command(CLOUD, is_live=False, **values)


@pytest.mark.parametrize("accepts", [True, False])
def test_a_stored_off_opens_the_contact(accepts):
    bench = bench_at_rest(accept_stored_on=accepts)
    bench.switch_on()
    assert stored(bench, power_switch=False).refusal is None
    assert not bench.contact


@pytest.mark.parametrize("also", [{"current_limit": 4.5}, {"count_down": -1}, {"former": 1}])
def test_a_stored_off_is_done_whatever_stands_beside_it(also):
    bench = bench_at_rest()
    bench.switch_on()
    bench.command(LOCAL, current_limit=2.0)
    bench.effects.clear()
    assert bench.command(CLOUD, power_switch=False, **also, voltage=1.0).refusal is not None
    assert bench.contact
    assert stored(bench, power_switch=False, **also).refusal is not None
    assert not bench.contact
    assert any(isinstance(effect, Save) for effect in bench.effects)


def test_a_stored_off_is_done_while_tripped_and_leaves_the_trip():
    bench = tripped_bench()
    assert stored(bench, power_switch=False).refusal is None
    assert bench.state.trip is not None


@pytest.mark.parametrize("reset", ["any", "local"])
@pytest.mark.parametrize(
    "values", [{"power_switch": True}, {"count_down": 5}, {"power_switch": True, "count_down": 5}]
)
def test_no_stored_command_resets_a_trip_however_old_the_trip_is(reset, values):
    bench = tripped_bench(reset=reset)
    outcome = stored(bench, **values)
    assert outcome.refusal is not None
    assert outcome.refusal.kind is RefusalKind.TRIPPED
    bench.tick_until(bench.now + 60)
    assert bench.state.trip is not None
    assert not bench.contact


def test_a_stored_on_closes_the_contact_unless_told_otherwise():
    bench = bench_at_rest()
    assert stored(bench, power_switch=True).refusal is None
    assert bench.contact


@pytest.mark.parametrize("values", [{"power_switch": True}, {"count_down": 5}])
def test_a_stored_on_is_refused_with_its_reason_where_it_is_not_accepted(values):
    bench = bench_at_rest(accept_stored_on=False)
    outcome = stored(bench, **values)
    assert outcome.refusal is not None
    assert "accept_stored_on = false" in outcome.refusal.reason
    bench.tick_until(bench.now + 60)
    assert not bench.contact


def test_a_live_on_is_accepted_where_a_stored_one_is_not():
    bench = bench_at_rest(accept_stored_on=False)
    assert bench.command(CLOUD, power_switch=True).refusal is None
    assert bench.contact


def test_a_stored_command_is_done_whole_or_not_at_all():
    bench = bench_at_rest()
    before = bench.state
    assert stored(bench, power_switch=True, count_down=999_999).refusal is not None
    assert bench.state == before
    assert bench.command(LOCAL, power_switch=True).refusal is None
