"""`polycloud decode`, run as a user would."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.inprocess import in_bytes

FIXTURE = Path(__file__).parents[1] / "fixtures" / "hlw8032_frames.json"
ROWS = json.loads(FIXTURE.read_text(encoding="utf-8"))
ALL_HEX = "\n".join(row["hex"] for row in ROWS)
KEYS = ["offset", "state", "update", "pulses", "voltage_v", "current_a", "power_w", "status"]


def run(*arguments: str, stdin: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return in_bytes("decode", *arguments, stdin=stdin.encode() if isinstance(stdin, str) else stdin)


def lines(*arguments: str, stdin: str | bytes = b"") -> list[dict]:
    done = run(*arguments, "--json", stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def scaled(row: dict) -> list[str]:
    return ["--kv", str(row["kv"]), "--ki", str(row["ki"]), "--kp", str(row["kp"])]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_recorded_frame_is_told_as_it_is(row):
    record, summary = lines("--hex", *scaled(row), stdin=row["hex"])
    assert list(record) == KEYS
    assert (record["offset"], record["state"], record["update"]) == (
        0,
        row["state"],
        row["update"],
    )
    expected = row["correct"]
    for short, name in (("v", "voltage_v"), ("i", "current_a"), ("p", "power_w")):
        correct = expected[short]
        value = None if isinstance(correct, str) else correct
        also = row.get("also_ok", {}).get(short, value)
        assert record[name] in (pytest.approx(value, abs=1e-6), pytest.approx(also, abs=1e-6))
    is_complete = not any(isinstance(value, str) for value in expected.values())
    assert record["status"] == ("ok" if is_complete else "hold")
    assert summary == {"frames": 1, "bytes_skipped": 0}


def test_a_raw_file_and_standard_input_decode_alike(tmp_path):
    raw = b"\x00\x55" + bytes.fromhex(ALL_HEX)
    path = tmp_path / "capture.bin"
    path.write_bytes(raw)
    from_file = lines(str(path))
    assert from_file == lines("-", stdin=raw) == lines(stdin=raw)
    assert from_file[-1] == {"frames": 12, "bytes_skipped": 2}
    assert [record["offset"] for record in from_file[:-1]] == [2 + 24 * n for n in range(12)]


def test_the_default_scale_is_the_reference_boards():
    (record, _) = lines("--hex", stdin=ROWS[3]["hex"])
    assert record["voltage_v"] == pytest.approx(207.028754 * 3.069, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        ROWS[2]["hex"].lower(),
        ROWS[2]["hex"].replace(" ", ""),
        ROWS[2]["hex"].replace(" ", "\n"),
        "# a comment: 55 5A\n" + ROWS[2]["hex"] + " # 99",
        ", ".join("0x" + byte for byte in ROWS[2]["hex"].split()),
        "\ufeff" + ROWS[2]["hex"] + "\r\n",
    ],
)
def test_hex_text_may_be_written_as_people_write_it(text):
    assert lines("--hex", stdin=text)[-1] == {"frames": 1, "bytes_skipped": 0}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("55 5A\n0G", "line 2, column 2: 'G'"),
        ("55 5", "line 1, column 4: the text ends after half a byte"),
        ("5 5", "line 1, column 2: a byte is two hex digits"),
        ("55 x5", "line 1, column 4: 'x'"),
        ("55\n\n5\n", "line 3, column 2: a byte is two hex digits"),
    ],
)
def test_wrong_hex_text_is_named_with_line_and_column(text, place):
    done = run("--hex", stdin=text)
    assert done.returncode == 1
    assert place in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["missing.bin", "."])
def test_a_file_that_cannot_be_read_is_a_plain_error(tmp_path, name):
    done = run(str(tmp_path / name))
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "many", "1001"])
def test_a_senseless_coefficient_is_a_usage_error(value):
    assert run("--kv", value).returncode == 2


def test_people_get_one_aligned_line_a_frame():
    text = run("--hex", *scaled(ROWS[1]), stdin=ALL_HEX).stdout.decode().splitlines()
    assert len(text) == 1 + 12 + 1
    assert len({line.index(line.split()[-1]) for line in text[:-1]}) == 1
    assert text[-1] == "12 frames, 0 bytes skipped"


def test_bytes_without_a_frame_raise_a_question():
    done = run("--json", stdin=b"hello")
    assert json.loads(done.stdout) == {"frames": 0, "bytes_skipped": 5}
    assert b"--hex" in done.stderr
    assert done.returncode == 0


def test_help_shows_an_example_and_the_default_scale():
    text = run("--help").stdout.decode()
    assert "polycloud decode capture.bin" in text
    assert "3.069" in text
    assert "code504" in text
