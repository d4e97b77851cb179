"""A crash between any two writes loses nothing that was acknowledged."""

import pytest
from structlog.testing import capture_logs

from chaos.disks import prefix
from chaos.disks.disk import Kind, Variant
from chaos.disks.prefix import Outcome, Progress, Trial, content, judge, record, rows_until
from chaos.kept import Found
from chaos.report import Verdict
from tests.chaos.needs import needs_fuse

pytestmark = pytest.mark.unmeasured

SOME = 120
UNDER_WAY = Progress(done=3, begun=4)


@needs_fuse
async def test_the_store_cut_after_any_write_gives_the_last_save_or_the_one_under_way():
    rows = await prefix.run(seed=7, torn=1)
    assert [row.why for row in rows if row.verdict is not Verdict.HELD] == []
    assert len(rows) == len(Variant)


@needs_fuse
async def test_a_store_that_never_synced_would_be_found_out(tmp_path):
    operations = await record(tmp_path / "recorded")
    unsynced = [each for each in operations if each.kind is not Kind.SYNC]
    trial = Trial(tmp_path / "cut")
    with capture_logs():
        await trial.run(unsynced[:SOME], seeds=[1])
    assert max(trial.outcomes[Variant.PROCESS]).is_allowed
    assert not max(trial.outcomes[Variant.SYNCED]).is_allowed
    assert any(row.verdict is Verdict.BROKEN for row in trial.rows())


@pytest.mark.parametrize(
    ("saved", "outcome"),
    [
        (content(4), Outcome.BEING_WRITTEN),
        (content(3), Outcome.ACKNOWLEDGED),
        (content(2), Outcome.OLDER),
        (content(5), Outcome.OLDER),
        ({**content(3), "again": 4}, Outcome.MIXED),
        (None, Outcome.LOST),
    ],
)
def test_only_the_last_two_states_are_right(saved, outcome):
    rows = [] if saved is None else rows_until(saved["number"])
    assert judge(Found(saved=saved, rows=rows), UNDER_WAY) is outcome
    assert outcome.is_allowed == (saved in (content(3), content(4)))


def test_nothing_may_be_found_only_before_anything_was_acknowledged():
    nothing = Found(saved=None)
    assert judge(nothing, Progress(begun=0)) is Outcome.ACKNOWLEDGED
    aside = Found(saved=None, is_set_aside=True)
    assert judge(aside, Progress(begun=0)) is Outcome.EMPTY_SET_ASIDE
    assert judge(aside, UNDER_WAY) is Outcome.SET_ASIDE


def test_the_journal_holds_what_was_written_with_the_save_and_nothing_else():
    for rows in ([], rows_until(2), rows_until(4), rows_until(3)[1:], rows_until(3)[::-1]):
        assert judge(Found(saved=content(3), rows=rows), UNDER_WAY) is Outcome.MIXED
    assert judge(Found(saved=None, rows=rows_until(0)), Progress(begun=0)) is Outcome.LOST


def test_a_file_set_aside_or_refused_is_wrong_whatever_it_held():
    aside = Found(saved=content(3), rows=rows_until(3), is_set_aside=True)
    refused = Found(saved=content(3), rows=rows_until(3), failures=1)
    assert judge(aside, UNDER_WAY) is Outcome.SET_ASIDE
    assert judge(refused, UNDER_WAY) is Outcome.REFUSED
