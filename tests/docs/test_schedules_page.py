"""What the page about schedules shows is understood, and kept as it is written there."""

import re
import tomllib

import pytest

from agent.automation.schedules import parse_schedule, write_schedule
from agent.settings.device import SocketSettings
from tests.docs.pages import ROOT, code_blocks, table_spans, text_of

PAGE = ROOT / "docs" / "schedules.md"
SHAPE = re.compile(r".* (at|cron) .*|cycle .*")
EXAMPLES = [span for row in table_spans(PAGE) for span in row if SHAPE.fullmatch(span)]
TYPED = re.findall(r'schedule (?:add|preview) "([^"]+)"', text_of(PAGE))
NOT_WRITTEN = {"off at 22:30 missed off": "off at 22:30"}


@pytest.mark.parametrize("text", [*EXAMPLES, *TYPED])
def test_every_example_is_a_schedule_in_its_one_form(text):
    assert write_schedule(parse_schedule(text)) == NOT_WRITTEN.get(text, text)


def test_there_are_examples():
    assert len(EXAMPLES) > 12
    assert len(TYPED) == 2


def test_the_sections_of_the_file_load():
    (block,) = [lines for language, lines in code_blocks(PAGE) if language == "toml"]
    sections = tomllib.loads("\n".join(block))["device"]
    device = SocketSettings.model_validate({"id": "s", "kind": "socket", **sections})
    assert len(device.timetable.texts) == 3
