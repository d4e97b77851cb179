"""A file that is no recording of a device, or no longer one, is told with its line."""

import json

import pytest

from agent.recording.forms import RecordingError, digest
from agent.replay.player import replay
from tests.replay.bench import Stand, reread, text_of


def a_file(*rows):
    return "".join(f"{row}\n" for row in rows)


@pytest.fixture(scope="module")
def header():
    return text_of(Stand().record()).removesuffix("\n")


def with_changes(header, **changes):
    return json.dumps({**json.loads(header), **changes})


def with_settings(header, **changes):
    settings = {**json.loads(header)["settings"], **changes}
    return with_changes(header, settings=settings, settings_hash=digest(settings))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("", "line 2: no JSON"),
        ("nonsense", "line 2: no JSON"),
        ("[1]", "line 2: found '[1]'; allowed: an object"),
        ('{"t":NaN,"in":"wake"}', "line 2: no JSON: NaN"),
        ("[" * 100_000, "line 2: no JSON"),
        ("{}", "line 2: t: found 'None'; allowed: a number"),
        ('{"t":true,"in":"wake"}', "line 2: t: found 'True'; allowed: a number"),
        ('{"t":{"float":"x"},"in":"wake"}', "line 2: t: found 'x'; allowed: inf, -inf, nan"),
        ('{"t":1,"wall":2,"in":"wake"}', "line 2: boot: found 'None'; allowed: a number"),
        (
            '{"t":1,"boot":2,"trust":4,"in":"wake"}',
            "line 2: trust: found '4'; allowed: 0, 1, 2, 3",
        ),
        ('{"t":1,"on":1}', "line 2: found on, t; allowed: in, serial, end"),
        ('{"t":1,"serial":"5"}', "line 2: serial: found '5'; allowed: pairs of hexa"),
        ('{"t":1,"serial":5}', "line 2: serial: found '5'; allowed: hex"),
        ('{"t":1,"in":"sleep"}', "line 2: in: found 'sleep'; allowed: wake, reading, Measured"),
        ('{"t":1,"in":{"is":"Kept"}}', "line 2: in: found 'a key too few'; allowed: total_mj"),
        ('{"t":1,"in":{"is":"Tick","x":1}}', "line 2: in: found \"an unknown key 'x'\""),
        (
            '{"t":1,"in":{"is":"Toggle","origin":{"kind":"moon","name":"x"}}}',
            "line 2: in.origin.kind: found 'moon'; allowed: cloud, local, button, agent",
        ),
        (
            '{"t":1,"in":{"is":"Command","origin":{"kind":"local","name":"x"},"request":{}}}',
            "line 2: in.request.is: found 'None'; allowed: PropertySet, ActionCall",
        ),
        ('{"t":1,"in":{"is":"Kept","total_mj":1.5}}', "line 2: in.total_mj: found '1.5'"),
        ('{"end":5}', "line 2: why: found '5'; allowed: a text"),
        ('{"end":"x"}\n{"t":1,"in":"wake"}', "line 3: found more after the end"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_what_is_allowed(header, row, said):
    with pytest.raises(RecordingError) as caught:
        reread(a_file(header, row))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"is": "dialogue"}, "a dialogue between a link and a cloud"),
        ({"is": "letter"}, 'line 1: found \'letter\'; allowed: "is":"device"'),
        (
            {"form": 2, "agent": "9.9"},
            "line 1: form: found 2; allowed: 1; it was written by version",
        ),
        ({"clouds": "all"}, "line 1: clouds: found 'all'; allowed: a list"),
        ({"hearing": {}}, "line 1: hearing: found 'a key too few'"),
        ({"state": {"relay_on": 1}}, "line 1: state.relay_on: found '1'; allowed: true or false"),
    ],
)
def test_a_header_that_does_not_fit_is_named(header, change, said):
    with pytest.raises(RecordingError) as caught:
        reread(a_file(with_changes(header, **change)))
    assert said in str(caught.value)


def test_settings_that_no_device_can_have_are_named(header):
    with pytest.raises(RecordingError, match=r"line 1: settings\.board: Input should be 'code504'"):
        replay(reread(a_file(with_settings(header, board="none"))))


def test_a_recording_holds_no_place_of_a_part_and_no_cloud_s_section(header):
    settings = json.loads(header)["settings"]
    assert "port" not in settings["meter"]
    assert "state_file" not in settings["relay"]
    assert settings["clouds"] == ["tencent"]
