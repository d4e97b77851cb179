import pytest

from agent.app.kinds import make_device
from agent.app.policies import policy_of
from agent.devices.generic.generic import Generic
from agent.devices.inputs import ButtonEdge, Calibrate, Dated, Heat, Identify, Kept, LinkChanged
from agent.messages import RefusalKind
from agent.thing import Kind
from tests.devices.generic.bench import LOCAL, Bench, sensor, settings, switch

SENSORS = {
    "MQ2": sensor(unit="ppm", range=[0, 10000], step=1, title="Smoke", title_zh="烟雾浓度"),
    "DHT11_T": sensor(unit="°C", range=[-20, 60], step=0.1, change=0.000001),
    "Half": sensor(range=[0.5, 9], step=1),
    "Door": sensor(value=False, title="Front door"),
}


def device() -> Generic:
    dimmers = {"Glow": {"driver": "simulated"}}
    return Bench(settings(sensors=SENSORS, switches={"L": switch()}, dimmers=dimmers)).device


def test_the_table_says_what_the_file_declares():
    thing = device().thing
    assert thing.kind == "generic"
    rows = {row.field.name: row for row in thing.properties}
    assert list(rows) == ["MQ2", "DHT11_T", "Half", "Door", "L", "Glow"]
    kinds = [row.field.kind for row in thing.properties]
    assert kinds == [Kind.INT, Kind.FLOAT, Kind.FLOAT, Kind.BOOL, Kind.BOOL, Kind.INT]
    smoke = rows["MQ2"].field
    assert (smoke.title, smoke.title_zh, smoke.unit) == ("Smoke", "烟雾浓度", "ppm")
    assert (smoke.minimum, smoke.maximum, smoke.step) == (0, 10000, 1)
    assert (rows["Door"].field.title, rows["Door"].field.title_zh) == ("Front door", "Front door")
    assert [name for name, row in rows.items() if row.is_writable] == ["L", "Glow"]
    assert (thing.switch, thing.outputs()) == ("L", {"L": False, "Glow": 0})


def test_events_are_only_those_that_something_can_raise():
    names = [event.name for event in device().thing.events]
    assert names == ["hardware_fault", "notice"]
    bare = Bench(settings(sensors={"T": sensor()})).device.thing
    assert [event.name for event in bare.events] == ["notice"]


def test_the_needs_are_the_parts_under_their_names():
    needs = device().needs
    assert (list(needs.relays), list(needs.dimmers)) == (["L"], ["Glow"])
    assert list(needs.sensors) == list(SENSORS)
    assert needs.meter is needs.button is needs.indicator is None


def test_the_reportable_change_stands_in_the_sensors_section():
    config = settings(
        sensors={"A": sensor(change="2%"), "B": sensor(change=0.5), "C": sensor(change=1e-7)},
        reporting={"change": {"A": 3}},
    )
    changes = policy_of(config, make_device(config)).changes
    assert (changes["A"].absolute, changes["B"].absolute) == (3, 0.5)
    assert changes["C"].absolute == pytest.approx(1e-7)


def test_what_it_has_no_part_for_changes_nothing():
    on = Bench(settings(sensors={"T": sensor()}))
    before = on.state
    for event in (
        ButtonEdge(is_pressed=True),
        Heat(celsius=30),
        Dated(day="2026-11-23"),
        Kept(total_mj=3),
        LinkChanged(cloud="x", is_up=True),
        Identify(seconds=3, origin=LOCAL),
    ):
        assert on.give(event) == []
    assert on.state is before


def test_there_is_no_meter_to_calibrate():
    on = Bench(settings(sensors={"T": sensor()}))
    event = Calibrate(factors=None, made_from={}, origin=LOCAL, wall_time=None)
    assert on.ask(event).refusal.kind is RefusalKind.NOT_ALLOWED
