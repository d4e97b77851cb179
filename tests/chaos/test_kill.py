"""kill -9 in short: `make chaos` does it three hundred times."""

import pytest

from chaos.kept import Count, counted
from chaos.kills.kill import Plan, torment
from chaos.report import Verdict

pytestmark = pytest.mark.unmeasured


async def test_a_killed_agent_loses_no_pulse_and_moves_no_contact():
    row = await torment(Plan(kills=12, seed=5, gaps=(2.0,), resets=1))
    assert row.verdict is Verdict.HELD, row.why


def test_the_energy_is_found_wherever_it_stands_in_what_was_saved():
    energy = {"total_mj": 3, "rest_pj": 5, "counter": 9}
    expected = Count(total_pj=3 * 10**9 + 5, counter=9)
    assert counted({"energy": energy}) == expected
    assert counted({"other": {}, "deep": {"energy": energy}}) == expected
    assert counted({"relay_on": True}) is None
    assert counted(None) is None
