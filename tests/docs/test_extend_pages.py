"""The walk-throughs show the example packages whole, and what they say of the agent is so."""

import importlib
import re

import pytest

from agent import plugins
from agent.conformance.drivers.subject import RULES
from agent.settings.load import load
from agent.settings.plugged import MADE_OF
from tests.docs.pages import ROOT, links, text_of
from tests.examples.packages import EXAMPLES, PACKAGES, importable

PAGES = {
    "hermes": ROOT / "docs" / "add-a-cloud.md",
    "acme-relay": ROOT / "docs" / "add-a-driver.md",
}
EXTEND = ROOT / "docs" / "extend.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    return [text for name, text in _BLOCK.findall(text_of(page)) if name == language]


def files_of(name):
    folder = EXAMPLES / name
    return [folder / "pyproject.toml", *sorted((folder / PACKAGES[name]).glob("*.py"))]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_every_line_of_its_package_in_order(name):
    shown = "".join(blocks(PAGES[name], "toml")[:1] + blocks(PAGES[name], "python"))
    written = "".join(file.read_text() for file in files_of(name))
    assert without_blanks(shown) == without_blanks(written)


def without_blanks(text):
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("name", PAGES)
def test_the_configuration_of_a_page_loads_where_the_package_is_installed(tmp_path, name):
    site = tmp_path / "site"
    entries = blocks(PAGES[name], "toml")[0].split('entry-points."')[1].replace('"]', "]")
    info = site / f"{PACKAGES[name]}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[" + entries.replace('"', ""))
    secret = tmp_path / "hermes.secret"
    secret.write_text("only-between-us\n")
    secret.chmod(0o600)
    path = tmp_path / "fan.toml"
    path.write_text(blocks(PAGES[name], "toml")[1].replace("/etc/polycloud", str(tmp_path)))
    with importable(EXAMPLES / name), importable(site):
        importlib.invalidate_caches()
        (device,) = load(path, {}).devices
    assert device.device.id == "fan-1"


def test_the_pages_lines_of_code_are_counted_right():
    for name, page in PAGES.items():
        found = re.search(r"It is (\d+) lines", text_of(page).replace("\n", " "))
        lines = sum(len(file.read_text().splitlines()) for file in files_of(name))
        assert found is not None
        assert int(found[1]) == lines


def test_the_table_of_sections_says_what_each_is_made_of():
    text = text_of(EXTEND)
    for _, base in MADE_OF:
        assert f"`{base.__module__.removeprefix('agent.settings.')}.{base.__name__}`" in text
    for group in (plugins.CLOUDS, plugins.DRIVERS, plugins.DEVICES):
        assert f"`{group}`" in text


def test_the_table_of_rules_has_every_role():
    roles = re.findall(r"^\| ([a-z, ]+) \| [a-z]", text_of(EXTEND), re.MULTILINE)
    named = {each.strip() for role in roles for each in role.split(",")}
    assert {role.replace("indicator", "light") for role in RULES} <= named


def test_the_walk_through_of_drivers_links_one_of_each_role():
    linked = links(PAGES["acme-relay"])
    for file in ("gpiod_relay", "led_dimmer", "serial_meter", "iio_sensor", "gpiod_button"):
        assert f"../agent/drivers/{file}.py" in linked
