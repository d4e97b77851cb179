"""What the control socket answers about rules, and what it refuses."""

import asyncio

import pytest

from agent.app.rule_methods import NO_HISTORY, NO_TIME, Rules
from agent.automation.rules.dry_run import Sample
from agent.control.methods import table_of
from agent.devices.inputs import ClockTold
from agent.devices.socket.thing_table import SOCKET
from agent.errors import ControlError
from agent.model import StartCause
from tests.devices.socket.bench import LOCAL, Bench, settings

NOON = 1_795_752_000.0


class Desk:
    """One device on the bench, and a history; it is all that the methods ask of."""

    name = "socket-1"
    thing = SOCKET
    zone = "Asia/Shanghai"
    is_on_disk = True

    def __init__(self, *samples, has_history=True, is_dated=True, **rules):
        self.bench = Bench(settings(rules=rules))
        self.bench.give(ClockTold(offset=NOON - self.bench.now, zone="Asia/Shanghai"))
        self.clock = self.runtime = self
        self.samples, self.is_dated, self.asked = samples, is_dated, []
        history = self.history if has_history else None
        self.methods = table_of(Rules(lambda _: self, self.kept, history).methods)

    @property
    def state(self):
        return self.bench.state

    @property
    def device(self):
        return self.bench.device

    def now(self):
        return self.bench.now

    def wall_time(self):
        return NOON if self.is_dated else None

    def dispatch(self, event):
        effects = self.bench.give(event)
        return next(each.outcome for each in effects if hasattr(each, "outcome"))

    async def history(self, device, since, until):
        self.asked.append((device, since, until))
        return self.samples

    async def kept(self):
        return self.is_on_disk

    def ask(self, method, **params):
        return self.methods[method](LOCAL, params)

    def edit(self, method, **params):
        return asyncio.run(self.ask(method, **params))


IDLE = "when active_power < 5 for 10m: event idle"


def test_rules_are_listed_with_what_they_wait_for():
    desk = Desk(mine="preset charge_cutoff")
    desk.edit("rule_add", name="idle", text="when active_power<5 for 10m:event idle")
    desk.bench.run(3, 0.0, 0.0)
    answer = desk.ask("rule_list")
    assert answer["device"] == "socket-1"
    mine, idle = answer["rules"]
    assert mine == {
        "name": "mine",
        "text": "preset charge_cutoff",
        "meaning": "when active_power < 5 for 10m after > 30 for 1m: off; event charge_done",
        "from": "file",
        "enabled": True,
        "state": [
            "holds for 2s of 10m",
            "waits for active_power > 30 for 1m first; only while it is switched on",
        ],
        "fired_at": None,
        "fired_within_hour": 0,
    }
    assert (idle["name"], idle["from"], idle["meaning"]) == ("idle", "added", IDLE)
    assert idle["state"] == ["holds for 2s of 10m"]


def test_why_tells_one_of_them_and_when_it_fired():
    desk = Desk(on="when power_switch == on: event on")
    assert desk.ask("rule_why", name="on")["rule"]["state"] == ["power_switch is off, not on"]
    desk.bench.switch_on()
    told = desk.ask("rule_why", name="on")["rule"]
    assert told["fired_at"] == pytest.approx(NOON + 1, abs=0.1)
    assert told["fired_within_hour"] == 1
    assert told["state"][0].startswith("it has fired; ")
    with pytest.raises(ControlError, match="no rule is named 'no'; there are: on"):
        desk.ask("rule_why", name="no")
    with pytest.raises(ControlError, match="no rule is named 'onn'; there are: on; did you mean"):
        desk.ask("rule_why", name="onn")


def test_a_firing_before_the_time_was_known_is_dated_later():
    desk = Desk(on="when power_switch == on: event on")
    desk.bench.give(ClockTold(offset=None, zone="UTC"))
    desk.bench.switch_on()
    assert desk.ask("rule_why", name="on")["rule"]["fired_at"] is None
    desk.bench.give(ClockTold(offset=NOON - 1000.0, zone="UTC"))
    fired_at = desk.ask("rule_why", name="on")["rule"]["fired_at"]
    assert fired_at == pytest.approx(NOON + 1, abs=0.1)


