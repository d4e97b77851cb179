"""The control method of the light."""

from types import SimpleNamespace

import pytest

from agent.app.light_methods import Lights
from agent.control.methods import table_of
from agent.devices.inputs import Identify
from agent.errors import ControlError
from tests.devices.socket.bench import LOCAL


class Desk:
    """One device with a light, or without."""

    def __init__(self, *, has_light=True):
        self.dispatched = []
        self.device = SimpleNamespace(
            name="socket-1",
            parts=SimpleNamespace(indicator=object() if has_light else None),
            runtime=SimpleNamespace(dispatch=self.dispatched.append),
        )

    def identify(self, **params):
        return table_of(Lights(lambda _: self.device).methods)["identify"](LOCAL, params)


@pytest.mark.parametrize(("params", "seconds"), [({}, 30), ({"seconds": 600}, 600)])
def test_a_device_shows_itself(params, seconds):
    desk = Desk()
    assert desk.identify(**params) == {"device": "socket-1", "seconds": seconds}
    assert desk.dispatched == [Identify(seconds=seconds, origin=LOCAL)]


def test_no_seconds_end_it():
    desk = Desk()
    assert desk.identify(device="socket-1", seconds=0) == {"device": "socket-1", "seconds": 0}
    assert desk.dispatched == [Identify(seconds=0, origin=LOCAL)]


@pytest.mark.parametrize("seconds", [-1, 601, "long", True, float("nan")])
def test_other_lengths_are_refused(seconds):
    desk = Desk()
    with pytest.raises(ControlError, match=r"seconds is .*; allowed: a number from 0 to 600"):
        desk.identify(seconds=seconds)
    assert desk.dispatched == []


def test_a_device_without_a_light_says_so():
    desk = Desk(has_light=False)
    with pytest.raises(ControlError, match=r"socket-1 has no light"):
        desk.identify()
