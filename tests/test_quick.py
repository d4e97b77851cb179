"""Values that are made quickly are as any other: frozen, equal, hashed, shown, copied."""

from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.quick import changer, quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    at: float
    name: str = "none"
    rows: list[int] = field(default_factory=list[int])


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Quick:
    at: float
    name: str = "none"
    rows: list[int] = field(default_factory=list[int])


def test_it_is_as_frozen_as_before():
    value = Quick(at=1.0)
    with pytest.raises(FrozenInstanceError):
        value.at = 2.0  # type: ignore[misc]  # that is what is tested
    with pytest.raises(FrozenInstanceError):
        del value.name
    with pytest.raises((AttributeError, TypeError)):
        value.other = 1  # type: ignore[attr-defined]  # that is what is tested


def test_nothing_is_left_of_the_class_that_was_open():
    assert type(Quick(at=1.0)) is Quick
    assert repr(Quick(at=1.0)) == repr(Plain(at=1.0)).replace("Plain", "Quick")


def test_a_factory_makes_a_value_of_its_own_each_time():
    first, second = Quick(at=1.0), Quick(at=1.0)
    assert first.rows == []
    assert first.rows is not second.rows
    assert first == second


@pytest.mark.parametrize("given_", [{}, {"at": 1.0, "others": 2}])
def test_what_is_missing_or_unknown_is_said_as_before(given_: dict[str, float]):
    with pytest.raises(TypeError, match=r"Quick\.__init__\(\)"):
        Quick(**given_)


def test_a_positional_value_is_refused():
    with pytest.raises(TypeError, match="positional"):
        Quick(1.0)  # type: ignore[misc]  # that is what is tested


@given(at=st.floats(allow_nan=False), name=st.text(), rows=st.lists(st.integers()))
def test_it_is_made_and_copied_as_the_plain_one(at: float, name: str, rows: list[int]):
    made, plain = Quick(at=at, name=name, rows=rows), Plain(at=at, name=name, rows=rows)
    for each in fields(Plain):
        assert getattr(made, each.name) == getattr(plain, each.name)
    assert replace(made, name="other") == Quick(at=at, name="other", rows=rows)
    assert (made == Quick(at=at, name="other", rows=rows)) is (name == "other")


@given(at=st.floats(allow_nan=False), name=st.text(), rows=st.lists(st.integers()))
def test_a_changer_gives_what_replace_gives(at: float, name: str, rows: list[int]):
    before = Quick(at=0.0, rows=rows)
    after = changer(Quick, ("name", "at"))(before, name, at)
    assert after == replace(before, at=at, name=name)
    assert type(after) is Quick
    assert before == Quick(at=0.0, rows=rows)


def test_a_changer_knows_its_fields():
    with pytest.raises(AssertionError, match="Quick has no such fields"):
        changer(Quick, ("at", "nonsense"))


def test_a_value_that_looks_at_itself_is_not_for_this():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Looks:
        at: float

        def __post_init__(self) -> None:
            assert self.at

    with pytest.raises(AssertionError, match="looks at itself"):
        quick(Looks)
