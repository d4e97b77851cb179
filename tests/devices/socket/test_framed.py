"""The copy that each frame makes is the one that `replace` would make."""

from dataclasses import fields, replace

from agent.devices.inputs import Measured
from agent.devices.socket.framed import Seen, after_frame
from agent.devices.socket.state import State
from tests.devices.socket.bench import Bench


def _seen(state: State) -> Seen:
    return Seen(
        evidence=state.evidence,
        voltage=state.voltage,
        is_overloaded=state.is_overloaded,
        contact=state.contact,
        fault=state.fault,
        energy=state.energy,
        metering=state.metering,
    )


def _at_work() -> tuple[State, State]:
    """Give a state, and one that some frames have changed."""
    bench = Bench()
    before = replace(bench.state, relay_on=True, countdown_at=2000.0, links_up=frozenset({"a"}))
    for _ in range(4):
        bench.now += 0.105
        bench.give(Measured(reading=bench.registers.frame(bench.now, 0.26, 60.0, 0.105)))
    return before, replace(bench.state, is_overloaded=True, fault="welded")


def test_the_copy_equals_what_replace_makes():
    before, later = _at_work()
    seen = _seen(later)
    after = after_frame(before, **seen)
    assert after == replace(before, **seen)


def test_what_a_frame_does_not_change_is_the_very_same_value():
    before, later = _at_work()
    after = after_frame(before, **_seen(later))
    kept = {each.name for each in fields(State)} - Seen.__required_keys__
    assert all(getattr(after, name) is getattr(before, name) for name in kept)


def test_the_state_before_stays_as_it_was():
    before, later = _at_work()
    as_it_was = replace(before)
    after_frame(before, **_seen(later))
    assert before == as_it_was
