"""The live view is drawn from values: the unknown is a dash, every line clears its rest."""

from agent.demo.screen import CLEAR, Scene, draw
from agent.model import Color


def scene(**changes):
    values = {
        "snapshot": {"power_switch": True, "voltage": None, "total_energy": 1.5},
        "described": {"trip": None, "meter": "speaks"},
        "color": Color(red=1, green=2, blue=3),
        "plugged": "lamp",
        "network_is_cut": False,
        "link": "online",
        "device": {"properties": {"power_switch": 1, "total_kwh": 1.4}, "events": []},
        "log": ["info     cloud.up " + "x" * 200],
        **changes,
    }
    return draw(Scene(**values))


def test_an_unknown_value_is_a_dash_and_the_cloud_has_its_own_name_for_the_energy():
    shown = scene()
    voltage = next(line for line in shown.split("\r\n") if "Voltage" in line)
    assert "—" in voltage
    energy = next(line for line in shown.split("\r\n") if "Energy" in line)
    assert "1.5 kWh" in energy
    assert "total_kwh" in energy
    assert "1.4 kWh" in energy


def test_every_line_clears_what_stood_there_before():
    assert all(line.endswith(CLEAR) for line in scene().split("\r\n"))


def test_a_trip_and_the_last_event_are_shown():
    shown = scene(
        described={"trip": {"text": "overcurrent 15.2 A"}},
        device={"events": [{"id": "status_report", "params": {"message": "overcurrent"}}]},
        network_is_cut=True,
    )
    assert "tripped: overcurrent 15.2 A" in shown
    assert "1 event(s), last: overcurrent" in shown
    assert "network: cut" in shown
