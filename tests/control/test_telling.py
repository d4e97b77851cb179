"""What is told to clients beside answers: in order, bounded, and never in anybody's way."""

import asyncio
import contextlib
import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.control.connection import MAX_CLIENTS
from agent.control.methods import Streamed, streams_of
from agent.control.server import ControlServer
from agent.control.subscription import Subscription
from agent.control.waiting_lines import MOST_BYTES, MOST_LINES, WaitingLines
from agent.errors import ControlError
from tests.control.served import NO_GROUP, Agent


class Station:
    """Tells its subscribers what a test says."""

    def __init__(self):
        self.subscriptions = []
        self.caught_up = []
        self.ended = asyncio.Event()

    @property
    def streams(self):
        return streams_of([Streamed(name="subscribe", summary="", run=self.subscribe)])

    def subscribe(self, channel, params):
        del params
        number = len(self.subscriptions) + 1
        subscription = Subscription(number, channel, frozenset(), 1.0)
        subscription.on_caught_up.append(lambda: self.caught_up.append(number))
        self.subscriptions.append(subscription)
        channel.add_end(self.ended.set)
        return {"subscription": number, "you": channel.origin.name}

    def tell(self, **about):
        return [each.tell("news", about) for each in self.subscriptions]


@pytest.fixture
async def station(tmp_path):
    made = Station()
    made.path, made.agent = tmp_path / "c.sock", Agent()
    methods = made.agent.methods()
    async with ControlServer(made.path, methods, made.streams, group=NO_GROUP) as made.server:
        yield made


class Client:
    def __init__(self, path):
        self.path = path

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_unix_connection(self.path, limit=2**24)
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def send(self, method, number=1):
        message = {"jsonrpc": "2.0", "method": method, "id": number}
        self.writer.write(json.dumps(message).encode() + b"\n")

    async def read(self):
        async with asyncio.timeout(10):
            return json.loads(await self.reader.readline())

    async def subscribe(self):
        self.send("subscribe")
        return (await self.read())["result"]["subscription"]

    async def told(self):
        message = await self.read()
        assert message["method"] == "told"
        assert "id" not in message
        return message["params"]


async def test_a_client_is_told_in_order_between_answers(station):
    async with Client(station.path) as client:
        number = await client.subscribe()
        for n in range(3):
            assert station.tell(n=n) == [True]
        client.send("echo", 7)
        assert [(await client.told())["n"] for _ in range(3)] == [0, 1, 2]
        assert (await client.read())["id"] == 7
        station.tell(n=3)
        told = await client.told()
    assert told == {"subscription": number, "topic": "news", "n": 3}


async def test_what_is_told_while_an_answer_is_waited_for_comes_after_it(station):
    async with Client(station.path) as client:
        await client.subscribe()
        client.send("wait", 2)
        async with Client(station.path) as other:
            other.send("echo")
            await other.read()
        station.tell(n=1)
        station.agent.gate.set()
        assert (await client.read())["id"] == 2
        assert (await client.told())["n"] == 1


async def test_a_client_that_goes_is_told_nothing_and_its_ends_are_called(station):
    async with Client(station.path) as client:
        await client.subscribe()
    async with asyncio.timeout(10):
        await station.ended.wait()
    assert station.tell(n=1) == [True]


async def test_what_waits_for_a_client_that_has_gone_is_dropped_in_silence(station, caplog):
    async with Client(station.path) as client:
        await client.subscribe()
        client.send("wait", 2)
        async with Client(station.path) as other:
            other.send("echo")
            await other.read()
        for n in range(20):
            station.tell(n=n)
    station.agent.gate.set()
    async with asyncio.timeout(10):
        await station.ended.wait()
    assert not caplog.records


