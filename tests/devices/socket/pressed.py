"""A finger on the button of a bench, and what it led to."""

from collections.abc import Sequence

from agent.devices.effects import Effect, Record
from agent.devices.inputs import ButtonEdge
from agent.devices.socket.indication import showing
from agent.devices.socket.state import State, Trip
from agent.devices.socket.switching import tripped
from agent.devices.socket.themes import Showing
from tests.devices.socket.bench import Bench, settings

PATIENT = {"meter_lost": "keep"}


def bench_with(**button: object) -> Bench:
    """A bench at rest, so that `min_off_s` is over, whose silent meter opens nothing."""
    bench = Bench(settings(button=button, protection=PATIENT))
    bench.tick_until(bench.now + 2)
    return bench


def press(bench: Bench, held_s: float) -> Sequence[Effect]:
    """Press and let go; give what the release led to."""
    bench.give(ButtonEdge(is_pressed=True))
    bench.tick_until(bench.now + held_s)
    return bench.give(ButtonEdge(is_pressed=False))


def click(bench: Bench, held_s: float = 0.1) -> None:
    press(bench, held_s)


def clicks(bench: Bench, count: int) -> None:
    for _ in range(count):
        click(bench)
        bench.tick_until(bench.now + 0.1)


def rows(bench: Bench, topic: str) -> list[Record]:
    found = [effect for effect in bench.effects if isinstance(effect, Record)]
    return [row for row in found if row.topic == topic]


def shows(bench: Bench) -> Showing:
    return showing(bench.state, bench.device.settings, bench.now)


def trip(bench: Bench) -> State:
    """The state as a trip in this moment leaves it."""
    cause = Trip(
        cause="overcurrent", value=7.3, limit=5.1, duration_s=1, evidence="test", at=bench.now
    )
    return tripped(bench.state, cause, bench.now)
