"""Aliyun's export against the standard model of the socket category, where both say something."""

import pytest

from agent.models.consoles import CONSOLES
from agent.models.wording import Language
from tests.clouds.aliyun_device import settings
from tests.models.support import device, exported

PROPERTIES = {
    "PowerSwitch": ("电源开关", "rw", True, "bool", {"0": "关闭", "1": "开启"}),
    "CurrentVoltage": ("当前电压", "r", False, "float", ("0.1", "V", "伏特")),
    "Current": ("当前电流", "r", False, "float", ("0.001", "A", "安培")),
    "RealTimePower": ("实时功率", "r", False, "float", ("0.1", "W", "瓦特")),
    "PowerConsumption": ("用电量", "r", False, "float", ("0.001", "kW·h", "千瓦·时")),
    "OverCurrentThreshold": ("过流阈值", "rw", False, "float", ("0.1", "A", "安培")),
}
RANGES = {
    "CurrentVoltage": (0, 300),
    "Current": (0, 20),
    "RealTimePower": (0, 4400),
    "PowerConsumption": (0, 2_147_483_647),
    "OverCurrentThreshold": (0.1, 20),
}
COUNT_DOWN = [
    ("IsRunning", "运行状态", "bool", {"0": "已停止", "1": "执行中"}),
    (
        "TimeLeft",
        "剩余时间",
        "int",
        {"min": "0", "max": "86399", "step": "1", "unit": "s", "unitName": "秒"},
    ),
    ("PowerSwitch", "开关动作", "bool", {"0": "关闭", "1": "打开"}),
    ("Timestamp", "时间戳", "date", {}),
]
OVERCURRENT = {
    "Current": ("当前电流", "float", 0, 100),
    "Threshold": ("过流阈值", "float", 0.1, 20),
    "TripState": ("保护动作", "enum", None, None),
}
TSL = exported("aliyun")


def by_identifier(rows):
    return {row["identifier"]: row for row in rows}


@pytest.mark.parametrize("identifier", PROPERTIES)
def test_a_standard_property_has_its_name_access_type_step_and_unit(identifier):
    name, access, is_required, kind, specs = PROPERTIES[identifier]
    row = by_identifier(TSL["properties"])[identifier]
    assert (row["name"], row["accessMode"], row["required"]) == (name, access, is_required)
    there = row["dataType"]
    assert there["type"] == kind
    if isinstance(specs, dict):
        assert there["specs"] == specs
    else:
        assert tuple(there["specs"][key] for key in ("step", "unit", "unitName")) == specs


@pytest.mark.parametrize("identifier", RANGES)
def test_a_range_holds_the_standard_one_and_all_that_the_device_may_say(identifier):
    low, high = RANGES[identifier]
    specs = by_identifier(TSL["properties"])[identifier]["dataType"]["specs"]
    assert float(specs["min"]) <= low
    assert float(specs["max"]) >= high


def test_the_largest_count_is_the_standard_models():
    specs = by_identifier(TSL["properties"])["PowerConsumption"]["dataType"]["specs"]
    assert specs["max"] == "2147483647"


def test_the_countdown_is_the_standard_struct():
    row = by_identifier(TSL["properties"])["CountDown"]
    assert (row["name"], row["accessMode"], row["required"]) == ("本地倒计时", "rw", False)
    assert row["dataType"]["type"] == "struct"
    assert [
        (each["identifier"], each["name"], each["dataType"]["type"], each["dataType"]["specs"])
        for each in row["dataType"]["specs"]
    ] == COUNT_DOWN


def members_of(specs):
    return [(each["identifier"], each["name"], each["dataType"]) for each in specs]


TEXT = {"type": "text", "specs": {"length": "2048"}}


def test_the_list_of_countdowns_is_the_standard_struct():
    row = by_identifier(TSL["properties"])["CountDownList"]
    assert (row["name"], row["accessMode"], row["required"]) == ("倒计时列表", "rw", False)
    assert row["dataType"]["type"] == "struct"
    assert members_of(row["dataType"]["specs"]) == [
        ("Target", "操作对象", TEXT),
        ("Contents", "倒计时命令", TEXT),
    ]


