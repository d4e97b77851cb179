"""A bug report becomes a test: what is in `tests/replays` is decided as it was recorded."""

import json
from pathlib import Path

import pytest

from agent.recording.text import CAME, read_recording
from agent.replay.player import replay

FILES = sorted((Path(__file__).parent.parent / "replays").glob("*.jsonl"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_incident_is_decided_as_it_was(path):
    assert path.stat().st_size < 100_000
    recording = read_recording(path.read_text(encoding="ascii"))
    result = replay(recording)
    assert result.difference is None
    assert result.decisions > 10
    assert recording.end is not None


def test_they_hold_every_kind_of_decision_but_a_bug_and_a_calibration():
    rows = [json.loads(row) for path in FILES for row in path.read_text().splitlines()]
    assert {next(iter(row)) for row in rows} >= set(CAME) - {"bug", "rescale"}


def test_there_are_incidents():
    assert len(FILES) >= 3
