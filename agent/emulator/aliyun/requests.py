"""What the cloud asks of a device: the topics and payloads of every request."""

from collections.abc import Mapping
from zlib import crc32

from agent.emulator.aliyun.twin import Call, Twin
from agent.emulator.json_text import encode
from agent.emulator.platform import Request
from agent.emulator.values import Json, Publication


class Numbers:
    """Ids of requests: digits, unique in one run, and hardly those of another run."""

    def __init__(self, nonce: str) -> None:
        self._next = crc32(nonce.encode())

    def take(self) -> str:
        """Return a new id."""
        self._next = (self._next + 1) % 2**32
        return str(self._next)


def request(
    twin: Twin, request_id: str, path: str, params: Json, *, is_kept: bool = False
) -> Request:
    """Ask on `/sys/{pk}/{dn}/{path}` what the device answers on its `_reply`, at QoS 1."""
    body = _body(request_id, path, params)
    publication = down(twin, twin.topics.root + path, encode(body), qos=1)
    return Request(request_id=request_id, publication=publication, is_kept=is_kept)


def call(
    twin: Twin, ids: tuple[str, str], service: str, values: Mapping[str, Json], deadline: float
) -> Request:
    """Call a service synchronously, in the form that the client announced.

    The topic carries the first of *ids*, which the answer is known by, and the payload the other.
    """
    message_id, request_id = ids
    path = f"thing/service/{service}"
    is_extended = twin.login is not None and twin.login.takes_extended_rrpc
    extended = twin.topics.root + path if is_extended else None
    topic, answered_on = _call_topics(twin, message_id, extended)
    body = _body(request_id, path, dict(values))
    twin.add_call(message_id, Call(topic=answered_on, deadline=deadline, is_raw=False))
    return Request(request_id=message_id, publication=down(twin, topic, encode(body)))


def raw_call(
    twin: Twin, message_id: str, payload: bytes, deadline: float, *, user_topic: str | None
) -> Request:
    """Send bytes that the device answers with bytes; on a topic of its own, or on none."""
    topic, answered_on = _call_topics(twin, message_id, user_topic)
    twin.add_call(message_id, Call(topic=answered_on, deadline=deadline, is_raw=True))
    return Request(request_id=message_id, publication=down(twin, topic, payload))


def down(twin: Twin, topic: str, payload: bytes, *, qos: int = 0) -> Publication:
    """Address a system topic to the device's session."""
    return Publication(
        topic=topic,
        payload=payload,
        qos=qos,
        client_id=twin.client_id,
        needs_subscription=twin.needs_subscription,
    )


def _call_topics(twin: Twin, message_id: str, extended: str | None) -> tuple[str, str]:
    """Name the topics of a call and of its answer, which are one where a topic is extended."""
    if extended is not None:
        return f"/ext/rrpc/{message_id}{extended}", f"/ext/rrpc/{message_id}{extended}"
    root = twin.topics.root
    return f"{root}rrpc/request/{message_id}", f"{root}rrpc/response/{message_id}"


def _body(request_id: str, path: str, params: Json) -> dict[str, Json]:
    return {
        "method": path.replace("/", "."),
        "id": request_id,
        "params": params,
        "version": "1.0.0",
    }
