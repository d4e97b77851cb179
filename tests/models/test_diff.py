"""What the console lacks or has otherwise is told, and whether it matters."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.consoles import CONSOLES, read_export
from agent.models.diff import FindingKind, Weight, compare
from agent.models.form import Spec, ValueType
from agent.models.rules import faults
from agent.models.values import Side, value_differences
from agent.thing import Thing
from tests.models.support import CLOUDS, as_bytes, device, exported

HARMFUL, HARMLESS = Weight.HARMFUL, Weight.HARMLESS


def changed(cloud, edit, rename=None):
    """Compare the device with its own export in which one thing was changed."""
    document = copy.deepcopy(exported(cloud, rename=rename))
    edit(document)
    console = read_export(cloud, as_bytes(document))
    found = compare(device(cloud, rename), console, CONSOLES[cloud].rules)
    return [each for each in found if each.weight is not Weight.NOTE]


def one(cloud, edit, rename=None):
    (finding,) = changed(cloud, edit, rename)
    return finding


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_console_with_the_exported_model_is_equal(cloud):
    assert changed(cloud, lambda document: document) == []


@pytest.mark.parametrize(
    ("cloud", "identifier", "name"),
    [
        ("tencent", "total_kwh", "total_energy"),
        ("aliyun", "PowerConsumption", "total_energy"),
        ("onenet", "total_energy", "total_energy"),
    ],
)
def test_a_property_that_the_console_lacks_is_harmful(cloud, identifier, name):
    def remove(document):
        rows = document["properties"]
        rows[:] = [row for row in rows if identifier not in (row.get("id"), row.get("identifier"))]

    found = one(cloud, remove)
    assert (found.kind, found.weight, found.feature) == (FindingKind.MISSING, HARMFUL, "property")
    assert (found.identifier, found.name) == (identifier, name)
    assert "left out" in found.text


def test_a_missing_event_service_and_parameter_are_each_told():
    found = one("tencent", lambda d: d["events"].pop(1))
    assert (found.identifier, found.text) == ("low_voltage", "the platform refuses the event")
    found = one("tencent", lambda d: d["actions"].clear())
    assert (found.identifier, found.text) == ("reset_energy", "the platform cannot call it")
    found = one("tencent", lambda d: d["events"][0]["params"].pop(1))
    assert (found.identifier, found.name) == ("status_report.message", "trip.message")
    assert found.weight is HARMFUL


def test_a_missing_member_of_the_countdown_is_told():
    found = one("aliyun", lambda d: d["properties"][7]["dataType"]["specs"].pop(1))
    assert (found.kind, found.identifier) == (FindingKind.MISSING, "CountDown.TimeLeft")


def in_each_timer(document):
    (timers,) = [row for row in document["properties"] if row["identifier"] == "LocalTimer"]
    return timers["dataType"]["specs"]


def test_what_differs_in_each_element_of_an_array_is_told():
    found = one("aliyun", lambda d: in_each_timer(d)["item"]["specs"].pop(0))
    assert (found.kind, found.identifier) == (FindingKind.MISSING, "LocalTimer[].Timer")
    assert (found.weight, found.name) == (HARMFUL, "timers.timer")
    found = one("aliyun", lambda d: in_each_timer(d).update(size="5"))
    assert (found.weight, found.identifier) == (HARMFUL, "LocalTimer")
    assert found.text.startswith("at most 5 elements there, at most 13 elements on the device")
    found = one("aliyun", lambda d: in_each_timer(d).update(item={"type": "int", "specs": {}}))
    assert (found.weight, found.identifier) == (HARMFUL, "LocalTimer[]")
    assert found.text == "of type int there, struct on the device"
    found = one("aliyun", lambda d: in_each_timer(d)["item"]["specs"][0].update(dataType=INT))
    assert (found.identifier, found.name) == ("LocalTimer[].Timer", "timers.timer")


INT = {"type": "int", "specs": {}}


def test_an_array_that_says_nothing_of_itself_is_not_compared_further():
    def bare(document):
        (row,) = [row for row in document["properties"] if row["identifier"] == "LocalTimer"]
        row["dataType"] = {"type": "array"}

    assert changed("aliyun", bare) == []


def test_an_identifier_in_an_element_that_the_console_cannot_take_cannot_be_expressed():
    model = device("aliyun", {"timers.timer": "time"})
    (fault,) = faults(model, CONSOLES["aliyun"].rules)
    assert (fault.name, "'time' is reserved" in fault.reason) == ("timers.timer", True)


def test_an_identifier_in_other_case_is_missing_and_the_likely_one_is_named():
    found = changed("aliyun", lambda d: d["properties"][0].update(identifier="powerswitch"))
    missing = next(each for each in found if each.kind is FindingKind.MISSING)
    assert "there is 'powerswitch', but upper and lower case are not the same" in missing.text
    assert {each.kind for each in found} == {FindingKind.MISSING, FindingKind.EXTRA}


@pytest.mark.parametrize("key", ["properties", "events", "services"])
def test_what_only_the_console_has_is_harmless(key):
    def add(document):
        document[key].append({**document[key][-1], "identifier": "Extra"})

    found = one("aliyun", add)
    assert (found.kind, found.weight) == (FindingKind.EXTRA, HARMLESS)
    assert (found.identifier, found.name) == ("Extra", "")


@pytest.mark.parametrize(("cloud", "weight"), [("onenet", HARMFUL), ("aliyun", HARMLESS)])
def test_a_parameter_more_in_an_event_is_harmful_where_the_whole_event_is_refused(cloud, weight):
    def add(document):
        outputs = document["events"][-1]["outputData"]
        outputs.append({**outputs[0], "identifier": "extra"})

    assert one(cloud, add).weight is weight


@pytest.mark.parametrize(
    ("edit", "weight", "text"),
    [
        ({"max": "300"}, HARMFUL, "0 to 300 there, 0 to 400 on the device: what is outside"),
        ({"min": "1"}, HARMFUL, "1 to 400 there"),
        ({"max": "500"}, HARMLESS, "0 to 500 there, 0 to 400 on the device"),
        ({"min": "-5"}, HARMLESS, "-5 to 400 there"),
        ({"type": "int"}, HARMFUL, "of type int there, float on the device"),
        ({"step": "1"}, HARMLESS, "in steps of 1 there, of 0.1 on the device"),
        ({"unit": "mV"}, HARMFUL, "unit mV there, V on the device"),
        ({"unit": ""}, HARMLESS, "unit none there, V on the device"),
    ],
)
def test_what_differs_in_a_type_is_told_with_both_sides(edit, weight, text):
    found = one("tencent", lambda d: d["properties"][1]["define"].update(edit))
    assert (found.kind, found.weight, found.name) == (FindingKind.DIFFERS, weight, "voltage")
    assert text in found.text


@pytest.mark.parametrize("edit", [{"step": "0.01"}, {"unit": "伏特"}, {"start": "7"}])
def test_what_makes_no_difference_is_not_told(edit):
    assert changed("tencent", lambda d: d["properties"][1]["define"].update(edit)) == []


def test_a_wider_range_of_what_can_be_set_is_refused_by_the_device():
    found = one("aliyun", lambda d: d["properties"][9]["dataType"]["specs"].update(max="99"))
    assert (found.weight, found.name) == (HARMLESS, "current_limit")
    assert found.text == "0 to 99 there, 0 to 50 on the device, which refuses what is outside"


def test_a_float_for_a_double_is_harmless():
    found = one("onenet", lambda d: d["properties"][6]["dataType"].update(type="float"))
    assert (found.weight, found.name) == (HARMLESS, "total_energy")


def test_a_shorter_text_is_harmful():
    def shorten(document):
        document["events"][0]["params"][1]["define"].update(max="8")

    found = one("tencent", shorten)
    assert found.weight is HARMFUL
    assert "at most 8 characters there, at most 64 characters on the device" in found.text


def test_a_value_that_an_enum_lacks_is_harmful_and_one_more_is_harmless():
    def lack(document):
        document["events"][1]["outputData"][2]["dataType"]["specs"].pop("1")

    def add(document):
        document["events"][1]["outputData"][2]["dataType"]["specs"].update({"2": "x"})

    assert (one("aliyun", lack).weight, one("aliyun", add).weight) == (HARMFUL, HARMLESS)


@pytest.mark.parametrize(
    ("row", "access", "weight", "text"),
    [(0, "r", HARMFUL, "nothing can set it"), (1, "rw", HARMLESS, "the device refuses that")],
)
def test_other_access_matters_where_it_keeps_the_cloud_from_setting(row, access, weight, text):
    found = one("onenet", lambda d: d["properties"][row].update(accessMode=access))
    assert found.weight is weight
    assert text in found.text


@pytest.mark.parametrize(
    ("cloud", "key", "weight"), [("tencent", "type", HARMFUL), ("onenet", "eventType", HARMLESS)]
)
def test_another_type_of_event_is_harmful_where_it_goes_over_the_wire(cloud, key, weight):
    found = one(cloud, lambda d: d["events"][0].update({key: "alarm"}))
    assert found.weight is weight
    assert "of type alarm there" in found.text


def test_another_way_to_call_a_service_is_harmless():
    found = one("onenet", lambda d: d["services"][0].update(callType="a"))
    assert (found.weight, found.name) == (HARMLESS, "reset_energy")


def test_a_simple_export_is_compared_in_what_it_says():
    simple = {
        "properties": [
            {"identifier": row["identifier"], "dataType": row["dataType"]}
            for row in exported("aliyun")["properties"]
        ]
    }
    found = compare(
        device("aliyun"), read_export("aliyun", as_bytes(simple)), CONSOLES["aliyun"].rules
    )
    told = [each.feature for each in found if each.kind is FindingKind.NOT_TOLD]
    assert told == ["event", "service"]
    assert {each.weight for each in found} == {Weight.NOTE}


def test_a_simple_export_owes_nothing_to_a_device_that_has_no_more():
    fan = CONSOLES["aliyun"].describe(Thing(kind="fan", properties=()), {})
    simple = read_export("aliyun", b'{"properties": []}')
    assert compare(fan, simple, CONSOLES["aliyun"].rules) == []


def test_what_a_cloud_cannot_say_is_noted_and_is_no_difference():
    found = compare(
        device("tencent"),
        read_export("tencent", as_bytes(exported("tencent"))),
        CONSOLES["tencent"].rules,
    )
    assert [(each.kind, each.weight, each.name) for each in found] == [
        (FindingKind.INEXPRESSIBLE, Weight.NOTE, name)
        for name in (
            *("total_energy", "trip", "count_down_to", "current_limit", "timers"),
            "child_lock",
        )
    ]


@pytest.mark.parametrize(
    ("cloud", "identifier", "reason"),
    [
        ("aliyun", "time", "'time' is reserved"),
        ("aliyun", "power-switch", "1 to 50 letters, digits and '_'"),
        ("aliyun", "x" * 51, "1 to 50 letters"),
        ("tencent", "power.switch", "letters, digits and '_'"),
        ("onenet", "$switch", "'$' at the beginning"),
    ],
)
def test_an_identifier_that_the_console_cannot_take_cannot_be_expressed(cloud, identifier, reason):
    console = read_export(cloud, as_bytes(exported(cloud)))
    model = device(cloud, {"voltage": identifier})
    found = compare(model, console, CONSOLES[cloud].rules)
    (impossible,) = [each for each in found if each.name == "voltage"]
    assert (impossible.kind, impossible.weight) == (FindingKind.INEXPRESSIBLE, HARMFUL)
    assert reason in impossible.text


def test_a_parameter_with_an_identifier_that_the_console_cannot_take_is_told_too():
    console = read_export("tencent", as_bytes(exported("tencent")))
    model = device("tencent", {"low_voltage.voltage": "u-v"})
    found = compare(model, console, CONSOLES["tencent"].rules)
    (impossible,) = [each for each in found if each.name == "low_voltage.voltage"]
    assert (impossible.kind, impossible.identifier) == (
        FindingKind.INEXPRESSIBLE,
        "low_voltage.u-v",
    )


def test_one_identifier_for_two_events_cannot_be_expressed():
    rename = {"trip.overcurrent": "Trip"}
    (note,) = faults(device("aliyun", rename), CONSOLES["aliyun"].rules)
    assert (note.name, note.reason) == (
        "trip",
        "'Trip' is the identifier of trip.overcurrent already",
    )


NUMBERS = st.none() | st.floats(-1e6, 1e6)
SPECS = st.builds(
    Spec,
    type=st.sampled_from(ValueType),
    minimum=NUMBERS,
    maximum=NUMBERS,
    step=NUMBERS,
    unit=st.none() | st.sampled_from(["", "V", "s"]),
)


@settings(max_examples=300)
@given(ours=SPECS, theirs=SPECS)
def test_a_type_never_differs_from_itself_and_every_difference_says_something(ours, theirs):
    for side in Side:
        assert list(value_differences(ours, ours, side)) == []
        assert all(each.text for each in value_differences(ours, theirs, side))
