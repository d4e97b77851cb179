"""Any period of a device decides the same again, and what was changed in its file is noticed."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.devices.effects import MAIN
from agent.devices.inputs import (
    ButtonEdge,
    Calibrate,
    ClockTold,
    Dated,
    EditRule,
    Heat,
    Kept,
    LinkChanged,
    SetTotal,
    Toggle,
)
from agent.messages import ActionCall, Command, PropertySet
from agent.model import Factors, Origin, OriginKind, Trust
from agent.recording.forms import RecordingError
from agent.replay.player import replay, rewritten
from tests.devices.socket.bench import CLOUD, LOCAL
from tests.replay.bench import Stand, reread, text_of

FACTORS = Factors(voltage=1.01, current=0.98, power=1.002)


def command(origin, *, is_live=True, **values):
    request = PropertySet(request_id="7", values=values, is_live=is_live, context=object())
    return Command(origin=origin, request=request)


def call(name):
    return Command(origin=CLOUD, request=ActionCall(request_id="8", name=name, values={}))


def calibrate(factors):
    return Calibrate(factors=factors, made_from={"voltage": 230.5}, origin=LOCAL, wall_time=None)


INPUTS = [
    Toggle(origin=LOCAL),
    command(LOCAL, power_switch=True),
    command(LOCAL, power_switch=False, count_down=float("inf")),
    command(CLOUD, power_switch=True),
    command(CLOUD, is_live=False, power_switch=True),
    command(LOCAL, count_down=3),
    command(LOCAL, current_limit=2),
    command(CLOUD, **{"\ud800": "汉字", "voltage": 1}),
    call("reset_energy"),
    ButtonEdge(is_pressed=True),
    ButtonEdge(is_pressed=False),
    LinkChanged(cloud="tencent", is_up=True),
    LinkChanged(cloud="aliyun", is_up=True),
    LinkChanged(cloud="tencent", is_up=False),
    ClockTold(offset=1.8e9, zone="Asia/Shanghai"),
    EditRule(name="a", origin=LOCAL, text="when power_switch == on for 2s rest 1s: toggle"),
    EditRule(
        name="b", origin=LOCAL, text="when voltage > 1 after > 2: event x; set count_down = 2"
    ),
    EditRule(name="a", origin=LOCAL, is_enabled=False),
    EditRule(name="b", origin=LOCAL, removes=True),
    Heat(celsius=90.5),
    Heat(celsius=None),
    Heat(celsius=85, is_cpu=True),
    Dated(day="2026-02-28"),
    Dated(day="2026-03-01"),
    Kept(total_mj=10**12),
    SetTotal(energy_mj=5, reason="new meter", origin=Origin(kind=OriginKind.LOCAL, name="anna")),
    calibrate(FACTORS),
    calibrate(None),
]

ACTS = {
    "wake": lambda stand, _: stand.runtime.wake(),
    "doubt": lambda stand, _: stand.runtime.doubt(MAIN),
    "frames": lambda stand, n: stand.frames(1 + n // 3),
    "plug": lambda stand, n: stand.plug(n * 200.0),
    "noise": lambda stand, n: stand.meter.feed(bytes(range(n, 250, 7)), stand.runtime.dispatch),
    "half": lambda stand, n: stand.meter.feed(stand.chip.frame()[:n], stand.runtime.dispatch),
    "two": lambda stand, _: stand.meter.feed(stand.chip.frame() * 2, stand.runtime.dispatch),
    "open": lambda stand, _: stand.meter.open(),
    "stick": lambda stand, n: setattr(stand.machine, "is_stuck", bool(n % 2)),
    "dark": lambda stand, n: setattr(stand.machine, "is_dark", bool(n % 2)),
    "trust": lambda stand, n: setattr(stand.machine, "trust", Trust(n % 4)),
    "wait": lambda stand, n: setattr(stand.machine, "time", stand.machine.time + n / 3),
    "reload": lambda stand, n: stand.reload(reporting={"min_interval_s": n + 1}),
    "clouds": lambda stand, n: setattr(
        stand.runtime, "sinks", dict.fromkeys(["onenet", "tencent"][: n % 3], lambda _: None)
    ),
}

steps = st.lists(
    st.one_of(
        st.sampled_from(INPUTS),
        st.tuples(st.sampled_from(sorted(ACTS)), st.integers(min_value=1, max_value=20)),
    ),
    max_size=20,
)


def let_happen(stand, happens):
    for each in happens:
        if isinstance(each, tuple):
            ACTS[each[0]](stand, each[1])
        else:
            stand.runtime.dispatch(each)
        stand.machine.time += 0.05


@settings(max_examples=60, deadline=None)
@given(before=steps, during=steps)
@example(before=[("frames", 1)], during=[("frames", 20)] * 3)
def test_any_period_decides_the_same_again(before, during):
    stand = Stand()
    let_happen(stand, before)
    recording = stand.record()
    let_happen(stand, during)
    stand.runtime.stop(keeps_policy=True)
    recording.end("done")
    text = text_of(recording)
    assert text.isascii()
    found = replay(reread(text))
    assert found.difference is None
    assert found.inputs >= 1
    assert rewritten(reread(text), text) == text


def an_evening():
    stand = Stand()
    stand.frames(5)
    recording = stand.record()
    stand.runtime.dispatch(command(LOCAL, power_switch=True))
    stand.frames(30)
    stand.plug(3500)
    stand.frames(30)
    stand.machine.is_stuck = True
    stand.runtime.dispatch(command(CLOUD, power_switch=True))
    stand.machine.time += 4
    stand.runtime.wake()
    stand.machine.is_stuck = False
    stand.frames(3)
    recording.end("done")
    return text_of(recording)


EVENING = an_evening()


def test_what_is_told_has_the_moment_of_its_input_which_a_replay_has_too():
    stand = Stand()
    recording = stand.record()
    for trust in Trust:
        stand.machine.trust = trust
        stand.runtime.dispatch(command(CLOUD, power_switch=trust % 2 == 0))
        stand.machine.time += 5
    text, moments = text_of(recording), []
    assert replay(reread(text)).difference is None
    for row in map(json.loads, text.splitlines()):
        if "in" in row:
            moment = row
        if "tell" in row:
            told = row["message"]
            assert told["is_change"]
            assert [told["at"], told.get("trust", 0)] == [moment["boot"], moment["trust"]]
            assert told.get("wall_time") == moment.get("wall")
            moments.append((moment["trust"], "wall" in moment))
    assert moments == [(0, False), (1, True), (2, True), (3, True)]


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(min_value=0, max_value=len(EVENING) - 1))
def test_what_is_left_of_a_file_that_was_cut_decides_the_same(cut):
    text = EVENING[:cut]
    if "\n" not in text:
        with pytest.raises(RecordingError, match="line 1"):
            reread(text)
        return
    assert replay(reread(text)).difference is None


def changed(find, change):
    rows = EVENING.splitlines()
    at = next(n for n, row in enumerate(rows) if find(row) and n > 5)
    rows[at] = json.dumps(change(json.loads(rows[at])), separators=(",", ":"))
    return "\n".join(rows) + "\n"


def flipped(body):
    data = bytearray.fromhex(body["serial"])
    data[10] ^= 4
    return {**body, "serial": data.hex()}


@pytest.mark.parametrize(
    "text",
    [
        changed(lambda row: "serial" in row, flipped),
        changed(lambda row: "reading" in row, lambda body: {**body, "t": body["t"] + 9}),
        changed(lambda row: row.startswith('{"relay"'), lambda body: {"relay": not body["relay"]}),
        changed(lambda row: '"tell"' in row, lambda body: {**body, "tell": ["aliyun"]}),
        changed(lambda row: '"error"' in row, lambda body: {"relay": body["relay"]}),
        changed(lambda row: '"end"' in row, lambda body: {**body, "state": "0" * 16}),
        EVENING.replace('"answer"', '"log"', 1),
        "\n".join(row for row in EVENING.splitlines() if "serial" not in row) + "\n",
    ],
    ids=["byte", "time", "relay", "tell", "error", "state", "answer", "no bytes"],
)
def test_what_was_changed_in_a_file_is_noticed_where_it_is(text):
    difference = replay(reread(text)).difference
    assert difference is not None
    assert difference.line >= 1
    assert difference.expected != difference.got


def test_another_setting_is_no_recording_any_more_and_one_that_was_meant_decides_otherwise():
    other = EVENING.replace('"rated_current_a":5.0', '"rated_current_a":16.0', 1)
    with pytest.raises(RecordingError, match=r"line 1: settings_hash: .*changed after"):
        replay(reread(other))


def test_what_came_of_nothing_is_no_recording():
    rows = EVENING.splitlines()
    with pytest.raises(RecordingError, match=r"line 2: found relay; allowed: only after an input"):
        reread("\n".join([rows[0], '{"relay":true}', *rows[1:]]) + "\n")


def test_where_the_change_is_meant_the_file_is_written_anew_with_what_is_decided_now():
    text = changed(lambda row: '"tell"' in row, lambda body: {**body, "tell": ["aliyun"]})
    anew = rewritten(reread(text), text)
    assert anew == EVENING
