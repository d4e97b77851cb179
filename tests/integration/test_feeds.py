"""`subscribe` on a whole agent: what is told, in which order, and that it costs nothing else."""

import asyncio
import contextlib

import pytest

from agent.control.client import ControlClient
from agent.control.listening import Listener
from agent.errors import ControlError
from agent.log_ring import LogRing
from tests.integration.config import DeviceFile
from tests.integration.test_parts import END_S, serving


class Told:
    """A client of an agent in this process; its calls are made in threads."""

    def __init__(self, path):
        self.listener = Listener(str(path), timeout_s=END_S)
        self.seen = []

    async def call(self, method, **params):
        return await asyncio.to_thread(self.listener.call, method, params)

    async def next(self, **fields):
        """Wait for a message with those fields; the others are seen, too."""
        messages = self.listener.told()
        async with asyncio.timeout(END_S):
            while True:
                message = await asyncio.to_thread(next, messages)
                self.seen.append(message)
                if fields.items() <= message.items():
                    return message

    def of(self, topic):
        return [each for each in self.seen if each["topic"] == topic]


@contextlib.asynccontextmanager
async def open_agent(tmp_path, **parts):
    config = DeviceFile(tmp_path)
    async with serving(config, **parts) as (service, _):
        async with asyncio.timeout(END_S):
            await service.ready.wait()
        told = Told(config.control_socket)
        await asyncio.to_thread(told.listener.__enter__)
        try:
            yield service, told, ControlClient(str(config.control_socket))
        finally:
            await asyncio.to_thread(told.listener.__exit__, None, None, None)


async def switch(control, *, on):
    await asyncio.to_thread(control.call, "set", {"values": {"power_switch": on}})


async def test_the_whole_snapshot_comes_first_and_then_what_changes(tmp_path):
    async with open_agent(tmp_path) as (service, told, control):
        answer = await told.call("subscribe", topics=["values"], min_interval_s=0.1)
        assert answer == {"subscription": 1, "topics": ["values"], "devices": ["socket-1"]}
        first = await told.next()
        assert first["is_whole"]
        assert (first["topic"], first["device"]) == ("values", "socket-1")
        names = [row.field.name for row in service.devices["socket-1"].thing.properties]
        assert list(first["values"]) == names
        await switch(control, on=True)
        values = {}
        while values.get("active_power", 0) != 60.0:
            message = await told.next(topic="values")
            assert not message["is_whole"]
            assert message["values"], "nothing is told where nothing has changed"
            values |= message["values"]
        assert values["power_switch"] is True


async def test_a_switch_is_told_at_once_however_long_the_interval(tmp_path):
    async with open_agent(tmp_path) as (_, told, control):
        await told.call("subscribe", topics=["values"], min_interval_s=3600)
        await told.next()
        for on in (True, False):
            await switch(control, on=on)
            message = await told.next()
            assert message["values"]["power_switch"] is on
        assert len(told.seen) == 3


async def test_rows_of_the_journal_are_told_as_events_gives_them(tmp_path):
    async with open_agent(tmp_path) as (_, told, control):
        await told.call("subscribe", topics=["journal"])
        await switch(control, on=True)
        row = (await told.next(topic="journal"))["row"]
        given = await asyncio.to_thread(control.call, "events", {"limit": 1})
        (newest,) = given["rows"]
        assert {**newest, "number": None} == row
        assert (row["topic"], row["name"], row["details"]["why"]) == ("relay", "on", "command")


async def test_lines_of_the_log_are_told_from_any_thread(tmp_path):
    ring = LogRing()
    async with open_agent(tmp_path, ring=ring) as (_, told, _control):
        await told.call("subscribe", topics=["log"])
        await asyncio.to_thread(ring.keep, None, "", {"event": "x.y", "level": "error", "n": 1})
        line = (await told.next(topic="log"))["line"]
        assert (line["event"], line["level"], line["n"]) == ("x.y", "error", 1)
        kept = await told.call("log", limit=1, level="error")
        assert kept["lines"] == [line]
        assert (await told.call("log", since=line["time"] + 1))["lines"] == []


async def test_nothing_listens_while_nobody_is_subscribed(tmp_path):
    ring = LogRing()
    async with open_agent(tmp_path, ring=ring) as (service, told, _):
        device = service.devices["socket-1"]
        watchers = device.watchers
        idle = (watchers.deciding, watchers.linking, ring.heard, service._store._records.heard)
        assert idle == (set(), set(), None, None)
        answer = await told.call("subscribe", topics=["values", "journal", "links", "log"])
        assert watchers.deciding
        assert watchers.linking
        await told.call("unsubscribe", subscription=answer["subscription"])
        idle = (watchers.deciding, watchers.linking, ring.heard, service._store._records.heard)
        assert idle == (set(), set(), None, None)


async def test_a_client_that_goes_is_unsubscribed(tmp_path):
    async with open_agent(tmp_path) as (service, told, control):
        await told.call("subscribe", topics=["values"])
        await asyncio.to_thread(told.listener.__exit__, None, None, None)
        watchers = service.devices["socket-1"].watchers
        async with asyncio.timeout(END_S):
            while watchers.deciding:
                await asyncio.to_thread(control.call, "status")


async def test_a_subscription_belongs_to_its_connection(tmp_path):
    async with open_agent(tmp_path) as (_, told, control):
        answer = await told.call("subscribe", topics=["log"])
        with pytest.raises(ControlError, match="no subscription 1 on this connection"):
            await asyncio.to_thread(control.call, "unsubscribe", answer_of(answer))
        await told.call("unsubscribe", **answer_of(answer))
        with pytest.raises(ControlError, match="no subscription 1"):
            await told.call("unsubscribe", **answer_of(answer))


def answer_of(answer):
    return {"subscription": answer["subscription"]}


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({}, "'topics' is needed"),
        ({"topics": []}, "topics is empty; allowed: values, journal, links, log"),
        ({"topics": ["valeus"]}, "allowed: a list of: values, journal, links, log"),
        ({"topics": ["values"], "device": "x"}, "no device is called 'x'"),
        ({"topics": ["values"], "min_interval_s": 0}, r"a number from 0\.1 to 3600"),
    ],
)
async def test_what_cannot_be_subscribed_says_what_can(tmp_path, params, says):
    async with open_agent(tmp_path) as (_, told, _control):
        with pytest.raises(ControlError, match=says):
            await told.call("subscribe", **params)


async def test_a_connection_has_a_bounded_number_of_subscriptions(tmp_path):
    async with open_agent(tmp_path) as (_, told, _control):
        for _ in range(16):
            await told.call("subscribe", topics=["log"])
        with pytest.raises(ControlError, match="16 subscriptions are open"):
            await told.call("subscribe", topics=["log"])


async def test_one_that_does_not_read_gets_the_whole_snapshot_again(tmp_path):
    async with open_agent(tmp_path) as (service, told, control):
        await told.call("subscribe", topics=["values", "journal", "log"], min_interval_s=0.1)
        count = 0
        while not misses(service):
            await switch(control, on=not count % 2)
            count += 1
            assert count < 20_000, "what waits for it is not bounded"
        message = await told.next()
        while "missed" not in message:
            message = await told.next()
        whole = await told.next(topic="values")
        assert whole["is_whole"]
        assert whole["values"]["power_switch"] is (count % 2 == 1)


def misses(service):
    return any(each.missed for each, _, _ in service._methods._feeds._open.values())
