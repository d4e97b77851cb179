"""What an app of Aliyun plans on the device, and what it is shown of it."""

import json

import pytest

from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.makers import MODELS
from tests.contract.dialects import SPEAKERS
from tests.contract.models import model_without
from tests.contract.world import World, play

MODEL = MODELS / "aliyun-socket.json"
UNUSED = {"Timer": "", "Enable": 0, "IsValid": 0}


def timer(cron, *, enabled=1, **more):
    return {"Timer": cron, "Enable": enabled, "IsValid": 1, **more}


def with_targets(folder, speaker):
    """Make the options of a product whose timers say in `Targets` what they do."""
    model = json.loads(MODEL.read_text(encoding="utf-8"))
    (row,) = [row for row in model["properties"] if row["identifier"] == "LocalTimer"]
    members = row["dataType"]["specs"]["item"]["specs"]
    text = {"type": "text", "specs": {"length": "2048"}}
    members[-1] = {"identifier": "Targets", "name": "操作对象", "dataType": text}
    path = folder / "targets.json"
    path.write_text(json.dumps(model), encoding="utf-8")
    return {"models": {speaker.product: path}}


async def told(world, **values):
    world.report(**values)
    await world.until(lambda: not world.link.pending)


def test_an_app_plans_and_sees_what_it_has_planned():
    async def scenario(world: World) -> None:
        await world.settled()
        slots = [timer("30 7 * * 1,2", PowerSwitch=1), UNUSED, timer("0 22 * * *", PowerSwitch=0)]
        reply = await world.send({"LocalTimer": [*slots, UNUSED]})
        assert (reply.outcome, reply.code) == ("answered", 200)
        (text,) = [values["timers"] for values in world.device.sets]
        assert text == "on at 07:30 mon,tue\n\noff at 22:00 once"
        await told(world, timers=text)
        assert world.shown["properties"]["LocalTimer"] == [*slots, UNUSED]
        assert (await world.send({"LocalTimer": [UNUSED] * 4})).code == 200
        await told(world, timers=world.device.values["timers"])
        assert world.shown["properties"]["LocalTimer"] == [UNUSED] * 4
        assert world.link.counters.refused == 0

    play("aliyun", scenario)


def test_an_app_whose_timers_have_targets_sees_them_with_targets(tmp_path):
    async def scenario(world: World) -> None:
        await world.settled()
        slots = [timer("30 7 * * 7", enabled=0, Targets="PowerSwitch:1")]
        assert (await world.send({"LocalTimer": slots})).code == 200
        assert world.device.values["timers"] == "disabled on at 07:30 sun"
        await told(world, timers=world.device.values["timers"])
        assert world.shown["properties"]["LocalTimer"] == slots

    options = with_targets(tmp_path, SPEAKERS["aliyun"].device)
    play("aliyun", scenario, options=options, timer_action="targets")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"LocalTimer": [timer("*/5 * * * *", PowerSwitch=1)]}, "LocalTimer[0].Timer takes"),
        ({"LocalTimer": [timer("30 7 * * 1")]}, "takes what to do"),
        ({"LocalTimer": 7}, "LocalTimer takes a list"),
        (
            {"CountDownList": {"Target": "PowerSwitch", "Contents": "soon"}},
            "CountDownList.Contents",
        ),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_reason_and_changes_nothing(values, says):
    async def scenario(world: World) -> None:
        await world.settled()
        reply = await world.send({**world.speaker.switch(on=True), **values})
        assert (reply.outcome, reply.code) == ("answered", 460)
        assert says in reply.message
        assert world.device.done == []

    play("aliyun", scenario)


def test_a_countdown_may_come_as_a_list_and_is_shown_in_both_forms():
    async def scenario(world: World) -> None:
        await world.settled()
        wanted = {"Target": "PowerSwitch", "Contents": "PowerSwitch-0-1-60-1799999999000"}
        assert (await world.send({"CountDownList": wanted})).code == 200
        assert world.device.sets == [{"count_down": 60}]
        await told(world, count_down=60, count_down_to=False, power_switch=True)
        shown = world.shown["properties"]
        assert shown["CountDown"]["TimeLeft"] == 60
        assert shown["CountDownList"]["Contents"].startswith("PowerSwitch-0-1-60-180000")
        await told(world, count_down=0, power_switch=False)
        assert world.shown["properties"]["CountDownList"]["Contents"] == ""

    play("aliyun", scenario)


RULES = {
    "strong": AliyunRules(refuses_unknown=True),
    "weak and says so": AliyunRules(names_what_is_left_out=True),
    "weak and silent": AliyunRules(),
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize(("lacking", "form"), [("list", "CountDown"), ("struct", "CountDownList")])
def test_a_model_that_has_one_form_of_the_countdown_shows_that_one(tmp_path, rules, lacking, form):
    async def scenario(world: World) -> None:
        await world.settled()
        await told(world, count_down=60, count_down_to=False)
        assert list(forms_in(world)) == [form]
        assert "60" in json.dumps(forms_in(world))
        await told(world, count_down=0)
        assert "60" not in json.dumps(forms_in(world))
        assert not world.said("report.left_out", name="count_down")

    one = {"list": "CountDownList", "struct": "CountDown"}[lacking]
    more = {"countdown": "list"} if lacking == "struct" and rules.refuses_unknown else {}
    options = {**model_without(SPEAKERS["aliyun"], tmp_path, one), "aliyun": rules}
    play("aliyun", scenario, options=options, **more)


def forms_in(world):
    shown = world.shown["properties"]
    return {key: value for key, value in shown.items() if key.startswith("CountDown")}


def test_a_model_without_timers_is_told_none_and_the_log_says_so(tmp_path):
    async def scenario(world: World) -> None:
        await world.settled()
        await told(world, timers="on at 07:30 mon", power_switch=True)
        await told(world, timers="", power_switch=False)
        assert "LocalTimer" not in world.shown["properties"]
        assert world.shown["properties"]["PowerSwitch"] == 0
        assert len(world.said("report.left_out", name="timers")) == 1

    options = model_without(SPEAKERS["aliyun"], tmp_path, "LocalTimer")
    play("aliyun", scenario, options={**options, "aliyun": RULES["strong"]})
