"""The page of the ready devices: its files are there, its tests exist, its commands are right."""

import re
import shlex
import tomllib

import click
import pytest

from agent.cli.demo import demo
from agent.clouds.suspects import SOON_S
from agent.demo.declared.file import read_settings
from agent.demo.dialects import choose
from agent.settings.generic import GenericSettings
from tests.docs.pages import ROOT, text_of
from tests.settings.test_declared_examples import FILES

PAGE = ROOT / "docs" / "seeds.md"
NAMED = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
TESTS = sorted(set(NAMED.findall(text_of(PAGE))))


def rows():
    table = text_of(PAGE).partition("## What each does")[2]
    found = [line for line in table.splitlines() if line.startswith("| ")]
    return [row for row in found if not row.startswith(("| what", "| ---"))]


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_is_named_exists(file, name):
    assert re.search(rf"^(async )?def {name}\(", text_of(ROOT / file), re.MULTILINE)


def test_every_test_of_the_ready_devices_has_its_row():
    assert [row for row in rows() if len(NAMED.findall(row)) != 1] == []
    defined = {
        (f"tests/seeds/{path.name}", name)
        for path in (ROOT / "tests" / "seeds").glob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)\(", text_of(path), re.MULTILINE)
    }
    assert set(TESTS) == defined


def test_every_file_is_told_with_its_cloud_and_its_names():
    text = text_of(PAGE)
    for name in FILES:
        assert f"[{name}.toml](../config/{name}.toml)" in text
        path = ROOT / "config" / f"{name}.toml"
        device = GenericSettings.model_validate(tomllib.loads(text_of(path))["device"])
        if name != "lamp":
            assert all(f"`{part}`" in text for part in device.parts)


def test_the_demos_that_are_named_can_be_played():
    lines = [line for line in text_of(PAGE).splitlines() if line.startswith("polycloud demo ")]
    assert len(lines) == len(FILES)
    for line in lines:
        context = demo.make_context("demo", shlex.split(line)[2:], resilient_parsing=False)
        assert isinstance(context, click.Context)
        assert read_settings(ROOT / context.params["path"]).parts
        assert choose(context.params["names"])


def test_the_time_after_a_connect_is_the_codes():
    assert f"within {SOON_S:g} s of one" in text_of(PAGE)
