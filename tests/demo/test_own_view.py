"""The live view of a declared device: what keys do, and what the screen shows of it."""

import asyncio
import re

from hypothesis import given
from hypothesis import strategies as st

from agent.demo.declared.hands import OwnHands
from agent.demo.declared.screen import OwnScene, draw
from agent.demo.dialects import DIALECTS
from agent.demo.screen import CloudView
from agent.demo.show import LOG_LINES
from agent.thing import Field, Kind
from tests.demo.own import shipped, with_own_stage
from tests.demo.test_own_tour import OTHER

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CLOUDS = [name for name in DIALECTS if "-" not in name]


def scene(count=3, clouds=1, **changes):
    fields = [
        Field(name=f"Sensor{number}", kind=Kind.INT, title="x", title_zh="x", unit="°C")
        for number in range(count)
    ]
    views = [
        CloudView(
            dialect=DIALECTS[name],
            device={"properties": {}, "events": []},
            is_online=True,
            pending=0,
        )
        for name in CLOUDS[:clouds]
    ]
    values = {
        "title": "Greenhouse",
        "fields": fields,
        "snapshot": {each.name: None for each in fields} | {"Sensor0": 21},
        "unknown": {},
        "chosen": "Sensor0",
        "network_is_cut": False,
        "clouds": views,
        "views": [{"Sensor0": 20} for _ in views],
        "commanding": 0,
        "log": [],
        **changes,
    }
    return OwnScene(**values)


def lines(shown):
    return ESCAPE.sub("", shown).split("\r\n")


@given(
    count=st.integers(1, 64),
    clouds=st.integers(1, 3),
    at=st.integers(0, 63),
    title=st.text(),
    why=st.text(),
)
def test_it_fits_a_terminal_whatever_the_device_has(count, clouds, at, title, why):
    chosen = f"Sensor{at % count}"
    log = ["x" * 200] * LOG_LINES
    drawn = lines(
        draw(scene(count, clouds, chosen=chosen, title=title, unknown={"A": why}, log=log))
    )
    assert len(drawn) <= 24
    assert max(map(len, drawn)) <= 80
    assert any(line.startswith(f"› {chosen} °C") for line in drawn)


def test_a_row_shows_the_devices_own_value_and_each_clouds():
    shown = lines(draw(scene(clouds=2, unknown={"Sensor1": "warming up"})))
    (row,) = (line for line in shown if "Sensor0" in line)
    assert row.split() == ["›", "Sensor0", "°C", "21", "20", "20"]
    assert "Sensor1: warming up" in shown


def with_hands(folder, name, scenario, path=None):
    async def main(stage):
        async with asyncio.TaskGroup() as group:
            await asyncio.sleep(20)
            await scenario(stage, OwnHands(stage, group))

    with_own_stage(folder, path or shipped(name), "tencent", main)


def test_a_sensor_is_chosen_moved_broken_and_mended(tmp_path):
    async def scenario(stage, hands):
        assert hands.chosen == "MQ2"
        hands.on_keys(b"kj++-")
        await asyncio.sleep(5)
        assert stage.snapshot["MQ2"] == 45
        hands.on_keys(b"x")
        await asyncio.sleep(5)
        assert (stage.snapshot["MQ2"], hands.is_broken("MQ2")) == (None, True)
        hands.on_keys(b"x")
        await asyncio.sleep(30)
        assert stage.snapshot["MQ2"] == 45

    with_hands(tmp_path, "environment", scenario)


def test_space_turns_over_here_and_c_from_the_cloud(tmp_path):
    async def scenario(stage, hands):
        for keys, is_on in ((b" ", True), (b"c", False), (b"+", True), (b"-", False)):
            hands.on_keys(keys)
            await asyncio.sleep(1)
            assert stage.snapshot["Lamp"] is is_on
        hands.on_keys(b"1?x")
        assert hands.commanding is stage.first

    with_hands(tmp_path, "lamp", scenario)


def test_a_dimmer_and_an_input_move_too(tmp_path):
    path = tmp_path / "greenhouse.toml"
    path.write_text(OTHER)

    async def scenario(stage, hands):
        assert hands.chosen == "Pump"
        hands.on_keys(b"j")
        for key in (b"+", b"+", b"-"):
            hands.on_keys(key)
            await asyncio.sleep(1)
        assert stage.snapshot["Glow"] == 20
        hands.on_keys(b" ")
        await asyncio.sleep(1)
        assert stage.snapshot["Glow"] == 0
        hands.on_keys(b"j+")
        await asyncio.sleep(3)
        assert hands.chosen == "Door"
        assert stage.snapshot["Door"] is True
        hands.on_keys(b"j+")
        await asyncio.sleep(10)
        assert stage.snapshot["Counter"] > 20

    with_hands(tmp_path, "", scenario, path)


def test_n_cuts_and_mends_the_network_and_what_fails_is_logged(tmp_path):
    async def scenario(stage, hands):
        hands.on_keys(b"n")
        await asyncio.sleep(3)
        hands.on_keys(b"c")
        await asyncio.sleep(20)
        assert hands.network_is_cut
        assert stage.snapshot["Lamp"] is False
        hands.on_keys(b"n")
        await asyncio.sleep(60)
        assert not hands.network_is_cut

    with_hands(tmp_path, "lamp", scenario)


def test_q_ctrl_c_and_an_end_of_input_end_it(tmp_path):
    async def scenario(stage, hands):
        del stage
        for keys in (b"q", b"\x03", b""):
            hands.is_done.clear()
            hands.on_keys(keys)
            assert hands.is_done.is_set()

    with_hands(tmp_path, "lamp", scenario)
