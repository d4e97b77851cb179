"""The guide to rules shows rules that can be read, followed and typed."""

import re
import tomllib

import pytest

from agent.automation.rules.book import MAX_RULES, text_fault
from agent.automation.rules.presets import PRESETS
from agent.automation.rules.rule import (
    MAX_CONDITIONS,
    MAX_DOINGS,
    MAX_FOR_S,
    MAX_PER_HOUR,
    MAX_TEXT,
    REST_S,
)
from agent.cli.rule import rule as command
from agent.devices.socket.thing_table import SOCKET
from tests.devices.automated.hall import hall
from tests.docs.loading import loaded, toml_blocks
from tests.docs.pages import ROOT, code, table_spans, text_of

PAGE = ROOT / "docs" / "rules.md"
SPANS = [span for span in code(PAGE) if span.startswith("when ")]


def test_the_example_loads(tmp_path):
    (block,) = toml_blocks(PAGE)
    device = loaded(tmp_path, f'[device]\nid = "s"\nkind = "socket"\n{block}')
    assert device.device.rules == tomllib.loads(block)["device"]["rules"]
    assert len(device.device.rules) == 4


def test_the_example_of_the_file_that_is_shipped_is_right():
    lines = text_of(ROOT / "config" / "socket.toml").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("# [device.rules]"))
    shown = tomllib.loads("\n".join(line.lstrip("# ") for line in lines[begin : begin + 3]))
    for text in shown["device"]["rules"].values():
        assert text_fault(text, SOCKET) == ""


@pytest.mark.parametrize("text", [span for span in SPANS if ": " in span])
def test_every_rule_that_is_shown_can_be_followed(text):
    thing = hall() if "MQ2" in text or "DoorOpen" in text else SOCKET
    assert text_fault(text, thing) == ""


def test_the_presets_are_those_of_the_code():
    rows = {row[0]: row[1] for row in table_spans(PAGE) if len(row) > 1}
    assert {name: rows[name] for name in rows if name in {each.name for each in PRESETS}} == {
        each.name: each.filled({}) for each in PRESETS
    }


def test_every_value_that_a_rule_can_read_is_named():
    (row,) = [row for row in table_spans(PAGE) if row[0] == "NAME"]
    known = {each.field.name for each in (*SOCKET.properties, *SOCKET.measures)}
    assert known - set(row) == {"count_down_to", "timers"}


def test_the_numbers_are_those_of_the_code():
    text = text_of(PAGE)
    assert f"Up to {MAX_RULES} rules stand in the file" in text
    assert f"up to {MAX_TEXT} characters" in text
    assert (MAX_CONDITIONS, MAX_DOINGS, MAX_PER_HOUR, REST_S) == (4, 4, 12, 60)
    assert f"up to `{MAX_FOR_S // 86_400}d`" in text


def test_every_command_is_shown_or_named():
    shown = set(re.findall(r"polycloud rule (\w+)", text_of(PAGE)))
    assert shown == set(command.commands) - {"enable"}
