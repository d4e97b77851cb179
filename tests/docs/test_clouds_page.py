"""The page of the clouds fits the code, the model file and the trust anchor."""

import hashlib
import json
import re
import ssl
import subprocess
import sys
import tomllib

import pytest

from agent.cli.credentials import from_json
from agent.cli.forms import FORMS
from agent.clouds.names import Names
from agent.clouds.tencent.names import DIALECT
from agent.devices.socket.thing_table import SOCKET
from agent.settings.clouds import TencentSettings
from agent.thing import Kind
from tests.docs.pages import ROOT, code_blocks, text_of

SCRIPT = ROOT / "scripts" / "make-docs"
PAGE = ROOT / "docs" / "clouds.md"
MODEL = ROOT / "agent" / "emulator" / "models" / "tencent-socket.json"
IDENTITY = {"product_id": "CS0SLTKSYA", "device_name": "dev1"}


def make_docs(*arguments):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_tables_are_up_to_date():
    done = make_docs("--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_outdated_table_is_found_and_mended(tmp_path):
    page = tmp_path / "clouds.md"
    page.write_text(text_of(PAGE).replace("`total_kwh`, 0 to", "`total`, 0 to"))
    assert make_docs("--check", page).returncode == 1
    assert make_docs(page).returncode == 0
    assert text_of(page) == text_of(PAGE)


def test_a_page_without_markers_is_refused(tmp_path):
    page = tmp_path / "clouds.md"
    page.write_text("# Clouds\n")
    done = make_docs(page)
    assert done.returncode == 1
    assert "<!-- identifiers: from the code -->" in done.stderr


def test_the_model_that_is_pasted_into_the_console_has_the_identifiers_of_the_table():
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


def test_the_fingerprint_is_that_of_the_shipped_root():
    pem = text_of(ROOT / "agent" / "trust" / "tencent-root.pem")
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    fingerprint = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    assert fingerprint in text_of(PAGE)


def test_the_example_of_renaming_is_a_valid_section():
    (lines,) = [lines for language, lines in code_blocks(PAGE) if language == "toml"]
    section = tomllib.loads("\n".join(lines))["clouds"]["tencent"]
    settings = TencentSettings.model_validate(IDENTITY | section)
    assert settings.rename == section["rename"]


@pytest.mark.parametrize("key", ["commands", "reset_energy", "keepalive_s", "tls", "verify"])
def test_the_keys_that_the_page_explains_exist(key):
    assert re.search(rf"`{key}\b", text_of(PAGE))
    assert key in TencentSettings.model_fields


def test_the_console_json_that_the_page_shows_is_what_init_takes():
    (lines,) = [lines for language, lines in code_blocks(PAGE) if language == "json"]
    taken = from_json("\n".join(lines))
    form = FORMS["tencent", ""]
    assert [taken.find(ask.spellings) for ask in form.device] == list(IDENTITY.values())
    assert taken.find(form.secret.spellings) == "…"
