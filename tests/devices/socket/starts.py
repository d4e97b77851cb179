"""Starts from what was kept, and what a bench kept."""

from agent.devices.effects import Save
from agent.devices.inputs import Found
from agent.devices.socket.socket import Socket
from agent.model import StartCause
from tests.devices.socket.bench import Bench, settings


def last_saved(bench: Bench) -> dict[str, object]:
    return dict([effect.saved for effect in bench.effects if isinstance(effect, Save)][-1])


def started(saved, cause=StartCause.CRASH, now=2000.0, **more):
    device = Socket(settings=settings(relay=more.pop("relay", {"on_start": "restore"})))
    return device.start(Found(saved=saved, cause=cause, **more), now)


def overloaded(seconds: float) -> Bench:
    """A socket that has carried 1.2 times its rating for so long."""
    bench = Bench(settings(relay={"on_start": "restore", "on_stop": "keep"}))
    bench.switch_on()
    bench.run(3, 0.26, 60)
    bench.run(seconds, 6.0, 1380.0)
    return bench


def stopped(bench: Bench) -> dict[str, object]:
    _, effects = bench.device.stop(bench.state, bench.now)
    return dict(next(effect.saved for effect in effects if isinstance(effect, Save)))
