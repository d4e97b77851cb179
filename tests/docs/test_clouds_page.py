"""The page of what all clouds share fits the code, and so do the tables of every cloud's page."""

import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest

from agent.clouds.names import Names
from agent.clouds.tencent.names import DIALECT
from agent.devices.socket.thing_table import SOCKET
from agent.outbox import Bounds
from agent.settings.clouds import AliyunSettings, CloudSettings, TencentSettings
from agent.settings.protection import ProtectionSettings
from agent.thing import Kind
from tests.docs.loading import loaded, toml_blocks
from tests.docs.pages import ROOT, code_blocks, table_spans, text_of

pytestmark = pytest.mark.unmeasured

SCRIPT = ROOT / "scripts" / "make-docs"
DOCS = ROOT / "docs"
PAGE = DOCS / "clouds.md"
MODEL = ROOT / "agent" / "emulator" / "models" / "tencent-socket.json"
TENCENT = {"product_id": "CS0SLTKSYA", "device_name": "dev1"}
ALIYUN = {"product_key": "k19g7hBjoOD", "device_name": "testdevice1"}
OUTDATED = {
    "clouds.md": ("`total_kwh`, 0 to", "`total`, 0 to"),
    "tencent.md": ("30 to 120", "30 to 600"),
    "aliyun.md": ("| 460 |", "| 461 |"),
    "onenet.md": ('`"sha256"`', '`"md5"`'),
    "control.md": ("switch to the other position", "switch"),
}


@cache
def script():
    loader = SourceFileLoader("make_docs", str(SCRIPT))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module  # where dataclasses look for what their fields are
    loader.exec_module(module)
    return module


def make_docs(*arguments):
    """Run it in this process; give what it exits with."""
    try:
        script().main([*map(str, arguments)])
    except SystemExit as ended:
        return ended.code
    return 0


def test_the_tables_of_all_pages_are_up_to_date():
    command = [sys.executable, str(SCRIPT), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", OUTDATED)
def test_an_outdated_table_is_found_and_mended(tmp_path, name):
    page, (old, new) = tmp_path / name, OUTDATED[name]
    begin, table, rest = text_of(DOCS / name).partition("<!-- ")
    page.write_text(begin + table + rest.replace(old, new, 1))
    assert text_of(page) != text_of(DOCS / name)
    assert "is out of date" in make_docs("--check", page)
    assert make_docs(page) == 0
    assert text_of(page) == text_of(DOCS / name)


def test_a_page_without_markers_is_refused(tmp_path):
    page = tmp_path / "clouds.md"
    page.write_text("# Clouds\n")
    assert "<!-- identifiers: from the code -->" in make_docs(page)


def test_the_emulators_model_has_the_identifiers_of_the_table():
    model = json.loads(text_of(MODEL))
    names = Names((), {}, DIALECT)
    kinds = {Kind.BOOL: "bool", Kind.INT: "int", Kind.FLOAT: "float", Kind.TEXT: "string"}
    expected = {
        (
            names.wire_id(row.field.name),
            kinds[row.field.kind],
            "rw" if row.is_writable else "r",
        )
        for row in SOCKET.properties
        if names.is_listed(row.field.name)
    }
    pasted = {(row["id"], row["define"]["type"], row["mode"]) for row in model["properties"]}
    assert pasted == expected
    assert {row["id"] for row in model["events"]} == {names.wire_id(e.name) for e in SOCKET.events}
    assert {row["id"] for row in model["actions"]} == {
        names.wire_id(action.name) for action in SOCKET.actions
    }


def test_the_examples_are_valid():
    device, rename, topics = (tomllib.loads(block) for block in toml_blocks(PAGE))
    assert device["device"]["clouds"] == ["aliyun"]
    renamed = rename["clouds"]["tencent"]
    assert TencentSettings.model_validate(TENCENT | renamed).rename == renamed["rename"]
    assert AliyunSettings.model_validate(ALIYUN | topics["clouds"]["aliyun"]).custom_topics


def test_the_examples_of_names_and_topics_suit_a_device(tmp_path):
    """Only a codec knows what can be renamed, and which topics are a device's own."""
    own, rename, topics = toml_blocks(PAGE)
    both = own.replace('["aliyun"]', '["tencent", "aliyun"]')
    tencent = (
        f'[clouds.tencent]\ndevice_secret_file = "/etc/polycloud/tencent.secret"\n{lines(TENCENT)}'
    )
    aliyun = f'{topics}\ndevice_secret_file = "/etc/polycloud/aliyun.secret"\n{lines(ALIYUN)}'
    text = f'{both}\nboard = "code504"\n{tencent}\n{rename}\n{aliyun}'
    assert tuple(loaded(tmp_path, text).clouds) == ("tencent", "aliyun")


def lines(table):
    return "\n".join(f'{key} = "{value}"' for key, value in table.items())


def test_the_rights_are_those_of_the_settings():
    for key in ("commands", "reset_energy"):
        assert key in CloudSettings.model_fields
    for key in ("reset", "accept_stored_on"):
        assert key in ProtectionSettings.model_fields
    assert re.search(r"`accept_stored_on = false`", text_of(PAGE))


def test_the_numbers_are_those_of_the_code():
    text = text_of(PAGE)
    assert f"up to {Bounds().rows:,} and {Bounds().bytes >> 20} MB" in text
    assert f"below {ProtectionSettings().low_voltage_v:g} V" in text


def test_why_is_shown_as_the_command_writes_it():
    (block,) = [lines for _, lines in code_blocks(PAGE) if lines[0].startswith("$ polycloud why")]
    moved = re.compile(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  relay       (on|off) by cloud \w+ \(request \S+\)"
    )
    assert [line for line in block if moved.fullmatch(line)] == [block[2], block[4]]


def test_every_dialect_has_a_row_and_a_page():
    first = [row for row in table_spans(PAGE) if row[0].startswith("[clouds.")]
    assert {row[0] for row in first} == {"[clouds.tencent]", "[clouds.aliyun]", "[clouds.onenet]"}
    for name in ("tencent", "aliyun", "onenet"):
        assert f"]({name}.md)" in text_of(PAGE)
        assert "clouds.md" in text_of(DOCS / f"{name}.md")
