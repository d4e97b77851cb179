"""Both READMEs say the same, and no page points to what is not there."""

import re

import pytest

from agent.cli import COMMANDS
from agent.cli.sign import sign
from agent.demo.tour import steps_for
from agent.emulator.identity import CLOUDS as EMULATED
from agent.settings.names import CLOUDS
from tests.docs.loading import loaded, naming, sections_of, toml_blocks
from tests.docs.pages import (
    PAGES,
    README,
    README_ZH,
    anchors,
    code,
    code_blocks,
    links,
    sections,
    table_spans,
    text_of,
)

WARNING_ENDS_BY_LINE = 15
PLATFORMS = CLOUDS[:3]
"""Those whose sections are shown; Home Assistant has a page."""
SUBCOMMAND = re.compile(r"(?:^|[\s/`])polycloud ([a-z]+)\b(?!\.)")


def page_id(page):
    return str(page.relative_to(README.parent))


def test_both_readmes_show_the_same_code():
    assert code_blocks(README_ZH) == code_blocks(README)


def test_both_readmes_have_the_same_commands_and_values_in_their_tables():
    assert table_spans(README_ZH) == table_spans(README)


def test_both_readmes_have_the_same_sections():
    assert sections(README_ZH) == sections(README)


@pytest.mark.parametrize("page", [README, README_ZH], ids=page_id)
def test_the_mains_warning_comes_first(page):
    lines = text_of(page).splitlines()
    first_quote = next(number for number, line in enumerate(lines) if line.startswith("> **⚠"))
    first_section = next(number for number, line in enumerate(lines) if line.startswith("## "))
    assert first_quote < WARNING_ENDS_BY_LINE
    assert first_quote < first_section


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_to_files_and_headings_that_exist(page):
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_that_is_mentioned_exists(page):
    typed = {name for text in code(page) for name in SUBCOMMAND.findall(text)}
    assert not typed - set(COMMANDS)


def test_the_readmes_name_every_command():
    table = " ".join(span for row in table_spans(README) for span in row)
    missing = [name for name in COMMANDS if not re.search(rf"\b{name}\b", table)]
    assert missing in ([], ["demo"])  # `make demo` is the README's first command


@pytest.mark.parametrize("page", [README, README_ZH], ids=page_id)
def test_the_configuration_loads_as_it_is_shown(page, tmp_path):
    first, *others = toml_blocks(page)
    assert tuple(loaded(tmp_path, first).clouds) == ("tencent",)
    assert sections_of("\n".join([first, *others]))[:3] == PLATFORMS


@pytest.mark.parametrize("clouds", [*([name] for name in PLATFORMS), PLATFORMS], ids=" ".join)
def test_one_line_of_the_configuration_switches_clouds(clouds, tmp_path):
    whole = "\n".join(toml_blocks(README))
    assert tuple(loaded(tmp_path, naming(whole, clouds)).clouds) == tuple(clouds)


def test_every_cloud_that_is_emulated_and_every_sign_in_is_named():
    text = text_of(README)
    assert all(f"`{name}`" in text for name in EMULATED)
    assert all(f"`sign {name}`" in text.replace("polycloud ", "") for name in sign.commands)


def test_the_tour_that_is_shown_has_the_steps_of_the_demo_in_their_order():
    (block,) = [lines for _, lines in code_blocks(README) if lines[0].startswith("ok online")]
    shown = [line.removeprefix("ok ").partition(":")[0] for line in block]
    assert len(shown) > 3
    assert shown == [name for name in steps_for(1) if name in shown]
