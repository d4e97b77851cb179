"""Home Assistant's dialect: what a device tells of itself, and what is understood."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clouds.homeassistant.classes import quantity_of
from agent.clouds.homeassistant.codec import HomeassistantCodec
from agent.clouds.homeassistant.commands import MAX_COMMAND
from agent.clouds.homeassistant.discovery import MAX_GONE
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError, ConfigError
from agent.messages import (
    DONE,
    ActionCall,
    EventReport,
    InfoReport,
    Newcomer,
    Outcome,
    PropertyReport,
    PropertySet,
    PropertyToggle,
    Refusal,
    RefusalKind,
    refused,
)
from agent.ports import Publish, Tls
from agent.settings.clouds import HomeassistantSettings
from agent.thing import Action, Event, EventLevel, Field, Kind, Property, Thing
from tests.contract.discovery import faults_of
from tests.contract.platforms_home import CONFIG, OWN_TOPIC, ROOT, section

FACTS = InfoReport(facts={"version": "0.1.0", "hardware": "Raspberry Pi 4"})
TRIPPED = Refusal(kind=RefusalKind.TRIPPED, reason="tripped: overcurrent 7.3 A")


def make(thing=SOCKET, **changes):
    return HomeassistantCodec(section(**changes), thing)


def described(codec, info=FACTS):
    publish = codec.encode(info, "1")
    assert (publish.topic, publish.qos, publish.is_retained) == (CONFIG, 1, True)
    return json.loads(publish.payload)


def components(codec, info=FACTS):
    return described(codec, info)["cmps"]


def row(name, kind=Kind.FLOAT, *, is_writable=False, is_total=False, **more):
    field = Field(name=name, kind=kind, title=name.title(), title_zh="", **more)
    return Property(field=field, read=lambda *_: None, is_writable=is_writable, is_total=is_total)


def thing(*rows, **more):
    return Thing(kind="generic", properties=rows, **more)


# ── what a device is ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("commands", ["all", "off_only", "none"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_socket_is_described_as_home_assistant_takes_it(commands, language):
    assert faults_of(described(make(commands=commands, language=language))) == []


def test_the_device_has_its_name_its_maker_and_its_version():
    whole = described(make(name="Kettle"))
    assert whole["dev"] == {
        "ids": ["polycloud_socket-1"],
        "name": "Kettle",
        "mf": "Polycloud Agent",
        "mdl": "socket",
        "sw": "0.1.0",
        "hw": "Raspberry Pi 4",
    }
    assert whole["o"] == {"name": "Polycloud Agent", "sw": "0.1.0"}
    assert (whole["avty_t"], whole["stat_t"]) == (f"{ROOT}/availability", f"{ROOT}/state")
    bare = described(make(), InfoReport(facts={}))
    assert bare["dev"]["name"] == "socket-1"
    assert bare["o"] == {"name": "Polycloud Agent"}


def test_the_total_is_ready_for_the_energy_dashboard():
    total = components(make())["sensor_total_energy"]
    assert (total["unit_of_meas"], total["dev_cla"], total["stat_cla"]) == (
        "kWh",
        "energy",
        "total_increasing",
    )


@pytest.mark.parametrize(
    ("key", "unit", "device_class"),
    [
        ("sensor_voltage", "V", "voltage"),
        ("sensor_current", "A", "current"),
        ("sensor_active_power", "W", "power"),
        ("sensor_apparent_power", "VA", "apparent_power"),
        ("sensor_power_factor", None, "power_factor"),
        ("number_count_down", "s", "duration"),
        ("number_current_limit", "A", "current"),
    ],
)
def test_every_quantity_has_its_unit_and_its_class(key, unit, device_class):
    body = components(make())[key]
    assert (body.get("unit_of_meas"), body["dev_cla"]) == (unit, device_class)


@pytest.mark.parametrize(
    ("name", "unit", "found"),
    [
        ("CurrentTemperature", "℃", ("temperature", "°C")),
        ("CurrentHumidity", "%", ("humidity", "%")),
        ("DHT11_H", "%", ("humidity", "%")),
        ("level", "%", ("", "%")),
        ("light", "lux", ("illuminance", "lx")),
        ("co2", "ppm", ("carbon_dioxide", "ppm")),
        ("MQ2", "ppm", ("", "ppm")),
        ("anything", "", ("", "")),
    ],
)
def test_a_quantity_is_known_by_its_unit_or_else_by_its_name(name, unit, found):
    field = Field(name=name, kind=Kind.FLOAT, title=name, title_zh="", unit=unit)
    assert quantity_of(field) == found


def test_titles_are_in_the_language_that_is_set():
    assert components(make())["sensor_voltage"]["name"] == "Voltage"
    assert components(make(language="zh"))["sensor_voltage"]["name"] == "电压"
    untitled = make(thing(row("MQ2")), language="zh")
    assert components(untitled)["sensor_MQ2"]["name"] == "Mq2"


def test_any_kind_of_row_is_an_entity():
    lamp = thing(
        row("level", Kind.INT, is_writable=True, maximum=100, unit="%"),
        row("scene", Kind.TEXT, is_writable=True, maximum=8, choices=("day", "night")),
        row("note", Kind.TEXT, is_writable=True, maximum=32),
        row("mood", Kind.TEXT, maximum=8, choices=("good", "bad")),
        row("words", Kind.TEXT, maximum=8),
        row("lit", Kind.BOOL, is_writable=True),
        row("dark", Kind.BOOL),
        row("used", unit="kWh", step=0.01),
        row("stock", unit="kWh", is_writable=True, step=0.0001, maximum=5),
        row("turns", Kind.INT, is_total=True),
        events=(Event(name="fell", title="Fell", title_zh="", level=EventLevel.INFO),),
        actions=(
            Action(name="blink", title="Blink", title_zh=""),
            Action(
                name="move",
                title="Move",
                title_zh="",
                inputs=(Field(name="to", kind=Kind.INT, title="To", title_zh=""),),
            ),
        ),
        switch="lit",
    )
    whole = described(make(lamp))
    assert faults_of(whole) == []
    found = {key: body for key, body in whole["cmps"].items() if len(body) > 1}
    assert list(found) == [
        "number_level",
        "select_scene",
        "text_note",
        "sensor_mood",
        "sensor_words",
        "switch_lit",
        "binary_sensor_dark",
        "sensor_used",
        "number_stock",
        "sensor_turns",
        "event_fell",
        "button_blink",
    ]
    assert "dev_cla" not in found["switch_lit"]
    assert "dev_cla" not in found["number_stock"]
    assert found["number_stock"]["step"] == 0.001
    assert found["sensor_used"]["stat_cla"] == "total"
    assert found["sensor_turns"]["stat_cla"] == "total_increasing"
    assert found["sensor_mood"]["ops"] == ["good", "bad"]


def test_what_a_cloud_may_not_do_is_only_shown_and_what_it_was_is_taken_back():
    none = components(make(commands="none"))
    assert none["switch_power_switch"] == {"p": "switch"}
    assert none["number_current_limit"] == {"p": "number"}
    assert none["button_reset_energy"] == {"p": "button"}
    assert none["binary_sensor_child_lock"]["ent_cat"] == "diagnostic"
    off_only = components(make(commands="off_only"))
    assert off_only["switch_power_switch"]["cmd_t"] == f"{ROOT}/power_switch/set"
    assert off_only["text_timers"] == {"p": "text"}
    assert components(make(reset_energy=False))["button_reset_energy"] == {"p": "button"}


def test_what_the_device_had_once_is_taken_back_whatever_it_was():
    found = components(make(), replace(FACTS, gone=("humidity", "voltage")))
    assert found["sensor_humidity"] == {"p": "sensor"}
    assert found["button_humidity"] == {"p": "button"}
    assert found["sensor_voltage"]["dev_cla"] == "voltage"
    many = replace(FACTS, gone=tuple(f"x{number}" for number in range(99)))
    assert f"sensor_x{MAX_GONE - 1}" in components(make(), many)
    assert f"sensor_x{MAX_GONE}" not in components(make(), many)


def test_identifiers_of_ones_own_go_everywhere():
    codec = make(rename={"voltage": "volt", "trip": "fell"})
    found = components(codec)
    assert found["sensor_volt"]["val_tpl"] == "{{ value_json['volt'] | default('') }}"
    assert found["event_fell"]["evt_typ"] == ["fell"]
    told = codec.encode(PropertyReport(values={"voltage": 230.04}, wall_time=None), "1")
    assert told.payload == b'{"volt":230.0}'
    event = codec.encode(EventReport(name="trip", values={}, wall_time=None), "1")
    assert (event.topic, event.payload) == (f"{ROOT}/fell/event", b'{"event_type":"fell"}')


def test_a_row_whose_name_is_no_level_of_a_topic_is_refused():
    with pytest.raises(ConfigError, match="identifier of a/b"):
        make(thing(row("a/b")))


# ── what it tells ───────────────────────────────────────────────────────────────────────────


def test_a_report_tells_values_switches_as_words_and_when_they_were_measured():
    values = {"voltage": 221.54, "power_switch": True, "count_down": 0, "child_lock": False}
    publish = make().encode(PropertyReport(values=values, wall_time=1552289676.9), "1", 1.8e9)
    assert publish == Publish(
        topic=f"{ROOT}/state",
        payload=b'{"measured_at":"2019-03-11T07:34:36.900+00:00","voltage":221.5,'
        b'"power_switch":"ON","count_down":0,"child_lock":"OFF"}',
        is_answered=False,
    )


def test_what_is_not_known_is_null_and_what_is_no_number_or_no_row_is_left_out():
    report = PropertyReport(
        values={"power_switch": True, "current": float("nan")},
        wall_time=None,
        unknown=frozenset({"voltage", "energy_today"}),
    )
    assert make().encode(report, "1").payload == b'{"voltage":null,"power_switch":"ON"}'
    nothing = PropertyReport(values={"current": float("inf")}, wall_time=1.0)
    assert make().encode(nothing, "1") is None


def test_a_text_that_is_no_state_there_is_null():
    told = make().encode(PropertyReport(values={"timers": "x" * 256}, wall_time=None), "1")
    assert told.payload == b'{"timers":null}'


def test_an_event_has_its_type_and_its_values_and_is_not_kept():
    values = {"cause": "overcurrent", "value": 16.81234, "limit": float("nan")}
    publish = make().encode(EventReport(name="trip", values=values, wall_time=0.0), "1")
    assert publish == Publish(
        topic=f"{ROOT}/trip/event",
        payload=b'{"measured_at":"1970-01-01T00:00:00.000+00:00","cause":"overcurrent",'
        b'"value":16.812,"event_type":"trip"}',
        is_answered=False,
    )


def test_of_the_past_only_events_are_told():
    codec = make()
    report = PropertyReport(values={"voltage": 1.0}, wall_time=1.0)
    event = EventReport(name="low_voltage", values={"voltage": 180.0}, wall_time=1.0)
    assert codec.encode_past([report, event], "1").publish is None
    assert codec.encode_past([event, report], "1").publish == codec.encode(event, "1")
    together = codec.encode_together([report, event], "1")
    assert (together.publish, together.taken) == (codec.encode(report, "1"), 1)


def test_a_refused_setting_is_answered_by_what_still_stands():
    codec = make()
    asked = PropertySet(request_id="", values={"power_switch": True})
    still = Outcome(refusal=TRIPPED, values={"power_switch": False})
    (told,) = codec.encode_reply(asked, still)
    assert (told.topic, told.payload) == (f"{ROOT}/state", b'{"power_switch":"OFF"}')
    assert codec.encode_reply(asked, DONE) == ()
    assert codec.encode_reply(asked, refused(RefusalKind.FAILED, "why")) == ()
    pressed = ActionCall(request_id="", name="reset_energy", values={})
    assert codec.encode_reply(pressed, still) == ()
    unknown = replace(still, values={"current_limit": float("nan")})
    assert codec.encode_reply(asked, unknown) == ()


def test_a_broker_stores_nothing_sums_nothing_and_tells_no_time():
    codec = make()
    request = PropertySet(request_id="", values={"power_switch": True})
    assert codec.on_connected("1") == ()
    assert codec.encode_cleared(request) == codec.encode_taken(request) == ()
    assert codec.encode_sum(1.0, None, "1") is None
    assert codec.ask_time() is None


# ── the connection ──────────────────────────────────────────────────────────────────────────


def test_it_is_gone_by_a_will_and_there_by_its_own_word():
    params = make().connect_params(None, "n")
    topic = f"{ROOT}/availability"
    assert (params.will.topic, params.will.payload, params.will.is_retained) == (
        topic,
        b"offline",
        True,
    )
    assert (params.birth.topic, params.birth.payload, params.birth.is_retained) == (
        topic,
        b"online",
        True,
    )


def test_the_port_is_the_one_of_the_kind_of_connection():
    secured = make(verify="ca-only", ca_file="/root.pem").connect_params(None, "n")
    assert (secured.port, secured.tls) == (8883, Tls(ca_file="/root.pem", verifies_host=False))
    assert (secured.username, secured.password) == ("socket", "only-between-us")
    assert secured.client_id == "polycloud-socket-1"
    plain = make(tls=False, client_id="me").connect_params(None, "n")
    assert (plain.port, plain.tls, plain.client_id) == (1883, None, "me")
    open_to_all = HomeassistantSettings(host="broker.test", device_name="one", port=1)
    anybody = HomeassistantCodec(open_to_all, SOCKET).connect_params(None, "n")
    assert (anybody.username, anybody.password, anybody.port) == ("", "", 1)


def test_a_cloud_that_only_watches_asks_for_no_commands():
    topics = [each.topic for each in make(commands="none").subscriptions()]
    assert topics == ["homeassistant/status"]
    every = {each.topic: each.qos for each in make().subscriptions()}
    assert every == {
        "homeassistant/status": 1,
        f"{ROOT}/+/set": 1,
        f"{ROOT}/+/press": 0,
        OWN_TOPIC: 0,
    }


# ── what is understood ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("power_switch", b"ON", True),
        ("power_switch", b" off ", False),
        ("power_switch", b"toggle", "toggle"),
        ("power_switch", b"", ""),
        ("count_down", b"60", 60),
        ("count_down", b"60.0", 60),
        ("count_down", b"60.5", 60.5),
        ("current_limit", b"4.5", 4.5),
        ("current_limit", b"1e9", "1e9"),
        ("current_limit", b"1_000", "1_000"),
        ("current_limit", b"nan", "nan"),
        ("timers", b"60", "60"),
        ("voltage", b"1", 1.0),
        ("nonsense", b"ON", "ON"),
    ],
)
def test_a_text_sets_a_property_or_stays_what_it_is_to_be_refused(name, text, value):
    heard = make().decode(f"{ROOT}/{name}/set", text)
    assert heard == PropertySet(request_id="", values={name: value})
    assert type(heard.values[name]) is type(value) or name == "voltage"


def test_a_press_asks_for_an_action_and_nothing_else_does():
    codec = make()
    pressed = codec.decode(f"{ROOT}/reset_energy/press", b"PRESS")
    assert pressed == ActionCall(request_id="", name="reset_energy", values={})
    with pytest.raises(CodecError, match="the word PRESS"):
        codec.decode(f"{ROOT}/reset_energy/press", b"ON")


def test_who_is_born_is_a_newcomer_and_who_goes_is_nobody():
    codec = make(status_topic="house/status")
    assert codec.decode("house/status", b"online") == Newcomer(name="Home Assistant")
    assert codec.decode("house/status", b"offline") is None
    assert codec.decode("homeassistant/status", b"online") is None


@pytest.mark.parametrize(
    "topic",
    [
        f"{ROOT}/state",
        f"{ROOT}/availability",
        f"{ROOT}/a/b/set",
        f"{ROOT}/power_switch/get",
        f"{ROOT}/set",
        "polycloud/socket-10/power_switch/set",
        CONFIG,
    ],
)
def test_other_topics_are_nothing(topic):
    assert make().decode(topic, b"ON") is None


@pytest.mark.parametrize("payload", [b"\xff", b"x" * (MAX_COMMAND + 1)])
def test_what_is_no_text_or_too_long_is_no_command(payload):
    with pytest.raises(CodecError, match="a command"):
        make().decode(f"{ROOT}/timers/set", payload)


def test_a_name_that_was_given_up_means_nothing():
    codec = make(rename={"voltage": "volt"})
    with pytest.raises(CodecError, match="nothing is called voltage"):
        codec.decode(f"{ROOT}/voltage/set", b"1")


def test_topics_of_the_users_own_take_words():
    assert make().decode(OWN_TOPIC, b"toggle") == PropertyToggle(
        request_id="", name="power_switch", context="unanswered"
    )


@given(st.sampled_from(["power_switch", "count_down", "timers", "x"]), st.binary(max_size=64))
def test_any_bytes_are_a_setting_or_no_command(name, payload):
    try:
        heard = make().decode(f"{ROOT}/{name}/set", payload)
    except CodecError:
        return
    assert isinstance(heard, PropertySet)
    assert list(heard.values) == [name]
