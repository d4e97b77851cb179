"""What the pages of the service and of faults quote is what the program says."""

import ast
import re
from functools import cache

import pytest

from agent.settings.root import AgentSettings
from tests.docs.pages import ROOT, code_blocks, prose, text_of

pytestmark = pytest.mark.unmeasured

SERVICE = ROOT / "docs" / "service.md"
FAULTS = ROOT / "docs" / "troubleshooting.md"
UNIT = ROOT / "systemd" / "polycloud-agent.service"
INSTALLER = ROOT / "scripts" / "install-service"
EVENT = re.compile(r"`([a-z]+\.[a-z_]+)[`\s]")
FILE_NAMES = {"config.txt", "system.conf"}
NOT_THE_SERVICE = {"demo.failed"}
OF_OTHERS = {"polycloud: command not found", "FILE:LINE: key: found …; allowed: …"}


@cache
def sayings():
    """Every text of the program; what an f-string fills in is '…'."""
    texts = []
    for path in sorted((ROOT / "agent").rglob("*.py")):
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [getattr(part, "value", None) for part in node.values]
                texts.append("".join(part if isinstance(part, str) else "…" for part in parts))
    return texts


def first_cells(page):
    rows = [line for line in prose(page).splitlines() if line.startswith("| ")]
    return [row.split(" | ")[0] for row in rows]


def quoted_messages():
    spans = [span for cell in first_cells(FAULTS) for span in re.findall(r"`([^`]+)`", cell)]
    return [span for span in spans if " " in span and "=" not in span and span not in OF_OTHERS]


def fragments(message):
    """The parts that the program itself writes: no level, no check's name, no number."""
    parts = re.split(r"…|: |; ", message)
    stripped = [re.sub(r"^(FAILED|warn) \w+$|\d+$", "", part.strip()).strip() for part in parts]
    return [part for part in stripped if " " in part]


@pytest.mark.parametrize("page", [SERVICE, FAULTS], ids=lambda page: page.name)
def test_every_event_that_is_named_is_logged_somewhere(page):
    named = {name for cell in first_cells(page) for name in EVENT.findall(cell)} - FILE_NAMES
    assert named
    assert not named - set(sayings())


def is_warning(call):
    """Tell a warning of the log's, also one that is told once, and one that a device asks for."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    has_flag = any(each.arg == "is_warning" for each in call.keywords)
    return name in {"warning", "tell", "_tell"} or (name == "Log" and has_flag)


def warnings_of_the_service():
    """Every event that the service warns with, by the name that stands in its call."""
    named = set()
    for path in sorted((ROOT / "agent").rglob("*.py")):
        for call in ast.walk(ast.parse(text_of(path))):
            if isinstance(call, ast.Call) and is_warning(call):
                values = [*call.args[:1], *(each.value for each in call.keywords)]
                texts = [getattr(value, "value", None) for value in values]
                named |= {text for text in texts if re.fullmatch(r"[a-z]+\.[a-z_]+", str(text))}
    return named


@pytest.mark.parametrize("event", sorted(warnings_of_the_service() - NOT_THE_SERVICE))
def test_every_warning_of_the_service_is_explained(event):
    assert event in {name for cell in first_cells(SERVICE) for name in EVENT.findall(cell)}


def test_every_section_that_a_reload_refuses_is_named():
    page = text_of(SERVICE)
    listed = page[page.index("**Needs a restart**") :].partition("\n\n")[0]
    changes = text_of(ROOT / "agent" / "settings" / "changes.py")
    sections = set(re.findall(r'"(\w+)": \(old\.\w+, new\.\w+\)', changes))
    assert {"meter", "temperature"} <= sections
    for section in sections:
        assert f"`[device.{section}]`" in listed or f"`{section}`" in listed, section


@pytest.mark.parametrize("message", quoted_messages())
def test_every_message_that_is_quoted_is_said_somewhere(message):
    for fragment in fragments(message):
        assert any(fragment in text for text in sayings()), fragment


def test_there_are_messages_to_look_for():
    assert sum(len(fragments(message)) for message in quoted_messages()) > 20


def test_everything_that_is_installed_is_taken_away_again():
    uninstall = text_of(SERVICE).partition("## Uninstall")[2]
    installed = re.findall(r"\s(/(?:usr/lib|etc)/[\w./-]+)", text_of(INSTALLER))
    files = [path for path in installed if "." in path and "/etc/polycloud/" not in path]
    assert files
    assert not [path for path in files if path not in uninstall]


def test_the_credential_has_the_name_that_the_unit_and_the_settings_use():
    lines = [
        line for _, block in code_blocks(SERVICE) for line in block if "LoadCredential" in line
    ]
    assert lines
    for line in lines:
        assert line.partition("=")[2].startswith("tencent.device_secret:")
        assert line in text_of(UNIT).replace("# ", "")


def test_the_paths_are_those_of_the_defaults():
    settings, text = AgentSettings(), text_of(SERVICE)
    assert f"`{settings.state_dir}/state.db`" in text
    assert f"`{settings.control_socket}`" in text
