"""What a broker could send that nobody asked for: topics and payloads, bent at random."""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, cast

from agent.attempt import tried
from agent.conformance.subject import Subject
from agent.conformance.wire import is_topic, matches
from agent.messages import Downlink
from agent.ports import Codec, Message

FIXED: Final = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"true",
    b'"control"',
    b"on",
    b" off\n",
    b"toggle",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"[" * 8000,
    b'{"a":' * 5000,
    b'{"id":' + b"9" * 5000 + b"}",
    b'{"id":"1","params":{"":NaN}}',
    b'{"id":"\\ud800","code":200,"params":{"\\udfff":1}}',
    b'{"id":1e400,"code":1e400,"params":[]}',
)
_NOTHING: Final[list[object]] = []
_WEIRD: Final[tuple[object, ...]] = (
    *(None, True, False, -1, 0, 1, 2**31, 2**63, 2**70, 1e308, 0.1, float("nan"), float("inf")),
    *("", "on", "\ud800", "+/#", "x" * 300, "200", "0x10", "1_000", "１"),
    *(_NOTHING, dict[str, object](), [_NOTHING], {"value": None, "version": "1"}),
    ["x"] * 200,
    {f"k{number}": number for number in range(101)},
)
_LETTERS: Final = "/+#$ab\0é\U0001f600 _-."


def messages(subject: Subject, codec: Codec) -> Iterator[Message]:
    """Make messages; those that are nearly right are the most."""
    random = subject.draws.random()
    good = (*subject.platform.requests, *subject.platform.unanswered, *_answers(subject, codec))
    filters = [each.topic for each in codec.subscriptions()]
    known = [*dict.fromkeys([*(each.topic for each in good), *filters])]
    for topic in known:
        for payload in FIXED:
            yield Message(topic=topic, payload=payload)
    for _ in range(subject.draws.count):
        message = random.choice(good)
        topic = message.topic if random.random() < 0.7 else _bent_topic(random, known)
        yield Message(topic=topic, payload=_bent(random, message.payload))


def _answers(subject: Subject, codec: Codec) -> Sequence[Message]:
    """Collect what the platform says after a connect, in each of its moods."""
    platform = subject.platform
    moods = (platform.accept, platform.stored, platform.misstored)
    asked = codec.on_connected("7")
    return [reply for mood in moods if mood for each in asked for reply in mood(each)]


def hear(codec: Codec, message: Message) -> tuple[Downlink | None, Exception | None]:
    """Have a codec hear one message: what it was taken for, and what it raised."""
    return tried(lambda: codec.decode(message.topic, message.payload))


def hear_all(
    codec: Codec, subject: Subject
) -> Iterator[tuple[Message, Downlink | None, Exception | None]]:
    """Have a codec hear all of them: each message, and what it was taken for or what it raised."""
    for message in messages(subject, subject.make()):
        yield message, *hear(codec, message)


def is_deliverable(subject: Subject, codec: Codec, topic: str) -> bool:
    """Tell whether the platform could deliver that topic to this device."""
    bounds = subject.platform.bounds
    fits = is_topic(topic) and len(topic.encode()) <= bounds.topic_bytes
    if not fits or topic.count("/") > bounds.topic_slashes:
        return False
    filters = (each.topic for each in codec.subscriptions())
    return subject.platform.brings(topic) or any(matches(each, topic) for each in filters)


def _bent_topic(random: Random, known: Sequence[str]) -> str:
    levels = random.choice(known).split("/")
    at = random.randrange(len(levels))
    match random.randrange(6):
        case 0:
            del levels[at]
        case 1:
            levels.insert(at, _letters(random))
        case 2:
            levels = levels[:at]
        case 3:
            levels.append("x" * random.choice((1, 200)))
        case 4:
            return _letters(random)
        case _:
            levels[at] = _letters(random)
    return "/".join(levels)


def _letters(random: Random) -> str:
    return "".join(random.choices(_LETTERS, k=random.randrange(12)))


def _bent(random: Random, payload: bytes) -> bytes:
    choice = random.random()
    if choice < 0.15:
        return payload
    if choice < 0.3:
        return random.randbytes(random.randrange(64))
    if choice < 0.5:
        return _bent_bytes(random, payload)
    return _bent_document(random, payload)


def _bent_bytes(random: Random, payload: bytes) -> bytes:
    data = bytearray(payload)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(data) + 1)
        match random.randrange(3):
            case 0:
                data[at:at] = random.randbytes(1)
            case 1:
                del data[at : at + random.randrange(1, 8)]
            case _:
                data[at : at + 1] = random.choice((b'"', b"{", b"}", b",", b"9", b"\\u", b"\xff"))
    return bytes(data)


def _bent_document(random: Random, payload: bytes) -> bytes:
    """Put something weird in the place of one value or key of a document."""
    try:
        document: object = json.loads(payload)
    except (ValueError, RecursionError):
        document = {"power_switch": True}
    for _ in range(random.randrange(1, 3)):
        document = _bent_value(random, document)
    return json.dumps(document).encode()


def _bent_value(random: Random, value: object) -> object:
    if not isinstance(value, dict | list) or not value or random.random() < 0.1:
        return random.choice(_WEIRD)
    if isinstance(value, list):
        items = list(cast("list[object]", value))
        at = random.randrange(len(items))
        items[at] = _bent_value(random, items[at])
        return items
    table = dict(cast("dict[str, object]", value))
    key = random.choice(list(table))
    match random.randrange(8):
        case 0:
            del table[key]
        case 1:
            table[random.choice(("", "id", "params", "code", "\ud800", "x" * 300))] = table.pop(key)
        case 2:
            table[key] = random.choice(_WEIRD)
        case _:
            table[key] = _bent_value(random, table[key])
    return table