def test_a_rule_is_turned_off_and_on_and_removed():
    desk = Desk(mine=IDLE)
    assert desk.edit("rule_disable", name="mine")["rule"]["state"] == ["it is disabled"]
    assert desk.edit("rule_enable", name="mine")["rule"]["enabled"]
    desk.edit("rule_add", name="other", text=IDLE)
    assert desk.edit("rule_remove", name="other") == {
        "device": "socket-1",
        "removed": "other",
        "is_kept": True,
    }
    assert [each["name"] for each in desk.ask("rule_list")["rules"]] == ["mine"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_an_edit_is_answered_with_whether_the_disk_has_it(is_kept):
    desk = Desk(mine=IDLE)
    desk.is_on_disk = is_kept
    for method, params in (
        ("rule_add", {"name": "other", "text": IDLE}),
        ("rule_disable", {"name": "other"}),
        ("rule_enable", {"name": "other"}),
        ("rule_remove", {"name": "other"}),
    ):
        assert desk.edit(method, **params)["is_kept"] is is_kept


def test_a_rule_of_another_version_is_listed_with_what_is_wrong():
    desk = Desk()
    desk.edit("rule_add", name="old", text=IDLE)
    saved = [each.saved for each in desk.bench.effects if hasattr(each, "saved")][-1]
    saved["rules"]["added"][0]["text"] = "whenever it rains: off"
    desk.bench.begin(saved, StartCause.CRASH)
    (told,) = desk.ask("rule_list")["rules"]
    assert told["meaning"] is None
    assert "this version does not understand it: character 1: found 'whenever'" in told["state"][0]


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("rule_add", {"name": "x", "text": "when"}, "x: character 5: found the end; allowed"),
        ("rule_add", {"name": "X", "text": IDLE}, "'X' is no name of a rule"),
        ("rule_add", {"name": "mine", "text": IDLE}, "stands in the device's file"),
        ("rule_add", {"name": "x"}, "'text' is needed"),
        ("rule_remove", {"name": "mine"}, "stands in the device's file"),
        ("rule_remove", {"name": "x"}, "no rule is named 'x'; there are: mine"),
        ("rule_enable", {"name": "x"}, "no rule is named 'x'"),
        ("rule_enable", {}, "'name' is needed"),
        ("rule_list", {"nam": "x"}, "unknown parameter 'nam'"),
        ("rule_test", {"rule": "mien"}, "no rule is named 'mien'; there are: mine; did you mean"),
        ("rule_test", {"rule": "when x < 5: on"}, "no value is named 'x'"),
        ("rule_test", {"rule": "mine", "last_s": 5}, "a whole number from 60 to "),
    ],
)
def test_what_cannot_be_done_says_why(method, params, says):
    with pytest.raises(ControlError) as caught:
        Desk(mine=IDLE).ask(method, **params)
    assert says in str(caught.value)


# ── trying ──────────────────────────────────────────────────────────────────────────────────


def samples(*watts):
    return [
        Sample(wall_time=NOON - 3600 + 60 * n, values={"active_power": each})
        for n, each in enumerate(watts)
    ]


@pytest.mark.parametrize("rule", ["mine", IDLE])
async def test_a_rule_is_tried_on_the_history(rule):
    desk = Desk(*samples(50.0, *[2.0] * 20), mine=IDLE)
    answer = await desk.ask("rule_test", rule=rule, last_s=7200)
    assert desk.asked == [("socket-1", NOON - 7200, NOON)]
    assert answer == {
        "device": "socket-1",
        "rule": IDLE,
        "since": NOON - 7200,
        "until": NOON,
        "samples": 21,
        "count": 1,
        "fired": [{"wall_time": NOON - 3600 + 660, "held_s": 600.0}],
        "longest_s": 1140.0,
        "nearest": {},
        "words": ["it would have fired once"],
    }


async def test_a_day_is_tried_where_no_time_is_said():
    desk = Desk(*samples(50.0), mine=IDLE)
    answer = await desk.ask("rule_test", rule="mine")
    assert answer["words"] == [
        "it would not have fired",
        "active_power came to 50 at the nearest, and never was < 5",
        "it held for 0s at the longest, of 10m",
    ]
    assert desk.asked == [("socket-1", NOON - 86_400, NOON)]


@pytest.mark.parametrize(
    ("more", "says"),
    [({}, NO_HISTORY), ({"has_history": False}, NO_HISTORY)],
)
async def test_without_a_history_it_says_so(more, says):
    with pytest.raises(ControlError, match=says):
        await Desk(mine=IDLE, **more).ask("rule_test", rule="mine")


def test_without_the_time_there_is_no_history():
    with pytest.raises(ControlError, match=NO_TIME):
        Desk(mine=IDLE, is_dated=False).ask("rule_test", rule="mine")


def test_presets_are_listed_with_their_rules():
    (first, *_) = Desk().ask("rule_presets")["presets"]
    assert first["name"] == "charge_cutoff"
    assert first["values"] == {"below": "5", "for": "10m", "after": "30"}
    assert first["text"].startswith("when active_power < 5 for 10m after > 30")
