"""Any value in place of Aliyun's timers, and any lines of ours, there and back."""

import json

from hypothesis import given
from hypothesis import strategies as st

from agent.automation.timers import read_timers, write_timers
from agent.clouds.aliyun.timers import TimersForm
from agent.messages import BadRequest
from tests.clouds.aliyun_device import make_codec, wanted

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Timer", "Enable", "IsValid", "PowerSwitch", "Targets"])
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
crons = st.text(alphabet="0123456789*?,- /", max_size=20)
entries = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "Timer": crons | json_values,
            "Enable": st.sampled_from([0, 1, True, 2]),
            "IsValid": st.sampled_from([0, 1, False, None]),
            "PowerSwitch": st.sampled_from([0, 1, "1"]),
            "Targets": st.text(alphabet="PowerSwitch:=-01,", max_size=30),
            "TimezoneOffset": st.integers(-60_000, 60_000) | json_values,
        },
    ),
    max_size=14,
)


@given(json_values | entries)
def test_any_value_is_timers_or_a_refusal(value):
    found = wanted(make_codec(), LocalTimer=value)
    if isinstance(found, BadRequest):
        assert found.refusal.reason
        return
    text = found.values["timers"]
    assert write_timers(read_timers(text)) == text


FORM = TimersForm(make_codec()._names, action="member", once=True)
lines = st.builds(
    lambda off, doing, hour, minute, days: f"{off}{doing} at {hour:02}:{minute:02} {days}",
    st.sampled_from(["", "disabled "]),
    st.sampled_from(["on", "off"]),
    st.integers(0, 23),
    st.integers(0, 59),
    st.frozensets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])).map(
        lambda days: ",".join(sorted(days)) or "once"
    ),
)


@given(st.lists(lines | st.just(""), max_size=13))
def test_what_goes_up_comes_down_again(each):
    text = write_timers(read_timers("\n".join(each)))
    assert FORM.read(json.loads(json.dumps(FORM.write(text)))) == text
