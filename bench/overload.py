"""A socket one frame before its trip, and that frame: made by the chip's model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agent.devices.effects import SetRelay
from agent.devices.inputs import Found, Measured
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import FRAME_PERIOD_S, parse
from agent.drivers.simulated.appliances import make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.plant import Plant
from agent.model import Condition, Reading, StartCause
from agent.settings.device import SocketSettings
from agent.settings.relays import RelaySettings

CALM_S = 4.0
MOST_S = 20.0
SCALE = Coefficients(kv=3.069, ki=1.007, kp=3.108)
SETTINGS = SocketSettings(
    id="bench", kind="socket", relay=RelaySettings(driver="simulated", on_start="on")
)
FOUND = Found(saved=None, cause=StartCause.FIRST, condition=Condition.NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload:
    """The frame that is one too many, and what came before it."""

    frame: bytes
    before: Sequence[Reading]

    def armed(self, now: float) -> State:
        """Make the state of a socket to which everything before the frame has happened by *now*."""
        device = Socket(settings=SETTINGS)
        start = now - len(self.before) * FRAME_PERIOD_S
        state, _ = device.start(FOUND, start)
        for number, reading in enumerate(self.before, start=1):
            at = start + number * FRAME_PERIOD_S
            state, _ = device.handle(state, Measured(reading=reading), at)
        return state


@cache
def overload() -> Overload:
    """Run a lamp and then an overload until the device trips."""
    device = Socket(settings=SETTINGS)
    plant = Plant(make("lamp"))
    plant.set_contact(on=True, now=0.0)
    plant.plug(make("overload"), now=CALM_S)
    chip, decoder = Chip(plant.at, SCALE), Decoder(SCALE)
    state, _ = device.start(FOUND, 0.0)
    before: list[Reading] = []
    while (now := (len(before) + 1) * FRAME_PERIOD_S) < MOST_S:
        chip.advance(now)
        frame = chip.frame()
        reading = decoder.decode(parse(frame)).reading
        state, effects = device.handle(state, Measured(reading=reading), now)
        if SetRelay(on=False) in effects:
            return Overload(frame=frame, before=before)
        before.append(reading)
    raise RuntimeError("the overload did not make the socket trip")
