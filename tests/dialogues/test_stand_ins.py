"""A stand-in has the shape of what it stands for, and shows that it is one."""

import re

from hypothesis import given
from hypothesis import strategies as st

from agent.clouds.dialogue.stand_ins import StandIns, is_stand_in, stand_in


def shape(text):
    digits = re.sub("[0-9]", "0", text)
    return re.sub("[A-Z]", "A", re.sub("[a-z]", "a", digits))


@given(text=st.text(st.characters(codec="ascii", exclude_characters="\\%")), number=st.booleans())
def test_a_stand_in_has_the_same_shape_and_is_known_as_one(text, number):
    made = stand_in(text, int(number))
    assert shape(made) == shape(text)
    assert is_stand_in(made)
    assert StandIns().of(made) == made


@given(st.text())
def test_no_letter_of_any_script_stays(text):
    made = StandIns().of(text)
    assert is_stand_in(made)
    assert StandIns().of(made) == made
    kept = zip(made, text, strict=True) if "\\" not in text and "%" not in text else ()
    assert all(new == old or old.isalnum() for new, old in kept)


@given(
    st.lists(
        st.text("ABCXYZ", min_size=2, max_size=2).flatmap(
            lambda head: st.integers(1000, 9999).map(lambda number: f"{head}{number}xyz")
        ),
        unique=True,
        max_size=30,
    )
)
def test_different_texts_get_different_stand_ins_and_the_same_text_the_same(texts):
    made = StandIns()
    first = [made.of(text) for text in texts]
    assert [made.of(text) for text in texts] == first
    real = [each for each, text in zip(first, texts, strict=True) if not is_stand_in(text)]
    assert len(set(real)) == len(real)


def test_a_stand_in_that_is_there_already_is_left_to_its_owner():
    assert StandIns("x dev1 aaa1 y").of("dev1") == "aaa2"


def test_a_shape_with_too_few_stand_ins_shares_one():
    made = StandIns()
    assert [made.of(text) for text in ("7", "8")] == ["1", "1"]
    assert [made.of(text) for text in ("z", "y", "x", "w", "v", "u")] == [*"baaaaa"]


def test_what_stands_for_one_character_stays_as_it_is():
    assert StandIns().of("Ky\\u003d%3D/9") == "Aa\\u003d%3D/1"
    assert StandIns().of("客厅-7") == "某某-1"


def test_what_means_something_is_no_stand_in():
    for text in ("dev1", "CS0SLTKSYA", "aaaa9999", "1234567", "b0b0b0b0"):
        assert not is_stand_in(text)
    for text in ("", "***", "1000001", "aaa1"):
        assert is_stand_in(text)
