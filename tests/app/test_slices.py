"""Many devices, a few at a time."""

from hypothesis import given
from hypothesis import strategies as st

from agent.app.slices import slices


@given(count=st.integers(0, 40), size=st.integers(1, 12))
def test_everything_comes_once_in_order_and_no_more_at_a_time_than_told(count: int, size: int):
    everything = {number: str(number) for number in range(count)}
    parts = list(slices(everything, size))
    assert [item for part in parts for item in part.items()] == list(everything.items())
    assert all(0 < len(part) <= size for part in parts)


def test_what_goes_or_comes_meanwhile_does_not_matter():
    devices = {"a": 1, "b": 2, "c": 3}
    seen: list[str] = []
    for part in slices(devices, 1):
        seen += part
        devices.pop("c", None)
        devices["d"] = 4
    assert seen == ["a", "b", "c"]
