"""The rules of a device beside those of its file."""

from dataclasses import replace

import pytest

from agent.automation.rules.book import (
    EMPTY,
    MAX_RULES,
    Added,
    Edit,
    Remembered,
    RuleBook,
    active,
    edited,
    listed,
    remembered,
)
from agent.automation.rules.memory import FRESH, Memory
from agent.devices.socket.thing_table import SOCKET
from agent.messages import Refusal, RefusalKind

OFF = "when voltage < 5: off"
ON = "when voltage < 5: on"
FILE = {"mine": OFF}


def after(book, *edits, from_file=FILE):
    for edit in edits:
        book = edited(book, edit, from_file, SOCKET)
        assert isinstance(book, RuleBook), book
    return book


def test_the_files_rules_come_first_and_win():
    book = RuleBook(added=(Added(name="mine", text=ON), Added(name="other", text=ON)))
    assert [each[:4] for each in listed(book, FILE)] == [
        ("mine", OFF, True, True),
        ("other", ON, False, True),
    ]
    assert [(each.name, each.text) for each in active(book, FILE)] == [("mine", OFF), ("other", ON)]


def test_what_is_disabled_or_not_understood_is_not_at_work():
    added = (Added(name="a", text=ON), Added(name="b", text="whenever"))
    book = RuleBook(added=added, disabled=("a", "mine"))
    assert list(active(book, FILE)) == []
    assert [each.rule is None for each in listed(book, FILE)] == [False, False, True]


def test_a_rule_is_written_in_its_one_form_and_may_come_disabled():
    book = after(EMPTY, Edit(name="a", text="when voltage<5:off", is_enabled=False))
    assert book == RuleBook(added=(Added(name="a", text=OFF),), disabled=("a",))
    assert after(book, Edit(name="a", text=ON)).disabled == ("a",)
    assert after(book, Edit(name="a", text=ON, is_enabled=True)).disabled == ()


def test_a_removed_rule_leaves_nothing_behind():
    book = after(EMPTY, Edit(name="a", text=OFF, is_enabled=False), Edit(name="a", removes=True))
    assert book == EMPTY


def test_an_edit_that_says_nothing_changes_nothing():
    assert after(EMPTY, Edit(name="mine")) is EMPTY


def test_a_shadowed_rule_can_only_be_changed_in_the_file():
    book = RuleBook(added=(Added(name="mine", text=ON),))
    refusal = edited(book, Edit(name="mine", removes=True), FILE, SOCKET)
    assert isinstance(refusal, Refusal)
    assert refusal.kind is RefusalKind.READ_ONLY


def test_a_disabled_rule_forgets_and_another_text_begins_anew():
    spent = Memory(is_spent=True)
    rows = (Remembered(name="mine", text=OFF, memory=spent),)
    book = RuleBook(memory=rows)
    assert remembered(book, "mine", OFF) == spent
    assert remembered(book, "mine", ON) == FRESH
    assert remembered(book, "other", OFF) == FRESH
    turned = after(book, Edit(name="mine", is_enabled=False), Edit(name="mine", is_enabled=True))
    assert remembered(turned, "mine", OFF) == FRESH


def test_only_flags_mark_a_change_not_a_time_that_runs():
    row = Remembered(name="mine", text=OFF, memory=Memory(since=5.0))
    assert RuleBook(memory=(row,)).marks == EMPTY.marks
    for memory in (Memory(is_spent=True), Memory(is_ready=True), Memory(fired=(1.0,))):
        assert RuleBook(memory=(replace(row, memory=memory),)).marks != EMPTY.marks
    assert RuleBook(disabled=("a",)).marks != EMPTY.marks


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (Edit(name="b", text="when voltage < 5: of"), RefusalKind.MALFORMED),
        (Edit(name="B", text=OFF), RefusalKind.MALFORMED),
        (Edit(name="b", text=OFF), RefusalKind.NOT_ALLOWED),
        (Edit(name="b", is_enabled=True), RefusalKind.UNKNOWN_NAME),
        (Edit(name="b", removes=True), RefusalKind.UNKNOWN_NAME),
        (Edit(name="mine", text=OFF), RefusalKind.READ_ONLY),
    ],
)
def test_every_refusal_has_its_kind(edit, kind):
    full = RuleBook(added=tuple(Added(name=f"r{n}", text=OFF) for n in range(MAX_RULES)))
    refusal = edited(full, edit, FILE, SOCKET)
    assert isinstance(refusal, Refusal)
    assert refusal.kind is kind
