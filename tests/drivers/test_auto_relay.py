"""The relay driver that takes what is there."""

import pytest

from agent.drivers.relay_auto import AutoRelay
from agent.errors import DriverError
from agent.settings.relays import RelaySettings


class Candidate:
    def __init__(self, name, *, is_present):
        self.name = name
        self._is_present = is_present

    def __call__(self, settings, thing):
        del settings, thing
        return self

    def is_present(self):
        return self._is_present

    def probe(self, held):
        return self.name, held

    def open(self, *, on, held=None):
        assert held is None
        return self.name, on


def loader(gpiod, gpiozero):
    def load(path):
        name, answer = ("gpiod", gpiod) if "gpiod" in path else ("gpiozero", gpiozero)
        if answer is None:
            raise ImportError(name)
        return Candidate(name, is_present=answer)

    return load


@pytest.mark.parametrize(
    ("gpiod", "gpiozero", "chosen"),
    [(True, True, "gpiod"), (False, True, "gpiozero"), (None, True, "gpiozero")],
)
def test_auto_takes_gpiod_where_it_knows_the_line(gpiod, gpiozero, chosen):
    auto = AutoRelay(RelaySettings(), None, load=loader(gpiod, gpiozero))
    assert auto.open(on=True) == (chosen, True)


def test_auto_without_anything_says_what_to_install():
    auto = AutoRelay(RelaySettings(), None, load=loader(None, None))
    with pytest.raises(DriverError, match=r"gpiod is not installed.*--extras gateway"):
        auto.open(on=False)


def test_auto_loads_the_drivers_that_are_shipped():
    auto = AutoRelay(RelaySettings(pin="no such line"), None)
    with pytest.raises(DriverError):
        auto.open(on=False)
