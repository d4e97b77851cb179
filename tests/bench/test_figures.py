"""The figures and the table, and how times are paired."""

import pytest

from bench.figures import Row, Spread, table
from bench.on import taken
from bench.several import HEADS, ratios
from bench.stage import AGENT, FLOOR
from bench.switch import movements
from bench.trip import delays_ms

MS = 1_000_000


def test_a_few_rounds_are_a_median_with_its_bounds():
    spread = Spread.of([3.0, 1.0, 2.0])
    assert spread.rounds == "2.0 [1.0-3.0]"
    assert spread.bounded(2) == "2.00 [1.00-3.00]"


def test_many_values_have_a_tail():
    spread = Spread.of(float(number) for number in range(1, 201))
    assert (spread.p50, spread.p99, spread.most) == (100.5, 199.0, 200.0)


def test_a_ratio_is_how_often_one_goes_into_three():
    assert ratios(Spread.of([3.0]), Spread.of([2.0])) == "x 1.50 p50, x 1.50 p99"


def test_a_table_has_the_heads_of_its_part_and_says_what_was_missed():
    row = Row(what="a", agent="3", floor="1", compared="x 3", aim="x 2", is_met=False)
    heads, line = table([row], HEADS).splitlines()
    assert heads.split("  ")[-1] == "aim"
    assert "three clouds" in heads
    assert line.split() == ["a", "3", "1", "x", "3", "x", "2", "MISSED"]


def test_a_frame_is_paired_with_the_movement_before_the_next_one():
    sent = [100 * MS, 200 * MS]
    assert delays_ms(sent, [5 * MS, 101 * MS, 202 * MS, 900 * MS]) == [1.0, 2.0]


def test_a_frame_that_opened_nothing_is_left_out():
    sent = [number * 100 * MS for number in range(1, 41)]
    driven = [at + MS for at in sent[:7] + sent[8:]]
    assert delays_ms(sent, driven) == [1.0] * 39


@pytest.mark.parametrize("driven", [[], [101 * MS], [201 * MS, 202 * MS]])
def test_many_that_opened_nothing_are_an_error(driven: list[int]):
    with pytest.raises(RuntimeError, match="of 2 frames opened the relay"):
        delays_ms([100 * MS, 200 * MS], driven)


def test_movements_are_counted_from_the_begin_and_before_the_end():
    assert movements([1, 2, 3, 4], 2, 4) == 2


def test_each_start_is_paired_with_its_movement_without_the_first_round():
    sent = [(side, number * MS) for number, side in enumerate([AGENT, AGENT, FLOOR, FLOOR] * 2)]
    driven = [started + (2 if side == AGENT else 1) * MS for side, started in sent]
    closed_at_the_end = 100 * MS
    assert taken(sent, [*driven, closed_at_the_end]) == {AGENT: [2.0, 2.0], FLOOR: [1.0, 1.0]}
