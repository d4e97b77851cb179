"""The method `history`: what it takes, and an answer that holds no loop up."""

import json
from types import SimpleNamespace

import pytest

from agent.app.history_methods import MOST_BYTES, MOST_FITTING, HistoryMethods
from agent.control.methods import table_of
from agent.devices.socket.thing_table import SOCKET
from agent.errors import ControlError
from agent.history.assembling import Period
from agent.history.periods import Level
from agent.history.stats import Numbers, Switched, Used
from agent.model import Origin, OriginKind

LOCAL = Origin(kind=OriginKind.LOCAL, name="maker")
STATS = {
    "active_power": Numbers(known_s=60, mean=100, minimum=90, maximum=120),
    "power_switch": Switched(known_s=60, on_s=30, last=True),
    "energy": Used(known_s=60, count=3_600_000, end=7_200_000),
}


class Kept:
    """A history that a test makes up."""

    is_kept = True
    lost = 0

    def __init__(self, count=3):
        self.frame = None
        self._count = count

    async def periods(self, device, frame):
        del device
        self.frame = frame
        starts = range(self._count)[-frame.limit :]
        return [
            Period(start=n * 60, end=n * 60 + 60, is_over=n + 1 < self._count, stats=STATS)
            for n in starts
        ]


def method(kept):
    device = SimpleNamespace(
        name="socket-1",
        thing=SOCKET,
        clock=SimpleNamespace(wall_time=lambda: 1.0),
        zone="Europe/Berlin",
    )
    return table_of(HistoryMethods(lambda _params: device, kept).methods)["history"]


async def ask(kept, **params):
    return await method(kept)(LOCAL, params)


async def test_everything_is_told_by_the_hour_where_nobody_says():
    kept = Kept()
    answer = await ask(kept)
    assert kept.frame.level is Level.HOUR
    assert kept.frame.limit == 1_001
    assert answer["zone"] == "Europe/Berlin"
    assert answer["units"]["energy"] == "kWh"
    assert answer["units"]["voltage"] == "V"
    assert [each["is_over"] for each in answer["rows"]] == [True, True, False]
    assert answer["rows"][0]["values"] == {
        "active_power": {"mean": 100, "min": 90, "max": 120, "known_s": 60},
        "power_switch": {"on_s": 30, "last": True, "known_s": 60},
        "energy": {"used": 0.001, "known_s": 60},
    }
    assert not answer["is_cut"]
    assert json.dumps(answer)


async def test_what_is_asked_for_is_told_and_the_newest_kept():
    kept = Kept()
    answer = await ask(kept, by="minute", since=0, until=1e9, names=["energy"], limit=2)
    assert (kept.frame.level, kept.frame.since, kept.frame.until) == (Level.MINUTE, 0, 1e9)
    assert [each["start"] for each in answer["rows"]] == [60, 120]
    assert list(answer["rows"][0]["values"]) == ["energy"]
    assert answer["is_cut"]


async def test_an_answer_is_bounded():
    answer = await ask(Kept(10_000), limit=10_000)
    assert answer["is_cut"]
    assert 100 < len(answer["rows"]) < 10_000
    assert len(json.dumps(answer["rows"])) < MOST_BYTES * 1.1
    assert not answer["rows"][-1]["is_over"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"by": "week"}, "minute, hour, day, month"),
        ({"limit": 10_001}, "10000"),
        ({"limit": 0}, "1 to"),
        ({"since": -1}, "from 0"),
        ({"since": float("nan")}, "a number"),
        ({"names": ["active_powr"]}, "did you mean 'active_power'"),
        ({"names": ["trip"]}, "allowed: power_switch, voltage"),
        ({"names": "energy"}, "a list of texts"),
        ({"day": 1}, "known: by, device"),
    ],
)
async def test_what_it_does_not_take_is_refused(params, says):
    with pytest.raises(ControlError, match=says):
        await ask(Kept(), **params)


async def test_no_more_is_read_than_an_answer_may_hold():
    kept = Kept()
    await ask(kept, by="minute", limit=10_000)
    assert kept.frame.limit == MOST_FITTING + 1
    shortest = {"start": 1_800_000_000, "end": 1_800_000_060, "is_over": True, "values": {}}
    assert MOST_FITTING * len(json.dumps(shortest)) > MOST_BYTES
