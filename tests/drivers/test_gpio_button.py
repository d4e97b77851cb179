"""gpiozero's button: edges cross from foreign threads to the loop."""

import asyncio
import threading

import pytest
from gpiozero.pins.mock import MockFactory
from structlog.testing import capture_logs

from agent.drivers.gpiozero_button import GpiozeroButton, GpiozeroEdges
from agent.errors import DriverError
from agent.settings.device import ButtonSettings


@pytest.fixture
def factory():
    made = MockFactory()
    yield made
    made.reset()


def driver(factory, pin="GPIO27"):
    return GpiozeroButton(ButtonSettings(pin=pin), None, make_factory=lambda: factory)


def in_a_thread(*steps):
    def run():
        for step in steps:
            step()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


async def take(edges, count):
    async with asyncio.timeout(5):
        return [await edges.get() for _ in range(count)]


async def test_edges_from_another_thread_arrive_on_the_loop_in_order(factory):
    edges = asyncio.Queue()
    main = threading.current_thread()
    pin = factory.pin("GPIO27")
    async with driver(factory).open() as button:
        button.on_edge(lambda pressed: edges.put_nowait((pressed, threading.current_thread())))
        in_a_thread(pin.drive_low, pin.drive_high, pin.drive_low)
        assert edges.empty()
        assert await take(edges, 3) == [(True, main), (False, main), (True, main)]


async def test_a_button_that_is_held_at_the_start_is_ignored_until_it_is_let_go(factory):
    edges = asyncio.Queue()
    pin = factory.pin("GPIO27")
    pin.pull = "up"
    pin.drive_low()
    # gpiozero sets the pull-up, which releases a mock pin: hold it as a finger would
    pin._set_pull = lambda value: setattr(pin, "_pull", value)
    with capture_logs() as logs:
        async with driver(factory).open() as button:
            button.on_edge(edges.put_nowait)
            in_a_thread(pin.drive_high, pin.drive_low, pin.drive_high)
            assert await take(edges, 2) == [True, False]
    assert [entry["event"] for entry in logs] == ["button.held"]


async def test_after_the_end_no_edge_arrives(factory):
    edges = []
    pin = factory.pin("GPIO27")
    async with driver(factory).open() as button:
        button.on_edge(edges.append)
    in_a_thread(pin.drive_low, pin.drive_high)
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    assert edges == []


def test_an_edge_after_the_loop_was_closed_is_dropped():
    async def make():
        return GpiozeroEdges("GPIO27", is_held=False)

    edges = asyncio.run(make())
    with capture_logs() as logs:
        in_a_thread(edges.pressed, edges.released)
    assert [entry["event"] for entry in logs] == ["button.late"] * 2


async def test_a_pin_that_does_not_exist_is_named(factory):
    with pytest.raises(DriverError, match="GPIO99"):
        async with driver(factory, pin="GPIO99").open():
            pass
