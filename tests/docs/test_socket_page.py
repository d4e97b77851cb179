"""The page of the socket says what the code does, and every test that it names exists."""

import re
import tomllib

import pytest

from agent.devices.button import CLICK_S
from agent.devices.socket.forgetting import SHOWN_S
from agent.devices.socket.indication import SEEN
from agent.devices.socket.noting import FIND_MOST_S
from agent.devices.socket.pressing import PROVISIONING_S, REFUSED_S
from agent.devices.socket.themes import LOADS, Showing
from agent.settings.device import ButtonSettings, IndicatorSettings
from agent.settings.light import LOAD_STEPS_W
from tests.docs.loading import toml_blocks
from tests.docs.pages import ROOT, table_spans, text_of

PAGE = ROOT / "docs" / "socket.md"
NAMED = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
FEATURES = 25
"""Lines of the reference socket's page: 7 features, 5 of use, 3 of the button, 10 of the light."""


def feature_rows() -> list[str]:
    table = text_of(PAGE).partition("## Feature by feature")[2]
    return [line for line in table.splitlines() if line.startswith("| ")][2:]


def test_every_feature_has_a_row_and_a_test():
    rows = feature_rows()
    assert len(rows) == FEATURES
    assert [row for row in rows if len(NAMED.findall(row)) != 1] == []
    assert [row for row in rows if row.count("|") != 4] == []


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(text_of(PAGE)))))
def test_a_test_that_is_named_exists(file, name):
    assert re.search(rf"^(async )?def {name}\(", text_of(ROOT / file), re.MULTILINE)


def test_the_examples_are_valid_and_say_the_defaults():
    button, light = (tomllib.loads(block)["device"] for block in toml_blocks(PAGE))
    settings = ButtonSettings.model_validate(button["button"])
    assert settings.double_click == "countdown 30m"
    assert settings.model_copy(update={"double_click": "none"}) == ButtonSettings()
    shown = IndicatorSettings.model_validate(light["indicator"])
    assert shown.night == IndicatorSettings.model_validate({"night": {}}).night
    assert shown.model_copy(update={"night": None}) == IndicatorSettings()


def test_the_numbers_are_those_of_the_code():
    text = text_of(PAGE)
    assert f"a click, below {CLICK_S:g} s" in text
    assert f"for {PROVISIONING_S / 60:g} minutes" in text
    assert f"white for {SHOWN_S:g} s afterwards" in text
    assert f"red, fast, {REFUSED_S:g} s" in text
    assert f"keep {SEEN:g} of full" in text
    assert f"{FIND_MOST_S / 60:g} minutes at most" in text
    for step_w in LOAD_STEPS_W:
        assert f"on, up to {step_w:g} W" in text


def test_the_lights_table_has_a_row_for_everything_that_is_shown():
    table = text_of(PAGE).partition("## The light")[2].partition("```")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(Showing)
    words = ["unplug", "5 s", "10 s", "refused", "identify", "tripped", "reset done", "brought"]
    words += ["no cloud", *["on, "] * len(LOADS), "off and well"]
    assert [word for word, row in zip(words, rows, strict=True) if word not in row] == []


def test_the_settings_that_are_named_are_settings():
    keys = {*ButtonSettings.model_fields, *IndicatorSettings.model_fields}
    spans = [span for row in table_spans(PAGE) for span in row]
    named = [span for span in spans if span.startswith(("[device.button] ", "[device.indicator] "))]
    assert named
    assert {span.split()[1] for span in named} <= keys
