"""How each rule is broken once, and what its finding says."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from agent.conformance.subject import WALL_S
from agent.errors import CodecError
from agent.messages import DONE, EventReport
from agent.ports import Publish, Subscription
from tests.contract import ways
from tests.contract.bent import each_edited, edited

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="
NUMBERS = count()


def guessed(at: Any, _now: Any) -> Any:
    return at or WALL_S


@dataclass(frozen=True, kw_only=True)
class Break:
    """How one promise is broken; `says` is in the finding."""

    rule: str
    says: str
    title: str = "tencent"
    changes: dict[str, Callable[..., Any]] = field(default_factory=dict)


def breaks(rule: str, says: str, title: str = "tencent", **changes: Callable[..., Any]) -> Break:
    return Break(rule=rule, says=says, title=title, changes=changes)


TELLS = Publish(topic="$thing/up/property/CS0SLTKSYA/dev1", payload=b"{}")
BREAKS = (
    breaks(
        "login-repeats",
        "another login",
        connect_params=edited(username=lambda x: f"{x}{next(NUMBERS)}"),
    ),
    breaks("login-fits", "keepalive", connect_params=edited(keepalive_s=5)),
    breaks("login-fits", "is kept", connect_params=edited(clean_session=False)),
    breaks("login-fits", "the port 0", connect_params=edited(port=0)),
    breaks("login-fits", "a text", connect_params=edited(username="a\0b")),
    breaks("login-fits", "a text", connect_params=edited(password="")),
    breaks("login-fits", "raised ValueError", connect_params=ways.throws(ValueError("x"))),
    breaks(
        "login-without-clock",
        "long ago",
        connect_params=lambda inner, wall, nonce: inner(wall or 0.0, nonce),
    ),
    breaks(
        "login-without-clock",
        "has expired",
        "onenet",
        connect_params=lambda inner, wall, nonce: inner(wall and wall - 1e8, nonce),
    ),
    breaks(
        "login-identity",
        "client_id",
        connect_params=lambda inner, wall, nonce: replace(
            inner(wall, nonce), client_id=f"x{nonce}"
        ),
    ),
    breaks("login-settings", "host with host", connect_params=edited(host="own.example")),
    breaks("login-settings", "keepalive_s with", "onenet", connect_params=edited(keepalive_s=60)),
    breaks("login-settings", "no TLS", "aliyun", connect_params=edited(tls=None)),
    breaks(
        "login-settings",
        "although tls = false",
        connect_params=lambda inner, *args: replace(inner(*args), tls=inner(*args).tls or "always"),
    ),
    breaks("secrets-hidden", "what it asks", on_connected=each_edited(payload=SECRET.encode())),
    breaks("secrets-hidden", "the wire form", encode=edited(payload=SECRET.encode())),
    breaks("secrets-hidden", "user name", connect_params=edited(username=SECRET)),
    breaks("secrets-hidden", "what it makes of", decode=ways.throws(CodecError(f"not {SECRET}"))),
    breaks("login-words", "never taken back", "homeassistant", connect_params=edited(birth=None)),
    breaks(
        "login-words",
        "is not kept",
        "homeassistant",
        connect_params=edited(birth=lambda word: replace(word, is_retained=False)),
    ),
    breaks(
        "login-words",
        "may not publish",
        "homeassistant",
        connect_params=edited(will=lambda word: replace(word, topic="polycloud/other/state")),
    ),
    breaks(
        "login-words",
        "is taken for PropertySet",
        "homeassistant",
        connect_params=edited(
            will=lambda word: replace(word, topic="polycloud/socket-1/power_switch/set")
        ),
    ),
    breaks("newcomers-heard", "was taken for None", "homeassistant", decode=lambda *_: None),
    breaks("newcomers-heard", "no filter brings", "homeassistant", subscriptions=lambda _: ()),
    breaks("filters-valid", "no filter", subscriptions=each_edited(topic="a/#/b")),
    breaks("filters-valid", "QoS 2", subscriptions=each_edited(qos=2)),
    breaks("filters-valid", "grants", subscriptions=each_edited(topic="$thing/down/property/x/y")),
    breaks("filters-valid", "above 255", subscriptions=each_edited(topic=lambda x: x + "y" * 300)),
    breaks("filters-valid", "more than", subscriptions=lambda inner: tuple(inner()) * 20),
    breaks(
        "filters-valid",
        "each time",
        subscriptions=lambda _: (Subscription(topic=f"a/{next(NUMBERS)}"),),
    ),
    breaks("filters-apart", "comes twice", subscriptions=lambda inner: (*inner(), inner()[0])),
    breaks("filters-own", "another device", subscriptions=each_edited(topic="$thing/#")),
    breaks("filters-enough", "no filter brings", subscriptions=lambda _: ()),
    breaks("reports-encode", "no topic", encode=edited(topic="a/+")),
    breaks("reports-encode", "may not publish", encode=edited(topic="a/b")),
    breaks("reports-encode", "longer than", encode=edited(topic=lambda x: x + "/x" * 200)),
    breaks("reports-encode", "QoS 2", encode=edited(qos=2)),
    breaks("reports-encode", "more than 16384", encode=edited(payload=b'"' + b"x" * 20_000 + b'"')),
    breaks("reports-encode", "NaN is no JSON", encode=edited(payload=b'{"x":NaN}')),
    breaks("reports-encode", "cannot be read", encode=edited(payload=b'{"x":"\\ud800"}')),
    breaks("reports-encode", "twice", encode=edited(payload=b'{"x":1,"x":2}')),
    breaks("reports-encode", "cannot be read", encode=edited(payload=b"\xff")),
    breaks(
        "reports-encode",
        "cannot be read",
        "onenet-legacy",
        encode=edited(payload=b"\x03\x00\x01{}"),
    ),
    breaks("reports-encode", "each time", encode=edited(payload=lambda _: b"%d" % next(NUMBERS))),
    breaks("reports-encode", "KeyError", encode=ways.throws(KeyError("trip"))),
    breaks("reports-told", "voltage has no wire form", encode=lambda *_: None),
    breaks(
        "reports-told",
        "the event trip",
        encode=lambda inner, message, *rest: (
            None if isinstance(message, EventReport) else inner(message, *rest)
        ),
    ),
    breaks("reports-known-only", "nan", encode=ways.numbers_as_zero),
    breaks("reports-known-only", "event", "onenet", encode=ways.event_numbers_as_zero),
    breaks("reports-listed-only", "current_limit", encode=ways.limit_as_voltage),
    breaks("reports-unstamped", "is stamped", encode=ways.at(guessed)),
    breaks("reports-unstamped", "is stamped", "aliyun", encode=ways.at(guessed)),
    breaks(
        "reports-unstamped",
        "is stamped '2027",
        "onenet-legacy",
        encode=ways.at(lambda at, _now: at or WALL_S - 999),
    ),
    breaks("reports-stamped", "at which it is sent", encode=ways.at(lambda _at, now: now)),
    breaks("reports-stamped", "when that was", "onenet", encode=ways.at(lambda *_: None)),
    breaks(
        "acks-by-id",
        "acknowledged as",
        encode=lambda inner, message, _, now: inner(message, "3", now),
    ),
    breaks("acks-by-id", "acknowledged as []", "aliyun", decode=lambda *_: None),
    breaks("acks-by-id", "acknowledged as", "onenet", encode=edited(is_answered=False)),
    breaks("refusals-by-id", "is taken for", decode=ways.accepting),
    breaks("refusals-by-id", "is taken for []", "onenet-datastream", decode=lambda *_: None),
    breaks("refusals-by-id", "no wire form", encode=lambda *_: None),
    breaks(
        "refusals-by-id",
        "without the platform's code",
        decode=lambda inner, *args: ways.edit_code(inner(*args)),
    ),
    breaks("requests-understood", "was taken for None", decode=lambda *_: None),
    breaks(
        "requests-understood",
        "was refused",
        decode=lambda inner, topic, payload: inner(
            topic, payload.replace(b"power_switch", b"current_limit")
        ),
    ),
    breaks(
        "decode-errors",
        "raised ValueError",
        decode=lambda inner, topic, payload: (
            inner(topic, payload) if payload else ways.throw(ValueError("empty"))
        ),
    ),
    breaks(
        "decode-errors",
        "of another device, raised",
        decode=lambda inner, topic, payload: (
            inner(topic, payload) if "dev2" not in topic else ways.throw(CodecError("not mine"))
        ),
    ),
    breaks(
        "decode-foreign",
        "of another device, was taken",
        decode=lambda inner, topic, payload: inner(topic.replace("dev2", "dev1"), payload),
    ),
    breaks("decode-pure", "at first", decode=ways.Sulking),
    breaks("echo-ignored", "its own, was taken for", decode=ways.echoes),
    breaks(
        "echo-ignored",
        "its own, raised KeyError",
        decode=lambda inner, topic, payload: (
            inner(topic, payload) if "/up/" not in topic else ways.throw(KeyError("up"))
        ),
    ),
    breaks(
        "understood-answered",
        "may not publish",
        encode_reply=each_edited(topic=lambda x: x.replace("dev1", "dev2")),
    ),
    breaks(
        "limits-sane", "repeated sooner", limits=lambda each: replace(each, rejected_interval_s=1)
    ),
    breaks("limits-sane", "never say", limits=lambda each: replace(each, messages_per_s=0)),
    breaks("limits-sane", "largest payload", limits=lambda each: replace(each, payload_bytes=9)),
    breaks("limits-sane", "its name", name=lambda: "Ten Cent"),
    breaks("replies-fit", "more than", encode_reply=each_edited(payload=b'"' + b"x" * 5000 + b'"')),
    breaks(
        "replies-by-id",
        "lacks the id",
        encode_reply=lambda inner, request, outcome: inner(
            replace(request, request_id="other"), outcome
        ),
    ),
    breaks("replies-by-id", "gets no answer", encode_reply=lambda *_: ()),
    breaks(
        "replies-reason",
        "looks like success",
        encode_reply=lambda inner, request, _: inner(request, DONE),
    ),
    breaks(
        "replies-reason",
        "does not tell the reason",
        encode_reply=lambda inner, request, outcome: inner(request, ways.curt(outcome, 3)),
    ),
    breaks(
        "replies-reason",
        "not cut but gone",
        encode_reply=lambda inner, request, outcome: inner(request, ways.curt(outcome, 300)),
    ),
    breaks(
        "replies-alike",
        "when it comes again",
        encode_reply=lambda inner, request, outcome: (
            () if outcome.is_repeat else inner(request, outcome)
        ),
    ),
    breaks(
        "replies-known-only",
        "nan is not left out",
        encode_reply=lambda inner, request, outcome: inner(
            request, replace(outcome, values=ways.no_nan(outcome.values))
        ),
    ),
    breaks(
        "replies-known-only",
        "NaN is no JSON",
        "onenet",
        encode_reply=each_edited(payload=b'{"id":"1","data":NaN}'),
    ),
    breaks(
        "replies-values",
        "holds no values",
        "onenet",
        encode_reply=lambda inner, request, outcome: inner(request, replace(outcome, values={})),
    ),
    breaks("unanswered", "is answered", encode_reply=lambda *_: (TELLS,)),
    breaks(
        "taken-only",
        "CountDown",
        "aliyun",
        encode_taken=lambda inner, live: inner(
            replace(live, values={**live.values, "count_down": 1})
        ),
    ),
    breaks("taken-only", "no topic", "onenet", encode_taken=each_edited(topic="#")),
    breaks("resync-asks", "is taken for", on_connected=lambda inner, _: inner("3")),
    breaks("resync-asks", "does not ask", "aliyun", on_connected=lambda *_: ()),
    breaks("resync-hears", "a wish of now", decode=ways.live),
    breaks("resync-hears", "sets nothing", "onenet", decode=ways.forgets_stored),
    breaks("resync-hears", "is taken for", "aliyun", on_connected=lambda inner, _: inner("3")),
    breaks("resync-clears", "not heard", decode=ways.forgets_stored),
    breaks("resync-clears", "nothing clears", "aliyun", encode_cleared=lambda *_: ()),
    breaks("time-asked", "does not ask", ask_time=lambda _: None),
    breaks("time-asked", "is taken for", "aliyun", decode=lambda *_: None),
    breaks("time-asked", "no Unix seconds", decode=ways.late_clock),
)
