"""Rules of the login: signed anew for each connect, and never shown."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from agent.attempt import tried
from agent.conformance.hostile import hear, hear_all
from agent.conformance.rule import Rule, differing, shown
from agent.conformance.samples import uplinks
from agent.conformance.sending import topic_faults
from agent.conformance.subject import WALL_S, Subject
from agent.conformance.wire import is_text
from agent.errors import ConfigError
from agent.ports import Codec, ConnectParams, Message

NONCES: Final = ("0123456789abcdef", "", "a", "x" * 500, ";|,=&\n\0", "é\U0001f600")
FAR: Final = 2_145_916_800
"""The year 2038: what expires later is as good as never."""

_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{1,20}(?![0-9A-Za-z])")


def _logins(subject: Subject) -> Iterator[tuple[str, ConnectParams]]:
    codec = subject.make()
    for wall_time in (None, 0.0, WALL_S, WALL_S + 0.75):
        for nonce in NONCES:
            what = f"connect_params({wall_time}, {nonce[:16]!r})"
            yield what, codec.connect_params(wall_time, nonce)


def _repeatable(subject: Subject) -> Iterator[str]:
    again = subject.make()
    for wall_time in (None, WALL_S):
        for nonce in NONCES:
            first = subject.make().connect_params(wall_time, nonce)
            if again.connect_params(wall_time, nonce) != first:
                yield f"connect_params({wall_time}, {nonce[:16]!r}) gives another login each time"


def _well_formed(subject: Subject) -> Iterator[str]:
    low, high = subject.platform.bounds.keepalive_s
    for what, params in _logins(subject):
        texts = (params.host, params.client_id, params.username, params.password)
        if not all(text and is_text(text) for text in texts):
            yield f"{what} has a text that is empty, or that MQTT cannot carry"
        if not 1 <= params.port <= 65_535:
            yield f"{what} has the port {params.port}"
        if not low <= params.keepalive_s <= high:
            yield f"{what} has a keepalive of {params.keepalive_s} s, not {low} to {high} s"
        if not params.clean_session:
            yield f"{what} wants a session that is kept: what it missed comes late and twice"


def _numbers(params: ConnectParams) -> tuple[int, ...]:
    text = f"{params.client_id} {params.username} {params.password}"
    return tuple(int(each) for each in _NUMBER.findall(text))


def _without_clock(subject: Subject) -> Iterator[str]:
    """Compare two logins by the clock: the large numbers that differ are stamps of the time."""
    codec = subject.make()
    first, later, unknown = (
        _numbers(codec.connect_params(wall_time, NONCES[0]))
        for wall_time in (WALL_S, WALL_S + 1e6, None)
    )
    pairs = enumerate(zip(first, later, strict=False))
    for place in (place for place, (one, two) in pairs if one != two and one > 1e9):
        if first[place] < WALL_S:
            yield f"a login of {WALL_S:.0f} has expired at {first[place]}"
        if len(unknown) == len(first) and unknown[place] < FAR:
            yield f"without a clock a login expires at {unknown[place]}, which may be long ago"


def _one_identity(subject: Subject) -> Iterator[str]:
    """Compare all logins: a broker that knew one device by two names would serve both."""
    known: ConnectParams | None = None
    for what, params in _logins(subject):
        known = known or params
        yield from differing(
            (f"the {name} of {what}", getattr(params, name), getattr(known, name))
            for name in ("client_id", "host", "port", "tls", "keepalive_s")
        )


def _changed(subject: Subject, change: Mapping[str, Any]) -> ConnectParams | None:
    """Log in with other settings; None where the section or the codec refuses them."""
    settings = subject.settings
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    try:
        changed = type(settings).model_validate({**given, **change})
        codec = subject.factory(changed, subject.thing)
    except (ValidationError, ConfigError):
        return None
    return codec.connect_params(WALL_S, NONCES[0])


_OVERRIDES: Final[tuple[tuple[str, Any, str, Any], ...]] = (
    ("host", "broker.example", "host", "broker.example"),
    ("port", 28_883, "port", 28_883),
    ("keepalive_s", 120, "keepalive_s", 120),
)
_TLS: Final[tuple[tuple[str, Any, str, Any], ...]] = (
    ("ca_file", "/etc/root.pem", "ca_file", "/etc/root.pem"),
    ("server_name", "name.example", "server_name", "name.example"),
    ("verify", "ca-only", "verifies_host", False),
    ("verify", "full", "verifies_host", True),
)


def _obeys_settings(subject: Subject) -> Iterator[str]:
    for key, value, name, expected in _OVERRIDES:
        params = _changed(subject, {key: value})
        if params is not None:
            found = getattr(params, name)
            yield from differing([(f"{name} with {key} = {value!r}", found, expected)])
    plain = _changed(subject, {"tls": False})
    if plain is not None and plain.tls is not None:
        yield "it wants TLS although tls = false"
    for key, value, name, expected in _TLS:
        params = _changed(subject, {"tls": True, key: value})
        if params is None:
            continue
        found = "no TLS" if params.tls is None else getattr(params.tls, name)
        yield from differing([(f"{name} with {key} = {value!r}", found, expected)])


def _words(subject: Subject) -> Iterator[str]:
    """Look at the last word, which the broker says for the device, and at the first, its own."""
    codec = subject.make()
    params = codec.connect_params(WALL_S, NONCES[0])
    said = [("will", params.will), ("birth", params.birth)]
    words = [(what, word) for what, word in said if word is not None]
    for what, word in words:
        for fault in topic_faults(subject, word):
            yield f"the {what}: {fault}"
        heard, _ = hear(codec, Message(topic=word.topic, payload=word.payload))
        if heard is not None:
            yield f"the {what} of its own is taken for {shown(heard)}"
        if not word.is_retained:
            yield f"the {what} is not kept for who comes later"
    if len({word.topic for _, word in words}) > 1 or len(words) == 1:
        yield "a will without a birth at the same topic is never taken back"


def _secrets_hidden(subject: Subject) -> Iterator[str]:
    """Look into all that is printed, sent in a topic or payload, or said in an error."""
    codec = subject.make()
    secrets = subject.secrets()
    if not secrets:
        yield "its settings hold no secret: nothing can be examined"
    for what, text in _said(subject, codec):
        if any(secret in text for secret in secrets):
            yield f"{what} shows a secret"


def _said(subject: Subject, codec: Codec) -> Iterator[tuple[str, str]]:
    params = codec.connect_params(WALL_S, NONCES[0])
    yield "the codec's repr", f"{codec!r} {codec!s}"
    yield "the repr of its settings", f"{subject.settings!r} {subject.settings!s}"
    yield "the repr of its login", f"{params!r} {params!s}"
    yield "host, client id or user name", f"{params.host} {params.client_id} {params.username}"
    yield "a filter", repr(codec.subscriptions())
    yield "what it asks after connecting", repr(codec.on_connected("1"))
    for message in uplinks(subject.thing):
        yield f"the wire form of {shown(message)}", repr(codec.encode(message, "1", WALL_S))
    for heard, downlink, error in hear_all(codec, subject):
        what = f"what it makes of {shown(heard)}"
        yield what, f"{downlink!r} {error!s}"
    yield "the error for a settings file without its secret", _error_of(subject)


def _error_of(subject: Subject) -> str:
    """Make it with a broken secret, which an error must not repeat."""
    secrets = {
        name: type(value)(value.get_secret_value() + "\N{HEAVY BLACK HEART}")
        for name in subject.settings.model_fields_set
        if hasattr(value := getattr(subject.settings, name), "get_secret_value")
    }
    broken = subject.settings.model_copy(update=secrets)
    _, error = tried(lambda: subject.factory(broken, subject.thing))
    return f"{error!r}"


RULES: Final = (
    Rule(
        name="login-repeats",
        statement="the same clock and nonce give the same login",
        check=_repeatable,
    ),
    Rule(
        name="login-fits",
        statement="a login is what MQTT and the platform take, with a clean session",
        check=_well_formed,
    ),
    Rule(
        name="login-without-clock",
        statement="a login is valid when it is signed, and for good where the clock is not trusted",
        check=_without_clock,
    ),
    Rule(
        name="login-identity",
        statement="address and client id are the same for every clock and nonce",
        check=_one_identity,
    ),
    Rule(
        name="login-settings",
        statement="host, port, keepalive and TLS are those of the settings",
        check=_obeys_settings,
    ),
    Rule(
        name="login-words",
        statement="a will is kept, and taken back at its own topic by what is said first",
        check=_words,
    ),
    Rule(
        name="secrets-hidden",
        statement="no secret shows in a repr, a topic, a payload or an error",
        check=_secrets_hidden,
    ),
)
