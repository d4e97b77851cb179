"""The platform is asked for the time until one of its answers can be used."""

from dataclasses import replace

import pytest

from agent.clouds.time_question import AGAIN_S, MAX_ROUND_TRIP_S, PATIENCE_S
from agent.messages import TimeAnswer
from agent.model import Stamp, Trust
from tests.clouds.support import Bench, TestClock

SAID = TimeAnswer(server_received=1_800_000_000, server_sent=1_800_000_000)


class Doubtful(TestClock):
    """A clock of which the trust is given."""

    def __init__(self, trust: Trust) -> None:
        super().__init__()
        self.trust = trust

    def stamp(self) -> Stamp:
        return replace(super().stamp(), trust=self.trust)


def asked(bench: Bench) -> int:
    return sum(b'"time"' in each.payload for each in bench.transport.sent)


def answering(*after_s: float):
    """Answer at these times, each counted from the one before."""

    async def scenario(bench: Bench) -> None:
        for each in after_s:
            await bench.clock.sleep(each)
            bench.say("$sys/operation/result", type="get", time=1_800_000_000)

    return scenario


def unknown() -> Bench:
    return Bench(clock=TestClock(wall=None))


def test_an_answer_in_time_is_used_and_the_platform_is_left_alone():
    bench = unknown().run(answering(0.5), for_s=600)
    assert bench.times == [(SAID, pytest.approx(0.5))]
    assert asked(bench) == 1


def test_after_some_hours_it_is_asked_again():
    bench = unknown().run(answering(0.5, AGAIN_S), for_s=60)
    assert len(bench.times) == 2
    assert asked(bench) == 2


def test_an_answer_that_may_be_one_to_an_earlier_question_is_not_used_but_asked_for_again():
    bench = unknown().run(answering(PATIENCE_S + 0.5, 0.25), for_s=600)
    assert bench.times == [(SAID, pytest.approx(0.25))]
    assert asked(bench) == 3


def test_an_answer_that_took_long_is_not_used_and_asked_for_later():
    late_s = MAX_ROUND_TRIP_S + 0.5
    bench = unknown().run(answering(late_s, PATIENCE_S + 0.25), for_s=600)
    assert bench.times == [(SAID, pytest.approx(0.25))]
    assert asked(bench) == 2


def test_an_answer_that_nobody_asked_for_is_nothing():
    bench = unknown().run(answering(0.5, 1.0), for_s=600)
    assert len(bench.times) == 1


def test_without_an_answer_it_is_asked_less_and_less_often():
    assert asked(unknown().run(for_s=15 + 30 + 60 + 1)) == 4


@pytest.mark.parametrize("trust", list(Trust))
def test_it_is_asked_while_nobody_keeps_this_machine_s_clock(trust: Trust):
    bench = Bench(clock=Doubtful(trust)).run(for_s=5)
    assert asked(bench) == (trust is not Trust.SYNCHRONISED)
