"""A bug report becomes a test: what is in `tests/replays` is decided as it was recorded."""

from pathlib import Path

import pytest

from agent.recording.text import read_recording
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


def test_there_are_incidents():
    assert len(FILES) >= 3