def test_the_timers_are_the_standard_array_and_say_what_each_does():
    row = by_identifier(TSL["properties"])["LocalTimer"]
    assert (row["name"], row["accessMode"], row["required"]) == ("本地定时", "rw", False)
    array = row["dataType"]
    assert (array["type"], array["specs"]["size"]) == ("array", "13")
    assert array["specs"]["item"]["type"] == "struct"
    assert members_of(array["specs"]["item"]["specs"]) == [
        ("Timer", "定时时间", TEXT),
        ("Enable", "启用", {"type": "bool", "specs": {"0": "关闭", "1": "开启"}}),
        ("IsValid", "可执行", {"type": "bool", "specs": {"0": "无效", "1": "有效"}}),
        ("PowerSwitch", "开关动作", {"type": "bool", "specs": {"0": "关闭", "1": "打开"}}),
    ]


def told(**changes):
    return CONSOLES["aliyun"].configured(device("aliyun"), settings(**changes))


def told_rows(**changes):
    return by_identifier(CONSOLES["aliyun"].write(told(**changes), Language.ZH)["properties"])


@pytest.mark.parametrize(
    ("action", "last"),
    [("member", "PowerSwitch"), ("targets", "Targets"), ("on", "IsValid"), ("off", "IsValid")],
)
def test_the_model_says_what_a_timer_does_where_the_section_looks_for_it(action, last):
    row = told_rows(timer_action=action)["LocalTimer"]
    *standard, more = [each["identifier"] for each in row["dataType"]["specs"]["item"]["specs"]]
    assert more == last
    assert [*standard, more][:3] == ["Timer", "Enable", "IsValid"]
    renamed = told_rows(timer_action="targets", rename={"timers.targets": "Doing"})["LocalTimer"]
    assert renamed["dataType"]["specs"]["item"]["specs"][-1]["identifier"] == "Doing"


@pytest.mark.parametrize(
    ("countdown", "forms"),
    [
        ("both", ["CountDown", "CountDownList"]),
        ("struct", ["CountDown"]),
        ("list", ["CountDownList"]),
    ],
)
def test_the_model_has_the_countdown_in_the_forms_of_the_section(countdown, forms):
    rows = told_rows(countdown=countdown)
    assert [each for each in rows if each.startswith("CountDown")] == forms
    assert "UnitPowerConsumption" not in rows
    assert "UnitPowerConsumption" in told_rows(unit_power_consumption=True)


def test_a_trip_by_current_is_the_event_with_two_currents_and_what_was_done():
    row = by_identifier(TSL["events"])["OverCurrent"]
    assert (row["name"], row["type"], row["method"]) == (
        "过流告警",
        "alert",
        "thing.event.OverCurrent.post",
    )
    assert [each["identifier"] for each in row["outputData"]] == list(OVERCURRENT)
    for each in row["outputData"]:
        name, kind, low, high = OVERCURRENT[each["identifier"]]
        specs = each["dataType"]["specs"]
        assert (each["name"], each["dataType"]["type"]) == (name, kind)
        if kind == "enum":
            assert specs == {"0": "未动作", "1": "已断电"}
        else:
            assert (specs["unit"], specs["unitName"]) == ("A", "安培")
            assert float(specs["min"]) <= low
            assert float(specs["max"]) >= high


def test_the_energy_is_reset_by_an_asynchronous_service_without_data():
    row = by_identifier(TSL["services"])["ResetEnergy"]
    assert (row["callType"], row["inputData"], row["outputData"]) == ("async", [], [])
    assert row["method"] == "thing.service.ResetEnergy"


def test_nothing_but_the_switch_is_demanded_and_only_under_its_standard_identifier():
    required = [row["identifier"] for row in TSL["properties"] if row["required"]]
    assert required == ["PowerSwitch"]
    renamed = exported("aliyun", rename={"power_switch": "Relay"})
    assert not any(row["required"] for row in renamed["properties"])