@contextlib.contextmanager
def deaf(path):
    """A client that asks and never reads."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        yield client


async def fill(station, text="x" * 4000):
    """Tell the one subscriber until it misses something; give how many it was told."""
    told = 0
    while station.tell(n=told, text=text) == [True]:
        told += 1
        assert told < 10_000, "memory grows without a bound"
        await asyncio.sleep(0)
    return told


async def subscribed_and_deaf(station, client):
    client.sendall(b'{"jsonrpc":"2.0","method":"subscribe","id":1}\n')
    async with asyncio.timeout(10):
        while not station.subscriptions:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0)


async def test_a_client_that_does_not_read_misses_what_is_new_and_is_told_how_much(station):
    with deaf(station.path) as client:
        await subscribed_and_deaf(station, client)
        told = await fill(station)
        for n in range(4):
            assert station.tell(n=told + n) == [False]
        answer = await asyncio.to_thread(read_until_missed, client)
        assert [each["n"] for each in answer[1:-1]] == list(range(told))
        assert answer[-1] == {"subscription": 1, "missed": 5}
        assert station.caught_up == [1]
        assert station.tell(n="again") == [True]


def read_until_missed(client):
    """Read as a client that has woken up; the last message tells what it has missed."""
    found = []
    with client.makefile("rb") as lines:
        while not found or "missed" not in found[-1]:
            message = json.loads(lines.readline())
            found.append(message.get("params", message.get("result")))
    return found


async def test_memory_for_a_client_that_does_not_read_is_bounded(station):
    with deaf(station.path) as client:
        await subscribed_and_deaf(station, client)
        await fill(station)
        (connection,) = station.server._clients
        waiting = connection._transport.get_write_buffer_size()
    assert waiting < 2**17 + 8192
    assert connection._lines._bytes <= MOST_BYTES


async def test_the_others_are_told_while_one_does_not_read(station):
    with deaf(station.path) as client:
        await subscribed_and_deaf(station, client)
        await fill(station)
        async with Client(station.path) as other:
            await other.subscribe()
            assert station.tell(n=1) == [False, True]
            assert (await other.told())["n"] == 1


async def test_a_client_that_does_not_read_makes_room_for_one_too_many(station):
    with deaf(station.path) as client:
        await subscribed_and_deaf(station, client)
        await fill(station)
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(MAX_CLIENTS - 1):
                await (await stack.enter_async_context(Client(station.path))).subscribe()
            last = await stack.enter_async_context(Client(station.path))
            assert await last.subscribe() == MAX_CLIENTS + 1
            turned_away = await stack.enter_async_context(Client(station.path))
            assert (await turned_away.read())["error"]["data"] == {"kind": "busy"}


# ── the bound ───────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.integers(0, 40_000) | st.none(), max_size=400))
def test_lines_wait_in_order_and_never_more_than_may(steps):
    waiting, expected = WaitingLines(), []
    for number, step in enumerate(steps):
        if step is None:
            assert bool(waiting) == bool(expected)
            if expected:
                assert waiting.take() == expected.pop(0)
            continue
        line = b"%d " % number + b"x" * step
        is_room = len(expected) < MOST_LINES and sum(map(len, [*expected, line])) <= MOST_BYTES
        assert waiting.add(line) == is_room
        expected += [line] if is_room else []


def test_what_has_been_taken_makes_room():
    waiting, line = WaitingLines(), b"x" * (MOST_BYTES // 4)
    for _ in range(3):
        assert [waiting.add(line) for _ in range(5)] == [True] * 4 + [False]
        assert [waiting.take() for _ in range(4)] == [line] * 4


class Mute:
    """A channel with no room."""

    def __init__(self):
        self.has_room, self.sent, self.calls = False, [], []

    def tell(self, line, on_room):
        if self.has_room:
            self.sent.append(json.loads(line)["params"])
        else:
            self.calls.append(on_room)
        return self.has_room


def test_what_is_missed_is_counted_until_it_could_be_told():
    channel = Mute()
    subscription = Subscription(3, channel, frozenset(), 1.0)
    assert [subscription.tell("news", {}) for _ in range(2)] == [False, False]
    assert len(channel.calls) == 1
    channel.calls.pop()()
    assert subscription.missed == 2
    channel.has_room = True
    assert not subscription.tell("news", {}), "the gap is told before anything else"
    channel.calls.pop()()
    assert channel.sent == [{"subscription": 3, "missed": 3}]
    assert subscription.tell("news", {"a": 1})
    assert channel.sent[-1] == {"subscription": 3, "topic": "news", "a": 1}


def test_control_errors_say_nothing_more_by_themselves():
    error = ControlError("no")
    assert (error.kind, error.key) == ("refused", None)
