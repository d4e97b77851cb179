"""Every movement of the contact names who asked for it, also when it happens later."""

import pytest

from agent.devices.effects import Record
from agent.devices.inputs import ButtonEdge, Found, Tick, Toggle
from agent.devices.socket.keeping import save
from agent.devices.socket.socket import Socket
from agent.messages import Command, PropertySet
from agent.model import Origin, OriginKind, StartCause
from tests.devices.socket.bench import settings

ALIYUN = Origin(kind=OriginKind.CLOUD, name="aliyun")
LOCAL = Origin(kind=OriginKind.LOCAL, name="anna")


class Hands:
    """A socket, and the rows about its contact."""

    def __init__(self, **relay):
        self.device = Socket(settings=settings(relay={"driver": "simulated", **relay}))
        self.now = 0.0
        self.rows = []
        self.state, _ = self.device.start(Found(saved=None, cause=StartCause.FIRST), 0.0)

    def put(self, event, *, after_s=0.0):
        self.now += after_s
        self.state, effects = self.device.handle(self.state, event, self.now)
        self.rows += [e for e in effects if isinstance(e, Record) and e.topic == "relay"]

    def set(self, request_id, origin=ALIYUN, *, after_s=10.0, ends_in=None, **values):
        request = PropertySet(request_id=request_id, values=values, ends_in=ends_in)
        self.put(Command(origin=origin, request=request), after_s=after_s)

    @property
    def last(self):
        return self.rows[-1].name, dict(self.rows[-1].details)

    def restart(self):
        _, kept = save(self.state, "test", self.now)
        found = Found(saved=kept.saved, cause=StartCause.RESTART, is_held_on=self.state.relay_on)
        self.state, _ = self.device.start(found, self.now)


def test_a_countdown_names_who_set_it():
    hands = Hands()
    hands.set("77", count_down=60)
    hands.put(Tick(), after_s=60)
    assert hands.last == ("on", {"why": "countdown", "by": "cloud aliyun", "request": "77"})


def test_it_is_the_newest_countdown_that_counts():
    hands = Hands()
    hands.set("77", count_down=60)
    hands.set("", LOCAL, count_down=30)
    hands.put(Tick(), after_s=30)
    assert hands.last == ("on", {"why": "countdown", "by": "local anna", "request": ""})


def test_who_set_a_countdown_is_known_after_a_restart():
    hands = Hands(on_start="restore")
    hands.set("1", power_switch=True)
    hands.set("77", count_down=4, after_s=0.5)
    hands.restart()
    hands.put(Tick(), after_s=4)
    assert hands.last == ("off", {"why": "countdown", "by": "cloud aliyun", "request": "77"})


def test_a_delayed_closing_names_who_asked_for_it():
    hands = Hands(min_off_s=100)
    hands.set("5", power_switch=True)
    hands.put(Tick(), after_s=100)
    assert hands.last == ("on", {"why": "min_off_s", "by": "cloud aliyun", "request": "5"})


def test_a_closing_that_a_countdown_asked_for_names_who_set_that():
    hands = Hands(min_off_s=100)
    hands.set("77", count_down=20)
    hands.put(Tick(), after_s=20)
    assert hands.rows == []
    hands.put(Tick(), after_s=100)
    assert hands.last == ("on", {"why": "min_off_s", "by": "cloud aliyun", "request": "77"})


def test_a_countdown_that_ends_while_a_closing_waits_did_not_ask_for_that():
    hands = Hands(min_off_s=100)
    hands.set("77", LOCAL, count_down=20, ends_in=True)
    hands.set("5", power_switch=True)
    hands.put(Tick(), after_s=20)
    hands.put(Tick(), after_s=100)
    assert hands.last == ("on", {"why": "min_off_s", "by": "cloud aliyun", "request": "5"})


@pytest.mark.parametrize(
    ("events", "by"),
    [
        ([ButtonEdge(is_pressed=True), ButtonEdge(is_pressed=False)], "button"),
        ([Toggle(origin=LOCAL)], "local anna"),
    ],
)
def test_a_hand_at_the_socket_is_named_too(events, by):
    hands = Hands(min_off_s=100)
    for event in events:
        hands.put(event, after_s=0.1)
    hands.put(Tick(), after_s=100)
    assert hands.last == ("on", {"why": "min_off_s", "by": by, "request": ""})


def test_a_kept_state_of_an_earlier_version_has_no_name():
    hands = Hands(on_start="restore")
    hands.set("1", power_switch=True)
    hands.set("77", count_down=4, after_s=0.5)
    _, kept = save(hands.state, "test", hands.now)
    old = {name: value for name, value in kept.saved.items() if name != "countdown_by"}
    found = Found(saved=old, cause=StartCause.RESTART, is_held_on=True)
    hands.state, _ = hands.device.start(found, hands.now)
    hands.put(Tick(), after_s=4)
    assert hands.last == ("off", {"why": "countdown"})
