"""Generations: the newest valid one wins, and nothing is ever read that was not written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model import Condition
from agent.store.contents import Kept, following
from agent.store.generation import (
    Slot,
    choose,
    crc_of,
    newest,
    parse,
    scan,
    to_json,
    written,
)

DEVICES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
SEQUENCES = st.integers(1, 10**12)
TEXTS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=40)).map(to_json)
GENERATIONS = st.tuples(DEVICES, SEQUENCES, TEXTS)


def bytes_of(generation):
    return written(*generation).encode()


def found(data):
    return [(each.device, each.sequence, each.text) for each in scan(data)]


@given(st.lists(st.binary(max_size=60) | GENERATIONS, max_size=8))
def test_every_generation_is_found_among_any_garbage_and_nothing_else(pieces):
    data = b"".join(each if isinstance(each, bytes) else bytes_of(each) for each in pieces)
    assert found(data) == [each for each in pieces if not isinstance(each, bytes)]


@given(GENERATIONS, st.data())
def test_a_generation_that_is_cut_or_changed_is_not_found(generation, data):
    whole = bytes_of(generation)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert found(whole[:cut]) == []
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(whole)
    changed[at] ^= 1 << bit
    assert found(bytes(changed)) in ([], [generation])  # a letter of %-encoding may change case


@given(GENERATIONS, st.binary(max_size=30))
def test_a_header_that_promises_another_does_not_hide_it(generation, garbage):
    data = b"polycloud:1:x:7:4000:00000000:" + garbage + bytes_of(generation)
    assert generation in found(data)


@given(st.text(max_size=30))
def test_what_others_write_is_never_taken_for_a_generation(text):
    forged = {"key": f"{text}{written('socket-1', 10**17, '{}')}"}
    assert found(to_json(forged).encode()) == []


@given(st.lists(GENERATIONS, max_size=8))
def test_the_newest_of_each_device_is_the_one_of_the_highest_sequence(generations):
    chosen = newest(each for g in generations for each in scan(bytes_of(g)))
    assert {d: g.sequence for d, g in chosen.items()} == {
        device: max(s for d, s, _ in generations if d == device) for device, _, _ in generations
    }


def slot_of(slot, sequence, text="{}", device="socket-1"):
    return Slot(
        slot=slot,
        sequence=sequence,
        crc=crc_of(device, sequence, text),
        saved=written(device, sequence, text),
    )


def test_the_newer_of_two_whole_generations_is_used():
    kept = choose("socket-1", [slot_of(0, 7, '{"n":7}'), slot_of(1, 6, '{"n":6}')])
    assert kept == Kept(text='{"n":7}', sequence=7, slot=0)


DAMAGE = [
    lambda slot: replace(slot, saved=slot.saved[:-1] + "?"),
    lambda slot: replace(slot, saved=slot.saved[:20]),
    lambda slot: replace(slot, saved=""),
    lambda slot: replace(slot, crc=slot.crc ^ 1),
    lambda slot: replace(slot, sequence=slot.sequence + 500),
    lambda slot: replace(slot, saved=slot.saved.replace("socket-1", "socket-2")),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_newest_gives_the_one_before_and_says_so(damage):
    kept = choose("socket-1", [damage(slot_of(0, 7)), slot_of(1, 6, '{"n":6}')])
    assert kept.text == '{"n":6}'
    assert kept.condition is Condition.OLDER
    assert following(kept, "{}") == Kept(text="{}", sequence=8, slot=0)


def test_a_damaged_older_one_is_nobodys_concern():
    kept = choose("socket-1", [slot_of(0, 7), DAMAGE[0](slot_of(1, 6))])
    assert kept.condition is Condition.GOOD
    assert following(kept, "{}").slot == 1


@pytest.mark.parametrize("damage", DAMAGE)
def test_two_damaged_ones_are_lost(damage):
    kept = choose("socket-1", [damage(slot_of(0, 7)), damage(slot_of(1, 6))])
    assert (kept.text, kept.condition) == (None, Condition.LOST)


def test_a_place_that_is_no_place_is_given_up_with_the_next_save():
    kept = choose("socket-1", [slot_of(9, 7)])
    assert kept == Kept(text="{}", sequence=7, slot=None)
    assert following(kept, "{}") == Kept(text="{}", sequence=8, slot=0)


@given(st.lists(st.sampled_from(["a", "b"]), max_size=20))
def test_saves_go_to_the_two_places_by_turns_with_rising_sequences(saves):
    kept: dict[str, Kept] = {}
    for device in saves:
        before = kept.get(device)
        kept[device] = following(before, "{}")
        if before is not None:
            assert kept[device].sequence == before.sequence + 1
            assert kept[device].slot != before.slot


def test_a_length_beyond_reason_is_not_read():
    assert parse(b"polycloud:1:a:1:99999999:00000000:" + b"x" * 99) is None
