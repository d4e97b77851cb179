from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.automation.doing import (
    Assign,
    Switch,
    Tell,
    parse_doing,
    parse_value,
    write_doing,
    write_value,
)


@pytest.mark.parametrize(
    ("text", "doing"),
    [
        ("on", Switch(on=True)),
        (" off ", Switch(on=False)),
        ("toggle", Switch(on=None)),
        ("set power_switch = off", Assign(name="power_switch", value=False)),
        ("set count_down=600", Assign(name="count_down", value=600)),
        ("set current_limit = 2.5", Assign(name="current_limit", value=2.5)),
        ("set mode = 'eco'", Assign(name="mode", value="eco")),
        ("set NightLightSwitch = on", Assign(name="NightLightSwitch", value=True)),
        ("set MQ2 = 3", Assign(name="MQ2", value=3)),
        ("event charge_done", Tell(name="charge_done")),
    ],
)
def test_what_can_be_done_is_read_and_written(text, doing):
    assert parse_doing(text) == doing
    assert parse_doing(write_doing(doing)) == doing


@pytest.mark.parametrize("text", ["", "onn", "set = 1", "set x", "event", "event Bad", "on off"])
def test_anything_else_says_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"allowed: on \| off"):
        parse_doing(text)


@given(st.text(max_size=100))
def test_no_text_does_anything_but_raise_value_error(text):
    with suppress(ValueError):
        assert parse_doing(write_doing(parse_doing(text))) == parse_doing(text)


@given(st.one_of(st.booleans(), st.integers(-(10**11), 10**11)))
def test_a_value_is_read_as_it_was_written(value):
    assert parse_value(write_value(value)) == value


@pytest.mark.parametrize("value", [0.00001, -0.5, 1e11, "true", "5", " a ", "eco", ""])
def test_a_value_that_reads_like_another_is_written_so_that_it_does_not(value):
    assert parse_doing(write_doing(Assign(name="x", value=value))) == Assign(name="x", value=value)
