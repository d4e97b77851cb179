"""A clock that begins in 1970, jumps and goes back: what is stamped, and what is told of it."""

from dataclasses import replace

import pytest

from agent import BUILD_TIME
from agent.clock import SystemClock
from agent.keepers import SyncFacts
from agent.model import Trust

NOW = BUILD_TIME + 86_400.0
HOURS_8 = 8 * 3600.0
SET_BEFORE_S = 20.0


class Machine:
    """A machine whose clock is set by its keeper or by somebody else; `right` is the truth."""

    def __init__(self, wall: float = NOW, keeper: str | None = "timesyncd") -> None:
        self.at, self.wall, self.right = 100.0, wall, NOW
        self.keeper = keeper
        self.facts = SyncFacts(**({} if keeper is None else {keeper: False}))
        self.clock = SystemClock(
            probe=lambda: self.facts,
            wall=lambda: self.wall,
            monotonic=lambda: self.at,
            boot=lambda: self.at,
        )
        self.clock.stamp()

    def pass_(self, seconds: float) -> None:
        self.at += seconds
        self.wall += seconds
        self.right += seconds

    def set_right(self) -> None:
        """Let the keeper set it, and note that, as it does each time that it asks its server."""
        self.wall = self.right
        self.facts = replace(self.facts, **{self.keeper or "kernel": True}, set_at=self.wall)

    def kept(self) -> "Machine":
        self.set_right()
        self.pass_(SET_BEFORE_S)
        self.clock.changes()
        return self

    def told(self):
        """What has changed, as names and numbers."""
        found = []
        for change in self.clock.changes():
            if change.by_s is not None:
                found.append(("step", change.by_s))
            if change.rise is not None:
                found.append(("rise", change.rise.trust))
            if change.repair is not None:
                found.append(("repair", change.repair.trust))
        return found


def test_what_was_stamped_in_1970_is_repaired_when_the_keeper_has_set_the_clock():
    machine = Machine(wall=0.0)
    early = machine.clock.stamp()
    assert (early.wall_time, early.trust) == (None, Trust.UNKNOWN)
    assert machine.clock.wall_time_at(early.at) is None
    machine.pass_(60)
    machine.set_right()
    step, rise, repair = machine.told()
    assert step == ("step", NOW)
    assert (rise, repair) == (("rise", Trust.SYNCHRONISED), ("repair", Trust.SYNCHRONISED))
    assert machine.clock.wall_time_at(early.at) == pytest.approx(NOW)
    assert machine.told() == []


@pytest.mark.parametrize("by_s", [HOURS_8, -3600.0])
@pytest.mark.parametrize("keeper", ["timesyncd", "chrony"])
def test_a_jump_of_a_kept_clock_moves_no_stamp_and_is_told(keeper: str, by_s: float):
    machine = Machine(keeper=keeper).kept()
    machine.wall += by_s
    for _ in range(3):
        stamp = machine.clock.stamp()
        assert stamp.wall_time == pytest.approx(machine.right)
        assert stamp.trust is Trust.SYNCHRONISED
        machine.pass_(30)
    assert machine.told() == [("step", by_s)]
    assert "somebody has set it" in machine.clock.judgement().reason
    machine.set_right()
    assert machine.told() == [("step", -by_s)]
    assert machine.clock.judgement().reason.endswith(f"{keeper} says that it is synchronised")


def test_a_jump_right_after_the_keepers_own_note_is_doubted_too():
    machine = Machine().kept()
    machine.clock.stamp()
    machine.pass_(1)
    machine.set_right()
    machine.pass_(1)
    machine.wall += HOURS_8
    assert machine.clock.wall_time() == pytest.approx(machine.right)


def test_a_step_of_the_keeper_itself_is_taken_over_and_repairs():
    machine = Machine().kept()
    machine.right += 3600.0
    machine.set_right()
    assert machine.told() == [("step", 3600.0), ("repair", Trust.SYNCHRONISED)]
    assert machine.clock.wall_time() == pytest.approx(machine.right)


def test_the_kernel_forgets_at_once_so_what_it_says_after_a_step_counts():
    machine = Machine(keeper="kernel").kept()
    machine.right += 5.0
    machine.set_right()
    machine.facts = replace(machine.facts, set_at=None)
    assert machine.told() == [("step", 5.0), ("repair", Trust.SYNCHRONISED)]


