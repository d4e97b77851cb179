"""What comes back from the service manager: taken for what it was given as, or refused aloud."""

import os
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.app.held import HeldLines, is_worth_keeping, line_name, name_to_keep
from agent.devices.effects import MAIN
from agent.errors import DriverError
from agent.ports import HeldLine, Line
from agent.settings.relays import RelaySettings
from agent.systemd import Notifier
from tests.service.notify import fake_manager

LINE = Line(driver="gpiod", address="/dev/gpiochip0:17", active_high=True)
NAME = line_name("socket-1", LINE)


def probe(_descriptor):
    return HeldLine(line=LINE, is_on=True)


def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


class Held:
    """Lines that came back, and what the manager is told about them."""

    def __init__(self, manager, notifier, names):
        self.manager = manager
        self.descriptors = [os.open(os.devnull, os.O_RDONLY) for _ in names]
        self.lines = HeldLines(notifier, list(zip(names, self.descriptors, strict=True)))

    def told(self):
        """The names that the manager is told to drop, so far."""
        found = []
        while True:
            try:
                found.append(self.manager.next(0).fields["FDNAME"])
            except BlockingIOError:
                return found


@pytest.fixture
def came_back(tmp_path):
    with fake_manager(tmp_path) as manager, Notifier(manager.environ) as notifier:
        yield lambda *names: Held(manager, notifier, names)


def test_a_line_is_taken_back_once_and_stays_held(came_back):
    held = came_back(NAME)
    assert held.lines.close_others(["socket-1"]) == ()
    with capture_logs() as logs:
        taken = held.lines.take("socket-1", {MAIN: probe}).get(MAIN)
    assert (taken.name, taken.descriptor, taken.is_on) == (NAME, held.descriptors[0], True)
    assert logs[0]["event"] == "line.taken_back"
    assert held.lines.take("socket-1", {MAIN: probe}) == {}
    assert is_open(taken.descriptor)
    assert held.told() == []
    os.close(taken.descriptor)


def forbidden(_descriptor):
    raise DriverError("GPIO17: no permission")


@pytest.mark.parametrize(
    ("names", "asked", "reason"),
    [
        ((NAME,), lambda _: None, "not a claim on the line"),
        ((NAME,), forbidden, "no permission"),
        (
            (line_name("socket-1", Line(driver="gpiod", address="x:1", active_high=True)),),
            probe,
            "not a claim on the line",
        ),
        ((NAME, NAME), probe, "more than one"),
    ],
)
def test_a_line_that_does_not_fit_is_closed_dropped_and_told(came_back, names, asked, reason):
    held = came_back(*names)
    with capture_logs() as logs:
        assert held.lines.take("socket-1", {MAIN: asked}) == {}
    assert held.told() == list(names)
    assert not any(is_open(each) for each in held.descriptors)
    assert {entry["event"] for entry in logs} == {"line.refused"}
    assert reason in logs[0]["reason"]


def test_what_belongs_to_nobody_here_is_closed_and_dropped(came_back):
    gone, foreign = line_name("socket.2", LINE), "stored"
    held = came_back(NAME, gone, foreign)
    assert held.lines.close_others(["socket-1"]) == (gone, foreign)
    assert [is_open(each) for each in held.descriptors] == [True, False, False]
    assert held.told() == [gone, foreign]
    os.close(held.descriptors[0])


def test_a_line_is_held_while_it_has_a_name_and_dropped_when_it_has_none_any_more(came_back):
    held = came_back(NAME)
    taken = held.lines.take("socket-1", {MAIN: probe}).get(MAIN)
    relay = SimpleNamespace(descriptor=taken.descriptor, line=LINE)
    held.lines.settle(NAME, relay, taken)
    assert held.manager.next().fields == {"FDSTORE": "1", "FDNAME": NAME}
    held.lines.settle("", relay, taken)
    assert held.manager.next().fields == {"FDSTOREREMOVE": "1", "FDNAME": NAME}
    held.lines.settle("", relay, None)
    held.lines.drop("")
    assert held.told() == []
    os.close(taken.descriptor)


@pytest.mark.parametrize(
    ("on_start", "is_kept"),
    [
        ("off", False),
        ("on", True),
        ("restore", True),
        ({"restart": "restore"}, True),
        ({"crash": "on"}, True),
        ({"update": "restore"}, True),
        ({"first": "on", "reboot": "restore", "power_loss": "on"}, False),
    ],
)
def test_a_line_is_held_where_a_start_of_this_boot_would_close_again(on_start, is_kept):
    settings = RelaySettings.model_validate({"on_start": on_start})
    assert is_worth_keeping(settings) is is_kept
    relay = SimpleNamespace(line=LINE, descriptor=3)
    assert name_to_keep("socket-1", relay, settings) == (NAME if is_kept else "")


@pytest.mark.parametrize(("line", "descriptor"), [(None, 3), (LINE, None)])
def test_a_line_that_cannot_be_held_has_no_name(line, descriptor):
    relay = SimpleNamespace(line=line, descriptor=descriptor)
    assert name_to_keep("socket-1", relay, RelaySettings(on_start="on")) == ""


ids = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
lines = st.builds(Line, driver=st.text(), address=st.text(), active_high=st.booleans())


@given(ours=ids, theirs=ids, line=lines, other=lines)
def test_a_name_tells_its_device_and_its_line_and_fits_into_the_protocol(ours, theirs, line, other):
    name = line_name(ours, line)
    assert len(name) <= 255
    assert name.isascii()
    assert name.isprintable()
    assert ":" not in name
    assert (line_name(ours, other) == name) is (other == line)
    held = HeldLines(Notifier({}), [(name, os.open(os.devnull, os.O_RDONLY))])
    assert held.close_others([ours]) == ()
    assert held.close_others([theirs]) == (() if ours == theirs else (name,))
    assert (held.take(ours, {MAIN: lambda _: None}), held.close_others([])) == ({}, ())


@given(name=st.text(max_size=80))
def test_any_name_is_someones_or_refused(name):
    held = HeldLines(Notifier({}), [(name, os.open(os.devnull, os.O_RDONLY))])
    held.close_others(["socket-1"])
    taken = held.take("socket-1", {MAIN: probe}).get(MAIN)
    assert (taken is not None) is (name == NAME)
    if taken:
        os.close(taken.descriptor)


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_was_taken_and_is_not_driven_is_closed_where_it_is_still_ours(came_back, is_ours):
    held = came_back(NAME)
    taken = held.lines.take("socket-1", {MAIN: probe})[MAIN]
    held.lines.abandon(taken, probe if is_ours else lambda _: None)
    assert is_open(taken.descriptor) is not is_ours
    assert held.told() == [NAME]
    if not is_ours:
        os.close(taken.descriptor)
