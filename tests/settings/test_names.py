from agent.devices.socket.thing_table import ACTIONS, EVENTS, PROPERTIES
from agent.settings.names import REPORTED, THING_NAMES, nearest


def test_the_names_are_those_of_the_sockets_table():
    rows = [row.field.name for row in PROPERTIES]
    events = [event.name for event in EVENTS]
    actions = [action.name for action in ACTIONS]
    forms = ["count_down_list"]
    whole = [name for name in THING_NAMES if "." not in name and name not in forms]
    assert sorted(whole) == sorted([*rows, *events, *actions])
    parts = {name.partition(".")[0] for name in THING_NAMES if "." in name}
    assert parts <= {*events, *rows, *forms}


def test_reportable_changes_are_for_what_is_measured():
    assert [row.field.name for row in PROPERTIES if row.field.name in REPORTED] == list(REPORTED)
    assert not [row for row in PROPERTIES if row.field.name in REPORTED and row.is_writable]


def test_only_a_near_name_is_offered():
    assert nearest("voltge", REPORTED) == "did you mean 'voltage'?"
    assert nearest("xyz", REPORTED) == ""


def test_a_name_in_other_letters_is_offered():
    assert nearest("mq2", ("MQ2", "MQ7")) == "did you mean 'MQ2'?"
    assert nearest("mq3", ("MQ2", "MQ7")) == ""


def test_a_name_that_is_only_begun_is_found():
    assert nearest("data", ("thing", "datastream")) == "did you mean 'datastream'?"
    assert nearest("trip", ("trip.cause", "trip.value")) == ""
    assert nearest("da", ("thing", "datastream")) == ""