def test_a_keeper_that_is_gone_takes_nothing_back():
    machine = Machine().kept()
    machine.facts = SyncFacts(timesyncd=False)
    machine.pass_(6)
    stamp = machine.clock.stamp()
    assert stamp.wall_time == pytest.approx(machine.right)
    assert stamp.trust is Trust.SYNCHRONISED


def test_a_clock_that_nobody_keeps_is_believed_as_it_is_set():
    machine = Machine(wall=NOW - HOURS_8, keeper=None)
    assert machine.clock.stamp().trust is Trust.PLAUSIBLE
    machine.clock.changes()
    machine.wall = machine.right
    assert machine.told() == [("step", HOURS_8), ("repair", Trust.PLAUSIBLE)]


def test_a_keeper_that_comes_later_ends_what_was_only_plausible():
    machine = Machine(keeper=None)
    assert machine.clock.wall_time() is not None
    machine.facts = SyncFacts(timesyncd=False)
    machine.pass_(6)
    assert machine.clock.stamp().wall_time is None


# ── a platform's word ───────────────────────────────────────────────────────────────────────


def test_a_platforms_time_is_used_where_nobody_keeps_the_clock_and_tls_does_not_believe_it():
    machine = Machine(wall=0.0)
    machine.clock.changes()
    machine.clock.learn(machine.right)
    assert machine.told() == [("rise", Trust.PLATFORM), ("repair", Trust.PLATFORM)]
    machine.pass_(3600)
    assert machine.clock.wall_time() == pytest.approx(machine.right)
    assert not machine.clock.tls_is_possible()
    assert machine.clock.describe()["source"] == "platform"


def test_a_platforms_time_does_not_feel_the_machines_clock_and_gives_way_to_its_keeper():
    machine = Machine()
    machine.clock.learn(machine.right + 2.0)
    machine.wall -= 3600.0
    assert machine.clock.wall_time() == pytest.approx(machine.right + 2.0)
    machine.set_right()
    assert machine.clock.wall_time() == pytest.approx(machine.right)
    machine.clock.learn(machine.right + HOURS_8)
    assert machine.clock.wall_time() == pytest.approx(machine.right)


@pytest.mark.parametrize("wall_time", [0.0, BUILD_TIME - 1.0, 1e11, float("nan"), float("inf")])
def test_a_platforms_time_that_cannot_be_is_not_believed(wall_time: float):
    machine = Machine(wall=0.0)
    machine.clock.learn(wall_time)
    assert machine.clock.wall_time() is None


# ── what is told ────────────────────────────────────────────────────────────────────────────


def test_the_status_names_level_source_and_the_last_step():
    machine = Machine(wall=0.0)
    assert machine.clock.describe() == {
        "trusted": False,
        "trust": "unknown",
        "source": "nobody",
        "why": "timesyncd has not synchronised it yet",
        "last_step": None,
    }
    machine.set_right()
    found = machine.clock.describe()
    assert (found["trust"], found["source"]) == ("synchronised", "timesyncd")
    assert found["last_step"] == {"by_s": NOW, "at": 100.0, "wall_time": NOW}


def test_the_trust_that_a_process_starts_with_is_no_rise_but_repairs_what_an_earlier_one_stamped():
    machine = Machine(keeper=None)
    assert machine.told() == [("repair", Trust.PLAUSIBLE)]


def test_both_clocks_are_read_again_where_the_process_was_held_up_between_them():
    boots = iter([100.0, 109.0, 109.0, 109.0])
    clock = SystemClock(
        "system",
        wall=lambda: NOW + 9.0,
        monotonic=lambda: 0.0,
        boot=lambda: next(boots),
    )
    assert clock.stamp().at == 109.0


def test_a_year_after_2038_is_a_time_like_any_other():
    late = 2.0**31 + 86_400.0
    machine = Machine(wall=late, keeper=None)
    assert machine.clock.wall_time() == pytest.approx(late)
    machine.clock.learn(late + HOURS_8)
    assert machine.clock.wall_time() == pytest.approx(late + HOURS_8)
