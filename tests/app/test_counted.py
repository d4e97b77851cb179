"""What a platform that sums is told of a socket."""

import pytest

from agent.app.counted import counted_of
from agent.devices.socket.state import State
from agent.devices.socket.thing_table import SOCKET
from agent.model import Condition

MJ_PER_KWH = 3_600_000_000


def test_it_is_what_was_ever_counted_and_is_on_the_disk_whatever_is_shown():
    counts = {"published_mj": 5 * MJ_PER_KWH + 3_599_999, "energy_base_mj": 2 * MJ_PER_KWH}
    state = State(relay_on=True, changed_at=0.0, **counts)
    assert counted_of(Condition.GOOD, SOCKET, lambda: state).wh() == 5000


@pytest.mark.parametrize("condition", Condition)
def test_what_else_is_on_the_disk_is_not_of_its_time_where_it_was_saved_from_somewhere(condition):
    is_sure = counted_of(condition, SOCKET, State).is_sure
    assert is_sure == (condition in (Condition.NEW, Condition.GOOD, Condition.OLDER))
