"""A button's edges on their way to the device."""

from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.edges import Edges


@given(st.lists(st.booleans()), st.booleans())
def test_whatever_a_button_does_a_press_and_its_release_come_in_turn(levels, is_held):
    passed = []
    edges = Edges("GPIO27", is_held=is_held)
    edges.on_edge(passed.append)
    for level in levels:
        edges.deliver(level)
    assert passed == [place % 2 == 0 for place in range(len(passed))]
    assert edges.is_passed_on is (len(passed) % 2 == 1)
    if not is_held or False in levels:
        assert edges.is_passed_on is bool(levels and levels[-1])


def test_without_anybody_to_tell_edges_are_dropped():
    edges = Edges("GPIO27", is_held=False)
    edges.deliver(True)  # noqa: FBT003 - the callback's form
    assert edges.is_passed_on
