"""The incidents on other machines, and what is found where they are not the same."""

import shutil

from chaos.incidents import replays
from chaos.report import Verdict


async def test_a_recorded_incident_is_the_same_on_every_machine(tmp_path):
    shutil.copy(replays.FOLDER / "silence.jsonl", tmp_path)
    rows = await replays.run(tmp_path)
    assert [row.why for row in rows if row.verdict is not Verdict.HELD] == []
    assert len(rows) == len(replays.MACHINES)


async def test_an_incident_that_decides_otherwise_fails_and_so_does_none_at_all(tmp_path):
    text = (replays.FOLDER / "silence.jsonl").read_text()
    assert '"is_warning":true' in text
    changed = tmp_path / "one.jsonl"
    changed.write_text(text.replace('"is_warning":true', '"is_warning":false', 1))
    one = {"here": {"TZ": "UTC"}}
    (row,) = await replays.run(tmp_path, one)
    assert row.verdict is Verdict.BROKEN
    changed.unlink()
    (row,) = await replays.run(tmp_path, one)
    assert row.why == "there is no incident to replay"
