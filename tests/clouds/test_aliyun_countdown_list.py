"""Aliyun's countdown in its other form: a list of countdowns, written into one text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.messages import (
    DONE,
    BadRequest,
    Outcome,
    PropertyReport,
    PropertySet,
    RefusalKind,
)
from agent.settings.clouds import AliyunSettings
from tests.clouds.aliyun_device import (
    AT,
    DESIRED,
    GET,
    POST,
    decode,
    encoded,
    make_codec,
    read,
    refusal_of,
    request,
    wanted,
)


def report(wall_time=None, **values):
    return PropertyReport(values=values, wall_time=wall_time)


def listed(contents, codec=None, **members):
    entry = {"Target": "PowerSwitch", "Contents": contents, **members}
    return wanted(codec or make_codec(), CountDownList=entry)


@pytest.mark.parametrize(
    ("contents", "seconds", "ends_in"),
    [
        ("PowerSwitch-1-1-123-1535644800000", 123, True),
        ("PowerSwitch-0-1-60", 60, False),
        ("PowerSwitch-0-1-60-", 60, False),
        ("LightSwitch-0-1-456-1535644800000, PowerSwitch-1-1-123-1535644800000", 123, True),
        ("PowerSwitch-1-0-123-1535644800000", 0, None),
        ("LightSwitch-0-1-456-1535644800000", 0, None),
        ("", 0, None),
        ("  ", 0, None),
    ],
)
def test_the_countdown_of_our_switch_is_found_in_the_list(contents, seconds, ends_in):
    asked = listed(contents)
    assert asked == PropertySet(request_id="123", values={"count_down": seconds}, ends_in=ends_in)
    assert asked.ends_in is ends_in


def test_values_of_switches_in_the_struct_are_no_commands():
    asked = listed("PowerSwitch-0-1-60-0", PowerSwitch=1, LightSwitch=0)
    assert asked.values == {"count_down": 60}


@pytest.mark.parametrize(
    ("members", "kind", "says"),
    [
        ({"Contents": "PowerSwitch-2-1-60-0"}, RefusalKind.WRONG_TYPE, "SWITCH-ENDS_IN-RUNS"),
        ({"Contents": "PowerSwitch-1-1-x-0"}, RefusalKind.WRONG_TYPE, "SWITCH-ENDS_IN-RUNS"),
        ({"Contents": "PowerSwitch-1-1-9999999"}, RefusalKind.WRONG_TYPE, "SECONDS"),
        ({"Contents": "PowerSwitch-1-1--5"}, RefusalKind.WRONG_TYPE, "SECONDS"),
        ({"Contents": "PowerSwitch"}, RefusalKind.WRONG_TYPE, "SECONDS"),
        (
            {"Contents": "PowerSwitch-1-1-5,PowerSwitch-0-1-9"},
            RefusalKind.WRONG_TYPE,
            "one for each switch",
        ),
        ({"Contents": ",".join(["Other-1-1-5"] * 34)}, RefusalKind.WRONG_TYPE, "CountDownList"),
        ({"Contents": "x" * 2049}, RefusalKind.WRONG_TYPE, "CountDownList.Contents takes"),
        ({"Contents": 5}, RefusalKind.WRONG_TYPE, "CountDownList.Contents takes"),
        ({}, RefusalKind.WRONG_TYPE, "CountDownList.Contents takes"),
        ({"Contents": "PowerSwitch-1-1-0-0"}, RefusalKind.OUT_OF_RANGE, "at least 1 s"),
        ({"Target": "LightSwitch", "Contents": ""}, RefusalKind.OUT_OF_RANGE, "the only switch"),
        ({"Contents": "", "Repeat": "x"}, RefusalKind.UNKNOWN_NAME, "nothing called Repeat"),
    ],
)
def test_what_is_no_list_of_countdowns_is_refused(members, kind, says):
    found, reason = refusal_of(wanted(make_codec(), CountDownList=members))
    assert found is kind
    assert says in reason


@pytest.mark.parametrize("value", [None, [], "PowerSwitch-1-1-5-0", 5])
def test_what_is_no_struct_is_refused(value):
    kind, reason = refusal_of(wanted(make_codec(), CountDownList=value))
    assert kind is RefusalKind.WRONG_TYPE
    assert "an object with Target and Contents" in reason


def test_both_forms_in_one_request_must_say_the_same():
    entry = {"Target": "PowerSwitch", "Contents": "PowerSwitch-0-1-60-0"}
    same = {"IsRunning": 1, "TimeLeft": 60, "PowerSwitch": 0}
    assert wanted(CountDown=same, CountDownList=entry).values == {"count_down": 60}
    kind, reason = refusal_of(wanted(CountDown={"IsRunning": 0}, CountDownList=entry))
    assert kind is RefusalKind.MALFORMED
    assert "CountDown and CountDownList ask for different countdowns" in reason


def test_a_countdown_is_told_in_both_forms():
    _, body = encoded(report(AT, power_switch=True, count_down=600))
    assert body["params"]["CountDownList"]["value"] == {
        "Target": "PowerSwitch",
        "Contents": "PowerSwitch-0-1-600-1524448722000",
    }
    _, body = encoded(report(count_down=60, count_down_to=True))
    assert body["params"]["CountDownList"]["Contents"] == "PowerSwitch-1-1-60"
    _, body = encoded(report(count_down=0))
    assert body["params"]["CountDownList"]["Contents"] == ""


def test_a_countdown_of_which_the_end_is_not_known_is_told_by_the_struct_alone():
    _, body = encoded(report(count_down=60))
    assert set(body["params"]) == {"CountDown"}


@pytest.mark.parametrize(
    ("told", "forms"),
    [
        ("both", {"CountDown", "CountDownList"}),
        ("struct", {"CountDown"}),
        ("list", {"CountDownList"}),
    ],
)
def test_the_section_says_which_form_is_told_and_asked_for(told, forms):
    codec = make_codec(countdown=told)
    publish = codec.encode(report(count_down=0), "1")
    assert set(read(publish)["params"]) == forms
    (question,) = codec.on_connected("9")
    assert forms == {each for each in read(question)["params"] if each.startswith("CountDown")}
    taken = codec.encode_taken(wanted(codec, CountDown={"IsRunning": 0}))
    assert set(read(taken[0])["params"]) == forms
    assert wanted(codec, CountDown={"IsRunning": 0}).values == {"count_down": 0}
    assert listed("", codec).values == {"count_down": 0}


def test_the_switch_in_the_list_is_the_products_own():
    codec = make_codec(rename={"power_switch": "Relay", "count_down_list": "Timers"})
    publish = codec.encode(report(count_down=9, count_down_to=False), "1")
    assert read(publish)["params"]["Timers"] == {"Target": "Relay", "Contents": "Relay-0-1-9"}


def test_a_question_is_answered_in_the_form_that_it_names():
    codec = make_codec(countdown="struct")
    for asked in (["CountDownList"], ["CountDown"], ["CountDown", "CountDownList"]):
        question = request(GET, "m", asked, codec)
        assert question.names == ("count_down", "power_switch", "count_down_to")
        outcome = Outcome(values={"count_down": 5, "count_down_to": True, "power_switch": False})
        (reply,) = codec.encode_reply(question, outcome)
        assert list(read(reply)["data"]) == asked
    assert codec.encode_reply(wanted(codec, PowerSwitch=1), DONE)


def post_reply(codec, code=200, **data):
    return decode(f"{POST}_reply", codec, id="1", code=code, data=data, message="m")


NOT_THERE = "tsl parse: params not exist"


def forms_of(codec):
    publish = codec.encode(report(count_down=0), "1")
    return set(read(publish)["params"])


def test_a_form_that_the_model_lacks_is_told_no_more_until_the_next_session():
    codec = make_codec()
    assert post_reply(codec, CountDownList=NOT_THERE).ignored == ()
    assert forms_of(codec) == {"CountDown"}
    codec.on_connected("9")
    assert forms_of(codec) == {"CountDown", "CountDownList"}
    assert post_reply(codec, CountDown=NOT_THERE).ignored == ()
    assert forms_of(codec) == {"CountDownList"}


def test_a_countdown_that_the_model_has_in_no_form_is_left_out():
    codec = make_codec()
    ack = post_reply(codec, CountDown=NOT_THERE, CountDownList=NOT_THERE, Current=NOT_THERE)
    assert ack.ignored == ("count_down", "current")
    assert post_reply(make_codec(countdown="list"), CountDownList=NOT_THERE).ignored == (
        "count_down",
    )
    assert post_reply(make_codec(), UnitPowerConsumption=NOT_THERE).ignored == (
        "unit_power_consumption",
    )


def test_a_report_that_is_refused_for_a_name_goes_again_without_the_list():
    codec = make_codec()
    post_reply(codec, code=460)
    assert forms_of(codec) == {"CountDown", "CountDownList"}
    post_reply(codec, code=6320)
    assert forms_of(codec) == {"CountDown"}
    alone = make_codec(countdown="list")
    post_reply(alone, code=6320)
    assert forms_of(alone) == {"CountDownList"}


def test_a_stored_list_is_a_stored_countdown():
    value = {"Target": "PowerSwitch", "Contents": "PowerSwitch-0-1-60-0"}
    data = {"CountDownList": {"value": value, "version": 3}}
    answer = decode(f"{DESIRED}/get_reply", make_codec(), id="9", code=200, data=data)
    assert (answer.stored.values, answer.stored.is_live) == ({"count_down": 60}, False)
    (cleared,) = make_codec().encode_cleared(answer.stored)
    assert read(cleared)["params"] == {"CountDownList": {"version": 3}}


texts = st.text(max_size=30) | st.text(alphabet="PowerSwitch-01,", max_size=40)


@given(
    st.dictionaries(
        st.sampled_from(["Target", "Contents", "PowerSwitch"]) | st.text(max_size=5),
        texts | st.none() | st.integers() | st.lists(st.none(), max_size=1),
        max_size=4,
    )
)
def test_any_struct_is_a_countdown_or_a_refusal(members):
    found = wanted(make_codec(), CountDownList=members)
    if isinstance(found, BadRequest):
        assert found.refusal.reason
    else:
        assert isinstance(found.values["count_down"], int)


@pytest.mark.parametrize("rename", [{}, {"count_down_to": "EndsOn"}])
def test_the_position_at_the_end_is_told_with_a_countdown_only_whatever_it_is_called(rename):
    values = report(power_switch=True, count_down_to=False)
    _, body = encoded(values, rename=rename)
    assert [*body["params"]] == ["PowerSwitch"]


@given(st.integers(0, 86_399), st.booleans())
def test_what_goes_up_comes_down_again(seconds, ends_in):
    values = report(count_down=seconds, count_down_to=ends_in)
    _, body = encoded(values, countdown="list")
    back = wanted(CountDownList=json.loads(json.dumps(body["params"]["CountDownList"])))
    assert back.values == {"count_down": seconds}
    assert back.ends_in is (ends_in if seconds else None)


def test_the_defaults_tell_both_and_read_what_the_platforms_own_devices_read():
    settings = AliyunSettings.model_fields
    assert settings["countdown"].default == "both"
    assert settings["timer_action"].default == "member"
    assert settings["timer_without_days"].default == "once"
