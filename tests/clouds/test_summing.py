"""A platform that sums is told each watt-hour once, or never."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.clouds.told import Account, Told
from agent.messages import EventReport, InfoReport, PropertyReport
from agent.outbox import Ending
from tests.clouds.aliyun_device import make_codec
from tests.clouds.sums import MOODS, REPORT, Stand
from tests.clouds.support import run_virtually


def play(scenario, **settings):
    """Live through a scenario with a socket that has told 0 of 2 kWh."""

    async def main():
        stand = Stand(**settings)
        stand.counted_wh = stand.true_wh = 2000
        await stand.session()
        await scenario(stand)
        return stand

    return run_virtually(main())


def sums(stand):
    values = [body["params"]["UnitPowerConsumption"] for body in stand.platform.taken]
    return [each["value"] if isinstance(each, dict) else each for each in values]


def test_the_first_look_tells_nothing_and_each_later_one_what_came_since():
    async def scenario(stand):
        assert sums(stand) == []
        for wh in (12, 0, 1):
            stand.use(wh)
            await stand.session()

    stand = play(scenario)
    assert sums(stand) == [0.012, 0.001]
    assert stand.told.account == Account(until_wh=2013)
    assert Told("dev1", stand.disk, "socket-1").account == Account(until_wh=2013)


def test_a_sum_is_a_live_message_of_its_own_with_its_time_and_of_qos_0():
    codec = make_codec(unit_power_consumption=True)
    publish = codec.encode_sum(0.0125, 1_800_000_000.0, "7")
    assert publish.topic.endswith("/thing/event/property/post")
    assert (publish.qos, publish.is_answered) == (0, True)
    body = json.loads(publish.payload)
    stamped = {"value": 0.013, "time": 1_800_000_000_000}
    assert body["params"] == {"UnitPowerConsumption": stamped}
    bare = json.loads(codec.encode_sum(0.5, None, "7").payload)
    assert bare["params"] == {"UnitPowerConsumption": 0.5}


def test_reports_come_often_and_sums_each_five_minutes():
    async def scenario(stand):
        for _ in range(6):
            stand.use(10)
            await stand.session(for_s=100.0)

    stand = play(scenario)
    assert sums(stand) == [0.010, 0.030]


@pytest.mark.parametrize("mood", [mood for mood in MOODS if mood != "takes"])
def test_what_may_not_have_arrived_is_never_sent_again_and_shown(mood):
    async def scenario(stand):
        stand.platform.mood = mood
        stand.use(40)
        with capture_logs() as logs:
            await stand.session()
            stand.use(2)
            await stand.session()
        told = [(each["log_level"], each["kwh"]) for each in logs if "kwh" in each]
        assert told == [("warning", 0.04), ("debug", 0.002)]
        stand.platform.mood = "takes"
        stand.use(5)
        await stand.session()
        stand.end()

    stand = play(scenario)
    assert stand.told.not_told_kwh == 0.042
    assert sums(stand)[-1] == 0.005
    assert len(sums(stand)) in (1, 3)


@pytest.mark.parametrize("mood", ["knows none", "leaves out"])
def test_a_platform_without_such_a_quantity_is_asked_once_a_session(mood):
    async def scenario(stand):
        stand.platform.mood = mood
        for _ in range(2):
            await stand.session(for_s=2000.0, reports=4, wh=10)

    stand = play(scenario)
    assert len(stand.platform.taken) == 2
    assert stand.told.account.not_told_wh == 10 + 40


def test_nothing_is_sent_that_the_disk_did_not_take_and_it_is_told_later():
    async def scenario(stand):
        stand.disk.is_refusing = True
        stand.use(40)
        await stand.session()
        assert sums(stand) == []
        stand.disk.is_refusing = False
        await stand.session()

    stand = play(scenario)
    assert sums(stand) == [0.04]
    assert stand.told.account.not_told_wh == 0


def test_a_disk_that_takes_it_too_late_takes_it_back():
    async def scenario(stand):
        stand.disk.is_refusing = True
        stand.use(40)
        await stand.session(for_s=20.0)
        stand.disk.is_refusing = False
        await stand.session(for_s=20.0, reports=0)
        assert not stand.disk.waiting
        stand.end()
        await stand.session()

    stand = play(scenario)
    assert sums(stand) == [0.04]
    assert stand.told.not_told_kwh == 0


def test_an_outage_is_told_as_one_sum_and_more_than_1000_kwh_not_at_all():
    async def scenario(stand):
        for wh in (1_000_000, 1_000_001, 3):
            stand.use(wh)
            with capture_logs() as logs:
                await stand.session()
            told = [each for each in logs if each["event"] == "energy.not_told"]
            assert len(told) == (wh == 1_000_001)

    stand = play(scenario)
    assert sums(stand) == [1000.0, 0.003]
    assert stand.told.not_told_kwh == 1000.001


def test_a_count_that_fell_begins_anew_and_is_not_told():
    async def scenario(stand):
        stand.counted_wh = 7
        await stand.session()
        stand.use(3)
        await stand.session()

    assert sums(play(scenario)) == [0.003]


def test_what_is_counted_while_it_is_switched_off_is_not_told_when_it_is_on_again():
    async def scenario(stand):
        sums_codec, stand.codec = stand.codec, Stand(unit_power_consumption=False).codec
        stand.end()
        stand.use(500)
        await stand.session()
        assert stand.told.account.until_wh is None
        stand.codec = sums_codec
        stand.end()
        stand.use(1)
        await stand.session()
        stand.use(4)
        await stand.session()

    assert sums(play(scenario)) == [0.004]


def test_after_a_restored_backup_nothing_of_before_is_told_twice():
    async def scenario(stand):
        stand.use(30)
        backup = dict(stand.disk.rows), stand.counted_wh
        await stand.session()
        assert stand.platform.sum_wh == 30
        stand.disk.rows, stand.counted_wh = backup
        stand.end(is_sure=False)
        await stand.told.settle()
        stand.end()
        await stand.session()
        stand.use(2)
        await stand.session()

    assert sums(play(scenario)) == [0.03, 0.002]


def test_only_a_report_with_the_count_that_was_taken_has_the_energy_told():
    async def scenario(stand):
        stand.use(40)
        others = [
            (REPORT, Ending.REFUSED),
            (PropertyReport(values={"voltage": 230.0}, wall_time=None), Ending.DELIVERED),
            (EventReport(name="trip", values={"total_energy": 1.0}, wall_time=None), "delivered"),
            (InfoReport(facts={}), Ending.DELIVERED),
        ]
        note = stand.summing.note
        for message, ending in others:
            stand.summing.note = lambda *_, message=message, ending=ending: note(message, ending)
            await stand.session()
        stand.summing.note = note

    assert sums(play(scenario)) == []


def test_a_socket_without_a_count_tells_nothing():
    async def scenario(stand):
        stand.counted_wh = None
        await stand.session()

    assert sums(play(scenario)) == []


# ── wherever it is cut ──────────────────────────────────────────────────────────────────────────

STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "wh": st.integers(0, 50),
            "mood": st.sampled_from(MOODS),
            "is_refusing": st.sampled_from([False, False, True]),
            "ends_after_s": st.none() | st.floats(0, 1.0) | st.floats(0, 12.0),
            "then": st.sampled_from(["on", "killed", "stopped"]),
        }
    ),
    max_size=8,
)


def step(wh, mood="takes", ends_after_s=None, then="on", *, is_refusing=False):
    return {
        "wh": wh,
        "mood": mood,
        "is_refusing": is_refusing,
        "ends_after_s": ends_after_s,
        "then": then,
    }


@given(steps=STEPS)
@example(steps=[step(0), step(9, ends_after_s=0.35, then="killed"), step(1)])
@example(steps=[step(0), step(9, "cut after", then="killed"), step(1)])
@example(steps=[step(0), step(9, is_refusing=True, then="stopped"), step(1)])
@settings(max_examples=60, deadline=None)
def test_wherever_it_is_cut_no_energy_is_told_twice_and_none_is_forgotten(steps):
    async def main():
        stand = Stand()
        stand.use(100)
        begun_at = None
        for each in steps:
            stand.use(each["wh"])
            stand.platform.mood = each["mood"]
            stand.disk.is_refusing = each["is_refusing"]
            if each["ends_after_s"] is None:
                await stand.session()
            else:
                await stand.session(each["ends_after_s"])
            if each["then"] != "on":
                stand.end(is_flushed=each["then"] == "stopped")
            begun_at = holds(stand, begun_at)

    run_virtually(main())


def holds(stand, begun_at):
    """What arrived and what was given up are all that the account says is over."""
    account = stand.told.account
    if account.until_wh is None:
        assert stand.platform.sum_wh == 0
        return None
    begun_at = account.until_wh if begun_at is None else begun_at
    over_wh = account.until_wh - begun_at
    assert account.on_its_way_wh == 0
    assert account.until_wh <= stand.counted_wh
    assert over_wh - account.not_told_wh <= stand.platform.sum_wh <= over_wh
    return begun_at
