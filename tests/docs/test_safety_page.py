"""The trip table and the times of the safety pages are those of the code and the unit."""

import re

import pytest

from agent.devices.socket import contact
from agent.devices.socket.keeping import SAVE_EVERY_MJ, SAVE_EVERY_S
from agent.devices.socket.voltage import SOME_VOLTAGE_V
from agent.settings.protection import SLOWEST, ProtectionSettings
from tests.docs.pages import ROOT, text_of
from tests.integration import policies

PAGES = [ROOT / "docs" / "safety.md", ROOT / "docs" / "safety.zh-CN.md"]
UNIT = ROOT / "systemd" / "polycloud-agent.service"
each_language = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def row(page, words):
    return next(line for line in text_of(page).splitlines() if words in line)


@each_language
@pytest.mark.parametrize(("factor", "seconds"), SLOWEST)
def test_the_bands_are_those_of_the_code(page, factor, seconds):
    rating = ProtectionSettings()
    amps, watts = factor * rating.rated_current_a, factor * rating.rated_power_w
    line = row(page, f"{amps:g} A")
    assert f"{factor:g} " in line
    assert f"{watts:g} W" in line
    assert f"{seconds:g} s" in line or not seconds


@each_language
def test_the_limits_of_the_trip_table_are_those_of_the_code(page):
    rules = ProtectionSettings()
    text = text_of(page)
    assert f"{rules.inrush_trip_s:g} s" in row(page, f"{rules.inrush_s:g} s")
    for limit, seconds in (
        (f"{rules.overvoltage_v:g} V", rules.overvoltage_s),
        (f"{rules.high_voltage_v:g} V", rules.high_voltage_s),
        (f"{rules.low_voltage_v:g} V", rules.low_voltage_s),
        ('meter_lost = "keep"', rules.meter_lost_s),
        (f"{contact.LEAST_CURRENT_A:g} A", rules.welded_after_s),
    ):
        assert f"{seconds:g} s" in row(page, limit)
    for celsius in (rules.warn_c, rules.open_c, rules.close_below_c):
        assert f"{celsius:g} °C" in text
    assert f"{contact.LEAST_POWER_W:g} W" in row(page, f"{contact.LEAST_CURRENT_A:g} A")
    assert f"{SOME_VOLTAGE_V:g} V" in text


@each_language
def test_the_rules_of_a_reset_are_those_of_the_code(page):
    text, rules = text_of(page), ProtectionSettings()
    assert f"{rules.cloud_reset_after_s:g} s" in text
    assert re.search(rf"{rules.cloud_resets_per_hour} (times|次)", text)


def test_the_table_of_what_the_contact_does_is_the_one_that_is_tested():
    assert policies.markdown().strip() in text_of(PAGES[0])


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
