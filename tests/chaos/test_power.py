"""Power cuts in short."""

import pytest

from chaos.disks import power
from chaos.report import Verdict
from tests.chaos.needs import needs_fuse

pytestmark = pytest.mark.unmeasured


@needs_fuse
async def test_a_power_cut_takes_back_nothing_that_was_synced():
    (row,) = await power.run(seed=3, lives=(0.5, 1.0, 0.2))
    assert row.verdict is Verdict.HELD, row.why
