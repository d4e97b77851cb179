"""What a command means for outlets, whatever it says."""

from hypothesis import given
from hypothesis import strategies as st

from agent.devices.strip.wishes import WHOLE, Wish, understood
from agent.messages import Refusal

NAMES = ("1", "2", "3")
WANTED = st.fixed_dictionaries({name: st.booleans() for name in NAMES}).filter(
    lambda wanted: any(wanted.values())
)
ASKED = st.dictionaries(st.sampled_from([f"{WHOLE}_{name}" for name in NAMES]), st.booleans())
WHOLES = st.sampled_from([{}, {WHOLE: True}, {WHOLE: False}])


def stands_on(wanted, values, *, is_on):
    """Tell which outlets a wish leaves on."""
    whole = values.get(WHOLE, is_on)
    return {name for name, is_wanted in wanted.items() if whole and is_wanted}


@given(wanted=WANTED, is_on=st.booleans(), asked=ASKED, whole=WHOLES)
def test_what_is_asked_of_an_outlet_is_what_it_does_or_all_of_it_is_refused(
    wanted, is_on, asked, whole
):
    wish = understood({**asked, **whole, "count_down": 5}, wanted, is_on=is_on)
    if isinstance(wish, Refusal):
        assert "contradict" in wish.reason
        assert whole
        return
    before = stands_on(wanted, {}, is_on=is_on)
    after = stands_on(wish.wanted, wish.values, is_on=is_on)
    assert any(wish.wanted.values())
    assert wish.values["count_down"] == 5
    for name in NAMES:
        position = asked.get(f"{WHOLE}_{name}")
        if position is not None:
            assert (name in after) is position
        elif whole == {WHOLE: False}:
            assert name not in after
        elif not whole:
            assert (name in after) is (name in before)


@given(wanted=WANTED, is_on=st.booleans(), asked=ASKED, whole=WHOLES)
def test_nothing_comes_on_without_the_check_of_a_switch_that_goes_on(wanted, is_on, asked, whole):
    wish = understood({**asked, **whole}, wanted, is_on=is_on)
    if isinstance(wish, Wish):
        came_on = stands_on(wish.wanted, wish.values, is_on=is_on) - stands_on(
            wanted, {}, is_on=is_on
        )
        assert not came_on or wish.values.get(WHOLE) is True


def test_an_outlet_takes_no_number():
    wish = understood({f"{WHOLE}_1": 1}, dict.fromkeys(NAMES, True), is_on=True)
    assert isinstance(wish, Refusal)
    assert wish.reason == "power_switch_1 takes true or false, not 1"
