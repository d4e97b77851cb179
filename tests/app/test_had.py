"""What a device had once is remembered where a cloud is told of it, and bounded."""

import asyncio

import pytest

from agent.app.had import MOST, Had
from agent.memory import ProcessMemory
from agent.settings.clouds import HomeassistantSettings, TencentSettings
from agent.thing import Action, Event, EventLevel, Field, Kind, Property, Thing

HOME = HomeassistantSettings(host="broker", device_name="one")
TENCENT = TencentSettings(product_id="CS0SLTKSYA", device_name="dev1")


def thing(*names):
    rows = tuple(
        Property(
            field=Field(name=name, kind=Kind.FLOAT, title=name, title_zh=""), read=lambda *_: None
        )
        for name in names
    )
    return Thing(
        kind="generic",
        properties=rows,
        events=(Event(name="fell", title="", title_zh="", level=EventLevel.INFO),),
        actions=(Action(name="blink", title="", title_zh=""),),
    )


def noted(memory, *names, clouds=(HOME,)):
    asyncio.run(Had(memory, "one").note(thing(*names), clouds))
    return Had(memory, "one")


def test_what_went_is_known_to_the_next_process_until_it_is_there_again():
    memory = ProcessMemory()
    assert noted(memory, "a", "b").gone(thing("a", "b")) == ()
    assert noted(memory, "b", "c").gone(thing("b", "c")) == ("a",)
    assert noted(memory, "c", "a").gone(thing("c", "a")) == ("b",)
    assert Had(memory, "another").gone(thing()) == ()


def test_nothing_is_written_where_no_cloud_is_told_or_nothing_is_new():
    memory = ProcessMemory()
    assert noted(memory, "a", clouds=(TENCENT,)).gone(thing("b")) == ()
    noted(memory, "a")
    kept = memory.remembered("one had")
    noted(memory, "a")
    assert memory.remembered("one had") == kept


def test_only_so_many_are_remembered():
    memory = ProcessMemory()
    had = noted(memory, *(f"x{number}" for number in range(MOST * 2)))
    assert len(had.gone(thing())) == MOST - 2


@pytest.mark.parametrize("text", [None, "", "{", "{}", "[1, null]", "[" * 9999])
def test_what_is_no_list_of_names_is_none(text):
    memory = ProcessMemory()
    asyncio.run(memory.remember("one had", "names", text))
    assert Had(memory, "one").gone(thing("a")) == ()
