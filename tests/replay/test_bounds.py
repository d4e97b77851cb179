"""A recording is bounded, and says why it ends."""

import json

import pytest

from agent.app import recordings
from agent.devices.inputs import Toggle
from agent.replay.player import replay
from tests.devices.socket.bench import LOCAL
from tests.replay.bench import Stand, reread, text_of


def last(text):
    return json.loads(text.splitlines()[-1])


def test_a_file_that_is_full_ends_after_a_whole_input_and_below_its_bound():
    stand = Stand()
    recording = stand.record(most_bytes=12_000)
    stand.frames(200)
    text = text_of(recording)
    assert 11_000 < len(text) <= 12_000
    assert last(text)["end"] == "full: 0.0114441 MB had been asked for"
    assert replay(reread(text)).difference is None
    assert stand.runtime.tap is None
    assert stand.meter.ear is None


def test_lines_that_are_not_fetched_end_it_and_the_device_goes_on():
    stand = Stand()
    recording = stand.record(most_waiting=9_000)
    stand.frames(200)
    assert last(text_of(recording))["end"] == "the lines were not fetched fast enough"
    assert stand.runtime.state.metering.readings > 0


def test_a_recording_that_nobody_fetches_ends_by_itself():
    stand = Stand()
    recording = stand.record()
    recording.fetch()
    stand.machine.time += recordings.UNREAD_S + 1
    stand.runtime.wake()
    assert last(text_of(recording))["end"] == "the lines were not fetched any more"


def test_noise_without_a_reading_is_kept_though_nothing_is_decided():
    stand = Stand()
    recording = stand.record()
    for _ in range(200):
        stand.meter.feed(b"\x00\x01", stand.runtime.dispatch)
    recording.end("done")
    recording.end("again")
    text = text_of(recording)
    assert text.count('"serial"') > 100
    assert replay(reread(text)).difference is None
    assert last(text)["end"] == "done"


def test_a_bug_is_named_where_it_cut_a_decision_short_and_comes_again():
    stand = Stand()
    recording = stand.record()
    stand.runtime.sinks = {"tencent": lambda _message: 1 / 0}
    with pytest.raises(ZeroDivisionError):
        stand.runtime.dispatch(Toggle(origin=LOCAL))
    recording.end("done")
    assert '{"bug":"ZeroDivisionError"}' in text_of(recording).splitlines()


def test_a_meter_that_tells_no_bytes_is_recorded_by_its_readings():
    stand = Stand()
    stand.parts.meter = object()
    recording = stand.record()
    stand.frames(5)
    recording.end("done")
    text = text_of(recording)
    assert text.count('"is":"Measured"') == 5
    assert "serial" not in text
    assert replay(reread(text)).difference is None


def test_nothing_is_written_before_the_relay_has_been_driven():
    stand = Stand()
    recording = stand.record()
    lines_before = []
    drive = stand.machine.set

    def slow(*, on):
        lines_before.append(len(recording.fetch()))
        drive(on=on)

    recording.fetch()
    stand.machine.set = slow
    stand.frames(2)
    stand.runtime.position("power_switch")
    stand.runtime.stop(keeps_policy=False)
    assert len(lines_before) == 1
    assert '"Stopped"' in recording.fetch()[0]
