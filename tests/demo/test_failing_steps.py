"""Each step of the tour fails when what it promises does not happen, at any of the clouds."""

import pytest

from agent.demo.tour import STEPS, WITH_SEVERAL
from tests.demo.spoilers import (
    WATCHER,
    answering,
    as_overvoltage,
    blind,
    closed_all_the_same,
    dark,
    editing,
    journal,
    late,
    nothing,
    off_instead_of_a_countdown,
    replying,
    showing,
    switched_by_hand,
    telling,
    toggling,
    twice,
    with_a_dead_button,
    with_control,
    with_nothing_pending,
    with_outlet,
    without,
    without_a_rule,
)
from tests.demo.virtual import played

TWO = ("tencent", "onenet")

CASES = {
    "online": [
        (editing(WATCHER, lambda d: d.update(online=False)), "online at onenet: not in time"),
        (editing(WATCHER, lambda d: d["session"].update(tls=False)), "onenet is not over TLS"),
        (answering(404, b'{"error": "no such device"}'), "refuses GET /devices/tencent/"),
        (answering(200, b"<html>"), "does not answer in JSON"),
        (answering(200, b"[]"), "does not answer with an object"),
    ],
    "readings": [
        (showing(voltage=None), "readings at onenet: not in time"),
        (showing(total_energy="much"), "readings at onenet: not in time"),
    ],
    "on": [
        (replying("tencent", code=500, message="no"), "tencent: on was not obeyed: 500: no"),
        (replying("tencent", code=None, message="offline"), "not obeyed: None: offline"),
        (replying("tencent"), "the contact closes: not within 3 s"),
        (showing(power_switch=False), "on at onenet: not in time"),
    ],
    "load": [
        (with_outlet(nothing), "the kettle's power at tencent"),
        (showing(active_power=60.0), "the kettle's power at onenet"),
        (showing(current=0.26), "the kettle's power at onenet"),
        (showing(current=True), "the kettle's power at onenet"),
        (dark, "the light follows the load"),
    ],
    "overload": [
        (with_outlet(nothing), "the overload opens the relay: not within 5"),
        (switched_by_hand, "the contact opened without a trip"),
        (with_outlet(late), "later than 0.5 s"),
    ],
    "event": [
        (replying(WATCHER), "onenet: 'on' was not refused"),
        (replying("tencent", code=None), "tencent: 'on' was not refused"),
        (toggling(1), "a cloud closed a tripped relay"),
        (toggling(2), "the trip is not latched"),
        (telling(lambda _events: []), "the trip at onenet: not in time"),
        (telling(twice), "told as overcurrent, overcurrent, not as overcurrent once"),
        (telling(as_overvoltage), "told as overvoltage, not as overcurrent once"),
        (showing(power_switch=True), "off at onenet: not in time"),
    ],
    "reset": [
        (with_control(error="no agent listens"), "no agent listens"),
        (with_control(), "the contact closes: not within 3 s"),
        (showing(power_switch=False), "on at onenet: not in time"),
    ],
    "outage": [
        (without("POST", "/faults"), "the cut of tencent: not in time"),
        (with_nothing_pending, "nothing waits for tencent"),
        (without("DELETE", "/faults"), "tencent and onenet: not online within 30 s"),
        (telling(lambda events: events[:1]), "the trip at onenet: not in time"),
        (telling(lambda events: events[:1] + events[1:] * 2), "not as overcurrent once"),
        (showing(power_switch=True), "off at onenet: not in time"),
    ],
    "click": [
        (with_a_dead_button, "the contact closes: not within 3 s"),
        (closed_all_the_same, "the trip is still latched"),
        (showing(power_switch=False), "on at onenet: not in time"),
    ],
    "countdown": [
        (replying("tencent", code=500), "a countdown of 2 s was not obeyed"),
        (replying("tencent"), "the countdown ends: not within 3 s"),
        (off_instead_of_a_countdown, "too early"),
        (showing(power_switch=True), "the end of the countdown at onenet"),
        (showing(count_down=1), "the end of the countdown at onenet"),
    ],
    "rule": [
        (with_control(error="no agent listens"), "no agent listens"),
        (with_control(), "the contact closes: not within 3 s"),
        (showing(active_power=60.0), "the power of the charger at onenet: not in time"),
        (without_a_rule, "the rule switches off: not within 5 s"),
        (showing(power_switch=True), "off by the rule at onenet: not in time"),
        (blind("events"), "the journal names no rule charged"),
    ],
    "clouds": [
        (replying(WATCHER), "off from onenet: not within 3 s"),
        (replying(WATCHER, code=409, message="no"), "onenet: off was not obeyed: 409: no"),
        (showing("tencent", power_switch=0), "on from tencent at tencent: not in time"),
        (showing(power_switch=False), "on from tencent at onenet: not in time"),
    ],
    "why": [
        (with_control(answer={"rows": []}), "no movement of the contact"),
        (journal(by="cloud tencent", request="1"), "moved by cloud tencent"),
        (journal(by="button"), "moved by button, says the journal, not by onenet"),
        (journal(by="cloud onenet", request="1"), "sent no request '1'"),
        (journal(by="cloud onenet"), "sent no request ''"),
    ],
    "off": [
        (replying("tencent", code=500), "tencent: off was not obeyed"),
        (replying("tencent"), "the contact is still closed"),
        (showing(power_switch=True), "off at onenet: not in time"),
    ],
}
ON = ("online", "on")
TRIPPED = (*ON, "overload")
BEFORE = {
    "readings": ("online",),
    "on": ("online",),
    "load": ON,
    "overload": ON,
    "event": TRIPPED,
    "reset": TRIPPED,
    "outage": (*TRIPPED, "event", "reset"),
    "click": TRIPPED,
    "countdown": ON,
    "rule": ("online",),
    "clouds": ("online",),
    "why": ("online", "clouds"),
    "off": ON,
}
"""What has to happen for a step to be possible."""

FLAT = [
    pytest.param(step, spoil, why, id=f"{step}-{number}")
    for step, cases in CASES.items()
    for number, (spoil, why) in enumerate(cases)
]


def test_there_is_a_way_to_fail_for_every_step():
    assert set(CASES) == {*STEPS, *WITH_SEVERAL}


@pytest.mark.parametrize(("step", "spoil", "why"), FLAT)
def test_a_step_that_does_not_happen_ends_the_tour(step, spoil, why):
    only = (*BEFORE.get(step, ()), step)
    *before, (name, happened, seen) = played(TWO, step, spoil, only=only)
    assert all(each for _, each, _ in before)
    assert (name, happened) == (step, False), seen
    assert why in seen
