"""`polycloud replay` tells a story, and whether the same is decided again."""

import json
from pathlib import Path

import pytest

from tests.cli.inprocess import in_text

REPLAYS = Path(__file__).parent.parent / "replays"


def run(*arguments):
    done = in_text(*arguments)
    return done.returncode, done.stdout, done.stderr


def test_it_tells_what_happened_and_that_the_same_is_decided_again():
    status, out, err = run("replay", str(REPLAYS / "overload.jsonl"))
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("socket socket-1, agent ")
    for said in (
        "relay on",
        "TRIPPED: overcurrent",
        "REFUSED: tripped",
        "report to tencent",
    ):
        assert any(said in line for line in lines), said
    assert lines[-1].endswith(" decisions, identical")


def test_links_reloads_and_the_end_are_in_the_story():
    _, out, _ = run("replay", str(REPLAYS / "countdown.jsonl"))
    for said in ("cloud tencent down", "cloud tencent up", "reloaded", "reports go to: nobody"):
        assert said in out
    _, out, _ = run("replay", str(REPLAYS / "silence.jsonl"))
    for said in ("meter.silent", "the meter's port was opened", "the service stops", "ended: "):
        assert said in out


def test_the_first_difference_is_shown_and_can_be_accepted_into_another_file(tmp_path):
    changed, anew = tmp_path / "changed.jsonl", tmp_path / "new.jsonl"
    text = (REPLAYS / "overload.jsonl").read_text()
    changed.write_text(text.replace('{"relay":false}', '{"relay":true}', 1))
    status, out, _ = run("replay", str(changed))
    assert status == 1
    assert "DIFFERENT at +" in out
    assert '  recorded: {"relay":true}\n  now:      {"relay":false}' in out
    status, out, _ = run("replay", "--json", "--write", str(anew), str(changed))
    found = json.loads(out)
    assert (status, found["identical"]) == (1, False)
    assert found["difference"]["expected"] == '{"relay":true}'
    assert anew.read_text() == text
    status, _, err = run("replay", "--write", str(tmp_path / "no" / "x"), str(changed))
    assert (status, "No such file" in err) == (1, True)


def test_a_file_that_was_cut_is_replayed_up_to_the_cut(tmp_path):
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes((REPLAYS / "silence.jsonl").read_bytes()[:20_000])
    status, out, _ = run("replay", str(cut))
    assert status == 0
    assert "the file is cut here" in out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: found nothing that ends"),
        ("Grüße\n".encode(), "byte 2 is not ASCII"),
        (b"{}\n", "line 1: found 'None'; allowed: "),
    ],
)
def test_a_foreign_file_is_1_with_what_is_allowed(tmp_path, content, said):
    path = tmp_path / "file"
    path.write_bytes(content)
    status, out, err = run("replay", str(path))
    assert (status, out) == (1, "")
    assert said in err


def test_a_dialogue_and_a_file_that_is_not_there_are_told_as_what_they_are(tmp_path):
    dialogue = tmp_path / "dialogue.jsonl"
    dialogue.write_text('{"is": "dialogue", "form": 1}\n')
    status, _, err = run("replay", str(dialogue))
    assert (status, "a dialogue between a link and a cloud, not of a device" in err) == (1, True)
    status, _, err = run("replay", str(tmp_path / "none"))
    assert (status, "No such file" in err) == (1, True)
