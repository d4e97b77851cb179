"""The trip table and the times of the safety pages are those of the code and the unit."""

import re

import pytest

from agent.devices.socket import protection, socket, switching
from agent.devices.socket.keeping import SAVE_EVERY_MJ, SAVE_EVERY_S
from agent.settings.protection import ProtectionSettings
from tests.docs.pages import ROOT, text_of

PAGES = [ROOT / "docs" / "safety.md", ROOT / "docs" / "safety.zh-CN.md"]
UNIT = ROOT / "systemd" / "polycloud-agent.service"
each_language = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def row(page, words):
    return next(line for line in text_of(page).splitlines() if words in line)


@each_language
@pytest.mark.parametrize("factor", [protection.STRONG_FACTOR, protection.BAND_FACTOR])
def test_the_bands_are_those_of_the_code(page, factor):
    limit = protection.limit(ProtectionSettings(), factor)
    assert f"{factor:g} " in row(page, f"{limit.current_a:g} A")
    assert f"{limit.power_w:g} W" in row(page, f"{limit.current_a:g} A")


@each_language
def test_the_times_of_the_trip_table_are_those_of_the_code(page):
    band_a = protection.limit(ProtectionSettings(), protection.BAND_FACTOR).current_a
    assert f"{protection.BAND_TRIP_S:g} s" in row(page, f"{band_a:g} A")
    assert f"{protection.INRUSH_S:g} s" in row(page, f"{band_a:g} A")
    assert f"{socket.METER_LOST_S:g} s" in row(page, 'meter_lost = "keep"')
    assert f"{protection.INRUSH_TRIP_S:g} s" in text_of(page)


@each_language
def test_the_rules_of_a_reset_are_those_of_the_code(page):
    text = text_of(page)
    assert f"{switching.CLOUD_RESET_AFTER_S:g} s" in text
    assert re.search(rf"{switching.CLOUD_RESETS_PER_HOUR} (times|次)", text)


@each_language
def test_energy_is_kept_as_often_as_the_page_says(page):
    assert f"{SAVE_EVERY_MJ / 3_600_000:g} Wh" in text_of(page)
    assert f"{SAVE_EVERY_S:g} s" in text_of(page)


@each_language
def test_the_times_of_the_service_are_those_of_the_unit(page):
    unit = dict(re.findall(r"^(\w+Sec)=(\d+)$", UNIT.read_text(), re.MULTILINE))
    text = text_of(page)
    watchdog_s, start_s = int(unit["WatchdogSec"]), int(unit["TimeoutStartSec"])
    abort_s, restart_s = int(unit["TimeoutAbortSec"]), int(unit["RestartSec"])
    for seconds in (watchdog_s, start_s, watchdog_s + abort_s + restart_s):
        assert f"{seconds} s" in text
    assert f"{start_s + abort_s + restart_s} s" in text


def test_there_is_one_place_for_the_figures():
    assert text_of(PAGES[0]).count("<!-- figures -->") == 1
