"""Several outputs of one device: each opened as it shall stand, and each told to the guard."""

from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from agent.app.held import HeldLines
from agent.app.outputs import DeviceOutputs
from agent.app.parts import Parts
from agent.devices.effects import SetLevel, SetRelay
from agent.drivers.gpiod_input import GpiodInput
from agent.drivers.gpiod_relay import GpiodRelay
from agent.drivers.gpiozero_dimmer import GpiozeroDimmer
from agent.drivers.gpiozero_relay import GpiozeroRelay
from agent.drivers.simulated.dimmer import SimulatedDimmer
from agent.driving import Drivings
from agent.loop_clock import LoopClock
from agent.ports import Needs
from agent.settings.dimmers import PinDimmerSettings, SimulatedDimmerSettings
from agent.settings.relays import ContactSettings, RelaySettings
from agent.settings.sensors import InputSensorSettings
from agent.systemd import Notifier
from tests.drivers.kernel import Kernel

LAMP = RelaySettings(driver="gpiod", pin="GPIO4", min_off_s=0)
FAN = RelaySettings(driver="gpiod", pin="GPIO5", active_high=False, on_stop="keep")


class Opened:
    """The outputs of a device, opened in a stack; `steps` is how many lines were known when."""

    def __init__(self, parts, needs):
        self.steps = []
        held = HeldLines(Notifier({}), [])
        self.device = DeviceOutputs("env-1", Parts(transport=None, **parts), needs, held)

    async def open(self, stack, at):
        note = lambda: self.steps.append(len(self.device.driven))  # noqa: E731
        self.outputs = await self.device.open(stack, LoopClock(), at, note)
        self.device.has_left = True  # they stay where they are put


@pytest.fixture
def factory():
    made = MockFactory(pin_class=MockPWMPin)
    yield made
    made.reset()


async def test_two_contacts_and_an_input_of_one_chip_are_driven_apart(tmp_path):
    kernel = Kernel(tmp_path, "GPIO4", "GPIO5", "GPIO22")
    lamp, fan = kernel.lines["GPIO4"], kernel.lines["GPIO5"]
    sections = {"Lamp": LAMP, "Fan": FAN}
    relays = {name: GpiodRelay(each, None, **kernel.parts()) for name, each in sections.items()}
    opened = Opened({"relays": relays}, Needs(relays=sections))
    motion = InputSensorSettings(driver="gpiod", pin="GPIO22")
    async with AsyncExitStack() as stack:
        sensor = GpiodInput(motion, None, **kernel.lines_only())
        await stack.enter_async_context(sensor.open())
        await opened.open(stack, {"Lamp": False, "Fan": True})
        assert lamp.levels == [False], "off from the start, and never on"
        assert (fan.is_active, fan.levels) == (True, [False])
        drivings = Drivings("env-1")
        drivings.drive(opened.outputs, SetRelay(on=True, output="Lamp"), LoopClock())
        assert (lamp.is_active, fan.is_active) == (True, True)
        drivings.drive(opened.outputs, SetRelay(on=False, output="Fan"), LoopClock())
        assert (lamp.is_active, fan.is_active) == (True, False)
    driven = {each.output: (each.line.address, each.policy) for each in opened.device.driven}
    assert driven == {"Lamp": (f"{kernel.path}:0", LAMP), "Fan": (f"{kernel.path}:1", FAN)}


async def test_contacts_and_a_dimmer_of_one_pin_factory_are_driven_apart(factory):
    lamp = RelaySettings(driver="gpiozero", pin="GPIO4")
    light = PinDimmerSettings(driver="gpiozero", pin="GPIO18", on_start="restore", on_stop="keep")
    pins = {name: factory.pin(name) for name in ("GPIO4", "GPIO18")}
    pins["GPIO4"].clear_states()
    parts = {
        "relays": {"Lamp": GpiozeroRelay(lamp, None, make_factory=lambda: factory)},
        "dimmers": {"Light": GpiozeroDimmer(light, None, make_factory=lambda: factory)},
    }
    opened = Opened(parts, Needs(relays={"Lamp": lamp}, dimmers={"Light": light}))
    async with AsyncExitStack() as stack:
        await opened.open(stack, {"Lamp": False, "Light": 0.3})
        assert [state.state for state in pins["GPIO4"].states] == [False]
        assert pins["GPIO18"].state == 0.3
        drivings = Drivings("env-1")
        drivings.drive(opened.outputs, SetLevel(level=0.6, output="Light"), LoopClock())
        drivings.drive(opened.outputs, SetRelay(on=True, output="Lamp"), LoopClock())
        assert (pins["GPIO4"].state, pins["GPIO18"].state) == (True, 0.6)
    assert opened.steps == [1, 2], "the guard hears of each line before the next is driven"
    policies = {each.output: each.policy for each in opened.device.driven}
    assert policies["Light"] == ContactSettings(on_start="restore", on_stop="keep")


async def test_a_dimmer_that_outlives_nothing_is_no_line_of_the_guards():
    section = SimulatedDimmerSettings(driver="simulated")
    opened = Opened({"dimmers": {"L": SimulatedDimmer(section)}}, Needs(dimmers={"L": section}))
    async with AsyncExitStack() as stack:
        await opened.open(stack, {"L": 1.0})
    assert opened.device.driven == ()


async def test_a_plug_ins_dimmer_is_put_out_by_the_guard(factory):
    pin = PinDimmerSettings(driver="gpiozero", pin="GPIO18")
    dimmer = GpiozeroDimmer(pin, None, make_factory=lambda: factory)
    needs = Needs(dimmers={"L": SimpleNamespace(driver="plugged")})
    opened = Opened({"dimmers": {"L": dimmer}}, needs)
    async with AsyncExitStack() as stack:
        await opened.open(stack, {"L": 0.0})
    (driven,) = opened.device.driven
    assert driven.policy == ContactSettings()
