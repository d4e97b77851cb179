"""What a socket has: the one table that clouds, command line and documents walk."""

import math
from typing import Final

from agent.automation.timers import LONGEST
from agent.devices.events import HARDWARE_FAULT, NOTICE
from agent.devices.socket import timers
from agent.devices.socket.state import State
from agent.devices.socket.switching import countdown_end, is_meant_on
from agent.thing import Action, Event, EventLevel, Exact, Field, Kind, Property, Thing

MJ_PER_KWH: Final = 3_600_000_000
COUNTDOWN_MAX_S: Final = 86_400

TRIP_CAUSES: Final = (
    "overcurrent",
    "overpower",
    "overvoltage",
    "undervoltage",
    "overtemperature",
    "meter_lost",
)


def _voltage(state: State, now: float) -> float | None:
    del now
    return _rounded(state.metering.voltage_v, 1)


def _current(state: State, now: float) -> float | None:
    del now
    return _rounded(state.metering.current_a, 3)


def _power(state: State, now: float) -> float | None:
    del now
    return _rounded(state.metering.power_w, 1)


def _apparent_power(state: State, now: float) -> float | None:
    del now
    return _rounded(_volt_amperes(state), 1)


def _power_factor(state: State, now: float) -> float | None:
    del now
    apparent_va, power_w = _volt_amperes(state), state.metering.power_w
    if not apparent_va or power_w is None:
        return None
    return round(min(1.0, power_w / apparent_va), 2)


def _total_energy(state: State, now: float) -> float:
    del now
    return round(max(0, state.published_mj - state.energy_base_mj) / MJ_PER_KWH, 3)


def _energy_today(state: State, now: float) -> float | None:
    del now
    if state.books.day is None:
        return None
    return round((state.energy.total_mj - state.books.day_base_mj) / MJ_PER_KWH, 3)


def _is_counting(state: State) -> bool:
    return state.metering.last_at is not None and not state.metering.is_silent


def _count_down(state: State, now: float) -> int:
    if state.countdown_at is None:
        return 0
    return min(COUNTDOWN_MAX_S, max(0, math.ceil(state.countdown_at - now)))


def _count_down_to(state: State, now: float) -> bool | None:
    del now
    return None if state.countdown_at is None else countdown_end(state)


def _volt_amperes(state: State) -> float | None:
    voltage_v, current_a = state.metering.voltage_v, state.metering.current_a
    return None if voltage_v is None or current_a is None else voltage_v * current_a


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _number(name: str, titles: tuple[str, str], unit: str, maximum: float, step: float) -> Field:
    title, title_zh = titles
    return Field(
        name=name,
        kind=Kind.FLOAT,
        title=title,
        title_zh=title_zh,
        unit=unit,
        maximum=maximum,
        step=step,
    )


PROPERTIES: Final[tuple[Property[State], ...]] = (
    Property(
        field=Field(name="power_switch", kind=Kind.BOOL, title="Power switch", title_zh="电源开关"),
        read=lambda state, _now: state.relay_on,
        position=is_meant_on,
        is_writable=True,
        in_history=True,
    ),
    Property(
        field=_number("voltage", ("Voltage", "电压"), "V", 400, 0.1),
        read=_voltage,
        default_change="2%",
        in_history=True,
    ),
    Property(
        field=_number("current", ("Current", "电流"), "A", 50, 0.001),
        read=_current,
        default_change="10%",
        in_history=True,
    ),
    Property(
        field=_number("active_power", ("Active power", "有功功率"), "W", 20_000, 0.1),
        read=_power,
        default_change="10% or 3",
        in_history=True,
    ),
    Property(
        field=_number("apparent_power", ("Apparent power", "视在功率"), "VA", 20_000, 0.1),
        read=_apparent_power,
        default_change="10% or 3",
        in_history=True,
    ),
    Property(
        field=_number("power_factor", ("Power factor", "功率因数"), "", 1, 0.01),
        read=_power_factor,
        default_change="0.05",
        in_history=True,
    ),
    Property(
        field=_number("total_energy", ("Total energy", "累计用电量"), "kWh", 1e9, 0.001),
        read=_total_energy,
        default_change="0.01",
        is_total=True,
        in_history=True,
        exact=Exact(
            name="energy",
            per_unit=MJ_PER_KWH,
            read=lambda state: state.energy.total_mj,
            is_known=_is_counting,
            safe=lambda state: state.published_mj,
            day_began=lambda state: state.books.day_base_mj,
        ),
    ),
    Property(
        field=Field(
            name="count_down",
            kind=Kind.INT,
            title="Countdown",
            title_zh="倒计时",
            unit="s",
            maximum=COUNTDOWN_MAX_S,
        ),
        read=_count_down,
        is_writable=True,
        version=lambda state: state.countdown_at,
        beside=("power_switch", "count_down_to"),
    ),
    Property(
        field=Field(
            name="count_down_to", kind=Kind.BOOL, title="Countdown to", title_zh="倒计时动作"
        ),
        read=_count_down_to,
        beside=("count_down",),
    ),
    Property(
        field=_number("current_limit", ("Current limit", "过流阈值"), "A", 50, 0.1),
        read=lambda state, _now: state.limit_a,
        is_writable=True,
    ),
    Property(
        field=Field(
            name="timers", kind=Kind.TEXT, title="Timers", title_zh="本地定时", maximum=LONGEST
        ),
        read=timers.told,
        is_writable=True,
        is_plan=True,
    ),
    Property(
        field=Field(name="child_lock", kind=Kind.BOOL, title="Child lock", title_zh="童锁"),
        read=lambda state, _now: state.child_lock,
        is_writable=True,
    ),
)

MEASURES: Final[tuple[Property[State], ...]] = (
    Property(
        field=_number("energy_today", ("Energy today", "今日用电量"), "kWh", 1e9, 0.001),
        read=_energy_today,
        in_history=True,
    ),
    Property(
        field=_number("temperature", ("Temperature", "温度"), "°C", 200, 0.1),
        read=lambda state, _now: _rounded(state.warmth.socket_c, 1),
        in_history=True,
    ),
)

EVENTS: Final = (
    Event(
        name="trip",
        title="Protection trip",
        title_zh="保护跳闸",
        level=EventLevel.ALERT,
        fields=(
            Field(
                name="cause",
                kind=Kind.TEXT,
                title="Cause",
                title_zh="原因",
                maximum=32,
                choices=TRIP_CAUSES,
            ),
            _number("value", ("Value", "测量值"), "", 1e6, 0.001),
            _number("limit", ("Limit", "限值"), "", 1e6, 0.001),
            _number("duration_s", ("Duration", "持续时间"), "s", 1e6, 0.001),
        ),
    ),
    Event(
        name="low_voltage",
        title="Low voltage",
        title_zh="低电压",
        level=EventLevel.ALERT,
        fields=(_number("voltage", ("Voltage", "电压"), "V", 400, 0.1),),
    ),
    HARDWARE_FAULT,
    NOTICE,
)

ACTIONS: Final = (Action(name="reset_energy", title="Reset energy", title_zh="清零用电量"),)

SOCKET: Final[Thing[State]] = Thing(
    kind="socket",
    properties=PROPERTIES,
    events=EVENTS,
    actions=ACTIONS,
    switch="power_switch",
    measures=MEASURES,
)
