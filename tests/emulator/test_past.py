"""What is told of the past: how much of it goes in one post, and what is shown as now."""

import pytest

from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.tencent.rules import TencentRules
from tests.emulator import aliyun, onenet
from tests.emulator.dialogues import MS, report
from tests.emulator.support import DEVICE, UP, make_device

BATCH = f"{aliyun.THING}/event/property/batch/post"
HISTORY = f"{aliyun.THING}/event/property/history/post"
ITSELF = {"productKey": aliyun.PRODUCT, "deviceName": aliyun.NAME}
OVERCURRENT = {"value": {"Current": 5.5, "Threshold": 5.0, "TripState": 1}, "time": MS}
LOW = {"low_voltage": {"value": {"voltage": 180.0}}}
both = pytest.mark.parametrize(("newest_wins", "shown"), [(False, 1.0), (True, 2.0)])


def test_history_of_a_device_of_aliyun_is_kept_apart_in_the_order_it_came():
    core = aliyun.make_device()
    rows = [
        {"Current": {"value": 1.0, "time": MS - 5}},
        {"Current": {"value": 2.0}, "Nonsense": 1},
        {"Current": {"value": "no", "time": MS}},
    ]
    assert aliyun.code(core, HISTORY, [{"identity": ITSELF, "properties": rows}]) == 200
    seen = aliyun.described(core)
    assert (seen["properties"], seen["reported_at"]) == ({}, None)
    assert seen["history"] == [
        {"id": "Current", "value": 1.0, "timestamp_ms": MS - 5},
        {"id": "Current", "value": 2.0, "timestamp_ms": None},
    ]


@pytest.mark.parametrize(("count", "code"), [(20, 200), (21, 6356)])
def test_aliyun_takes_so_many_events_at_once(count, code):
    events = [OVERCURRENT] * count
    core = aliyun.make_device()
    assert aliyun.code(core, BATCH, {"events": {"OverCurrent": events}}) == code
    assert len(aliyun.described(core)["events"]) == (count if code == 200 else 0)
    rows = [{"OverCurrent": each} for each in events]
    assert aliyun.code(core, HISTORY, [{"identity": ITSELF, "events": rows}]) == code


@pytest.mark.parametrize(("count", "code"), [(21, 200), (22, 6357)])
def test_aliyun_takes_the_history_of_so_many_devices(count, code):
    part = {"identity": ITSELF, "properties": [{"Current": {"value": 1.0, "time": MS}}]}
    assert aliyun.code(aliyun.make_device(), HISTORY, [part] * count) == code


@pytest.mark.parametrize(("count", "code"), [(10, 200), (11, 2402)])
def test_onenet_takes_so_many_entries_in_a_pack(count, code):
    core = onenet.thing_device()
    assert onenet.post(core, "thing/pack/post", [{"events": LOW}] * count)["code"] == code
    assert len(onenet.view(core)["events"]) == (count if code == 200 else 0)


def test_all_entries_of_a_pack_are_of_one_device_which_has_100_points():
    core = onenet.thing_device()
    names = ("power_switch", "voltage", "current", "active_power", "apparent_power")
    values = {name: {"value": True if name == "power_switch" else 1} for name in names}
    more = {"power_factor": {"value": 1}, "total_energy": {"value": 1}, "count_down": {"value": 1}}
    entry = {"properties": values | more, "events": LOW}
    assert onenet.post(core, "thing/pack/post", [entry] * 10)["code"] == 200
    events = {**LOW, "trip": {"value": dict.fromkeys(("value", "limit", "duration_s"), 1)}}
    events["trip"]["value"]["cause"] = "overcurrent"
    events["hardware_fault"] = {"value": {"name": "meter", "error_code": 1}}
    full = {**entry, "events": events}
    assert onenet.post(core, "thing/pack/post", [full] * 10)["code"] == 2402


# ── which value is shown as the one of now, where they come out of turn ─────────────────────


@both
def test_aliyun_shows_the_last_that_came_or_the_newest(newest_wins, shown):
    core = aliyun.make_device(AliyunRules(newest_wins=newest_wins))
    for value, time in ((2.0, MS), (1.0, MS - 1)):
        params = {"Current": {"value": value, "time": time}}
        assert aliyun.code(core, aliyun.POST, params) == 200
    assert aliyun.described(core)["properties"] == {"Current": shown}
    batch = [{"value": 4.0, "time": MS + 2}, {"value": 3.0, "time": MS + 1}]
    assert aliyun.code(core, BATCH, {"properties": {"Current": batch}}) == 200
    assert aliyun.described(core)["properties"] == {"Current": 2.0 + shown}


@both
def test_tencent_does_too(newest_wins, shown):
    core = make_device(TencentRules(newest_wins=newest_wins))
    for value, stamp in ((2, MS), (1, MS - 1)):
        assert core.ask(1, UP, report({"voltage": value}, timestamp=stamp))["code"] == 0
    assert core.platform.describe(DEVICE)["properties"] == {"voltage": shown}
    assert core.ask(1, UP, report({"voltage": 3}, timestamp=0))["code"] == 0
    assert core.platform.describe(DEVICE)["properties"] == {"voltage": 3}


@both
def test_onenet_does_too(newest_wins, shown):
    core = onenet.thing_device(OnenetRules(newest_wins=newest_wins))
    for value, time in ((2, MS), (1, MS - 1)):
        params = {"voltage": {"value": value, "time": time}}
        assert onenet.post(core, "thing/property/post", params)["code"] == 200
    assert onenet.view(core)["properties"] == {"voltage": shown}


@both
def test_and_so_do_its_streams(newest_wins, shown):
    core = onenet.datastream_device(OnenetRules(newest_wins=newest_wins))
    second = MS // 1000
    points = [{"v": 2, "t": second}, {"v": 1, "t": second - 1}]
    onenet.say(core, f"{onenet.OWN}dp/post/json", {"id": 1, "dp": {"voltage": points}})
    seen = onenet.view(core)
    assert (seen["properties"], seen["points"]) == ({"voltage": shown}, 2)
    assert seen["stream_times"] == {"voltage": second if newest_wins else second - 1}
