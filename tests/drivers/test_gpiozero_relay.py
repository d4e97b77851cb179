"""The relay driver by gpiozero, against its own mock pins."""

from types import SimpleNamespace

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from agent.drivers.gpiozero_pins import lgpio_factory, plain_errors
from agent.drivers.gpiozero_relay import GpiozeroRelay
from agent.errors import ConfigError, DriverError
from agent.ports import Line
from agent.settings.relays import RelaySettings


@pytest.fixture
def factory():
    made = MockFactory()
    yield made
    made.reset()


def by_gpiozero(factory, **settings):
    return GpiozeroRelay(RelaySettings(**settings), None, make_factory=lambda: factory)


async def test_a_relay_that_is_opened_off_was_never_on(factory):
    pin = factory.pin("GPIO17")
    pin.clear_states()
    async with by_gpiozero(factory).open(on=False) as relay:
        assert relay.line == Line(driver="gpiozero", address="GPIO17", active_high=True)
        assert [state.state for state in pin.states] == [False]
        relay.set(on=True)
        assert (pin.function, pin.state) == ("output", True)
        relay.set(on=False)
    assert pin.function == "input"


async def test_a_relay_may_be_opened_on(factory):
    async with by_gpiozero(factory).open(on=True):
        assert factory.pin("GPIO17").state


async def test_a_relay_that_is_to_be_kept_stays_on_and_can_be_opened_again(factory):
    driver = by_gpiozero(factory, on_stop="keep")
    pin = factory.pin("GPIO17")
    async with driver.open(on=True):
        pass
    assert (pin.function, pin.state) == ("output", True)
    async with driver.open(on=True) as relay:
        relay.set(on=False)
    assert pin.function == "input"


def test_an_active_low_relay_is_refused_with_the_way_out(factory):
    with pytest.raises(ConfigError, match='driver = "gpiod"'):
        by_gpiozero(factory, active_high=False)


@pytest.mark.parametrize(
    ("pin", "advice"), [("GPIO99", "write it like GPIO17"), ("GPIO4", "another part")]
)
async def test_a_pin_that_cannot_be_used_says_why(factory, pin, advice):
    with gpiozero.OutputDevice(4, pin_factory=factory), pytest.raises(DriverError, match=advice):
        async with by_gpiozero(factory, pin=pin).open(on=False):
            pass


class error(Exception):  # noqa: N801, N818 - as lgpio names its own
    pass


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("'GPIO busy'", "in use by another program"),
        ("'can not open gpiochip'", "usermod -aG gpio"),
        ("'bad handle'", "bad handle"),
    ],
)
def test_the_texts_of_lgpio_are_put_into_plain_words(monkeypatch, text, advice):
    monkeypatch.setitem(__import__("sys").modules, "lgpio", SimpleNamespace(error=error))
    with pytest.raises(DriverError, match=advice), plain_errors("GPIO17"):
        raise error(text)


async def test_off_a_pi_the_default_factory_says_so():
    lgpio_factory.cache_clear()
    with pytest.raises(DriverError, match=r"lgpio|Raspberry Pi"):
        async with GpiozeroRelay(RelaySettings(), None).open(on=False):
            pass
