"""What the control socket answers about rules and schedules of a device that is no socket."""

import asyncio
from types import SimpleNamespace

import pytest

from agent.app.rule_methods import Rules
from agent.app.schedule_methods import Schedules
from agent.automation.rules.dry_run import Sample
from agent.control.methods import table_of
from agent.errors import ControlError
from tests.devices.automated.hall import LOCAL, NOON, Stand


class Desk:
    """The hall, or a device that does nothing by itself: all that the methods ask of."""

    name = "hall"
    zone = "Asia/Shanghai"
    is_on_disk = True

    def __init__(self, *, acts=True, **sections):
        self.stand = Stand(**sections)
        self.stand.dated()
        self.device = SimpleNamespace(actor=self.stand.actor) if acts else SimpleNamespace()
        self.config = SimpleNamespace(
            device=SimpleNamespace(kind="hall"), place=lambda path: f"hall.toml:7: {path[-1]}"
        )
        self.clock = SimpleNamespace(now=lambda: self.stand.now, wall_time=lambda: NOON)
        self.thing = self.stand.actor.thing
        self.runtime = self
        rules = Rules(lambda _: self, self.kept, self.history)
        methods = (*rules.methods, *Schedules(lambda _: self, self.kept).methods)
        self.methods = table_of(methods)

    @property
    def state(self):
        return self.stand.state

    def dispatch(self, event):
        return self.stand.give(event)

    async def history(self, device, since, until):
        assert (device, until - since) == ("hall", 86_400)
        return [
            Sample(wall_time=NOON - 600 + 60 * minute, values={"MQ2": value, "DoorOpen": True})
            for minute, value in enumerate((None, 290.0, 310.0, 320.0, 280.0))
        ]

    async def kept(self):
        return self.is_on_disk

    def ask(self, method, **params):
        return self.methods[method](LOCAL, params)

    def edit(self, method, **params):
        return asyncio.run(self.ask(method, **params))


def test_rules_are_written_and_told_over_the_things_own_names():
    desk = Desk(rules={"smoke": "when MQ2 > 300 for 10s: set Fan1 = on"})
    desk.stand.sense(MQ2=31.0)
    (told,) = desk.ask("rule_list")["rules"]
    assert told["state"] == ["MQ2 is 31 ppm, not > 300"]
    added = desk.edit("rule_add", name="door", text="when DoorOpen == true: set HallLamp = on")
    assert added["rule"]["meaning"] == "when DoorOpen == on: set HallLamp = true"
    with pytest.raises(ControlError, match="no value is named 'active_power'; allowed: MQ2"):
        desk.ask("rule_add", name="x", text="when active_power < 5: event x")


async def test_a_rule_is_tried_on_the_history_of_any_thing():
    desk = Desk()
    text = "when MQ2 > 300 and DoorOpen == on for 1m: set Fan1 = on"
    tried = await desk.ask("rule_test", rule=text)
    assert [each["wall_time"] for each in tried["fired"]] == [NOON - 420]
    tried = await desk.ask("rule_test", rule="when MQ2 > 900: set Fan1 = on")
    assert "MQ2 came to 320 at the nearest, and never was > 900" in tried["words"]
    with pytest.raises(ControlError, match="no value is named 'MQ7'"):
        desk.ask("rule_test", rule="when MQ7 > 900: set Fan1 = on")


def test_schedules_are_written_previewed_and_told():
    desk = Desk(schedules={"fan": "set Fan1 = on at 12:10"})
    assert desk.edit("schedule_add", text="set HallLamp = off at 23:00")["name"] == "s1"
    assert [each["name"] for each in desk.ask("schedule_list")["schedules"]] == ["fan", "s1"]
    runs = desk.ask("schedule_preview", text="set Fan1 = off at 13:00", count=1)["runs"]
    assert [each["does"] for each in runs] == ["set Fan1 = false"]
    with pytest.raises(ControlError, match="no one switch that on, off and toggle mean"):
        desk.ask("schedule_preview", text="on at 13:00")
    with pytest.raises(ControlError, match=r"change it there .*\(hall.toml:7: fan\)"):
        desk.ask("schedule_add", name="fan", text="set Fan1 = off at 13:00")


@pytest.mark.parametrize("is_kept", [True, False])
def test_an_edit_of_a_schedule_is_answered_with_whether_the_disk_has_it(is_kept):
    desk = Desk()
    desk.is_on_disk = is_kept
    desk.edit("schedule_add", name="night", text="set HallLamp = off at 23:00")
    for turn in ("disable", "enable", "remove"):
        assert desk.edit(f"schedule_{turn}", name="night")["is_kept"] is is_kept


def test_a_countdown_is_the_sockets_alone():
    with pytest.raises(ControlError, match="hall is a 'hall' device: only a 'socket' has a count"):
        Desk().ask("countdown", **{"in": "10m"})


@pytest.mark.parametrize(
    ("method", "params", "what"),
    [
        ("rule_list", {}, "rules"),
        ("rule_add", {"name": "x", "text": "when MQ2 > 1: event x"}, "rules"),
        ("rule_test", {"rule": "x"}, "rules"),
        ("schedule_list", {}, "schedules"),
        ("schedule_remove", {"name": "x"}, "schedules"),
        ("schedule_preview", {"text": "set Fan1 = on at 13:00"}, "schedules"),
    ],
)
def test_a_device_that_does_nothing_by_itself_says_so(method, params, what):
    with pytest.raises(ControlError, match=f"hall is a 'hall' device, which has no {what}$"):
        Desk(acts=False).ask(method, **params)
