"""What a platform's rules say about one PUBLISH; breaches come out, None where it is fine."""

from typing import Final, NamedTuple

from agent.emulator import topics
from agent.emulator.connection import Connection
from agent.emulator.pace import Pace
from agent.emulator.packets import Publish
from agent.emulator.platform import Excess, Reaction, Rules

_EXCESS: Final = {Reaction.CLOSE: Excess.CLOSE, Reaction.IGNORE: Excess.DROP}


class Breach(NamedTuple):
    """What a message breaks, and what becomes of it."""

    reason: str
    excess: Excess = Excess.DROP


def find_breach(
    connection: Connection, packet: Publish, rules: Rules, now: float, *, is_permitted: bool
) -> Breach | None:
    """Count a message and judge it; what is too fast is judged last where it is only delayed."""
    fatal = _fatal_fault(packet, rules)
    if fatal is not None:
        return Breach(fatal, Excess.CLOSE)
    rate = _rate_breach(connection, packet, rules, now)
    if rate is not None and rate.excess is not Excess.DELAY:
        return rate
    breach = _size_breach(packet, rules)
    if breach is None and not is_permitted:
        breach = Breach("no permission for the topic", _EXCESS[rules.on_forbidden])
    return breach or rate


def pace_of(connection: Connection, packet: Publish, rules: Rules) -> tuple[Pace, int | None]:
    """Return what counts messages like *packet*, and how many may pass in a second."""
    if packet.qos and rules.qos1_uplinks_per_s is not None:
        return connection.qos1_pace, rules.qos1_uplinks_per_s
    return connection.pace, rules.uplinks_per_s


def _fatal_fault(packet: Publish, rules: Rules) -> str | None:
    if not topics.is_topic(packet.topic):
        return "a topic with wildcards, or none"
    if packet.qos == 2:
        return "QoS 2 is not supported"
    if packet.is_retained and rules.on_retain is Reaction.CLOSE:
        return "retain is not supported"
    return None


def _rate_breach(
    connection: Connection, packet: Publish, rules: Rules, now: float
) -> Breach | None:
    pace, limit_per_s = pace_of(connection, packet, rules)
    # Messages keep their order, so none passes those that already wait.
    if not connection.delayed and pace.allows(limit_per_s, now):
        return None
    what = "QoS 1 messages" if pace is connection.qos1_pace else "messages"
    return Breach(f"more than {limit_per_s} {what} a second", rules.on_excess)


def _size_breach(packet: Publish, rules: Rules) -> Breach | None:
    topic = packet.topic
    if rules.max_payload is not None and len(packet.payload) > rules.max_payload:
        reason = f"a payload above {rules.max_payload} bytes"
        return Breach(reason, _EXCESS[rules.on_oversize])
    if len(topic.encode()) > rules.max_topic_bytes:
        return Breach(f"a topic above {rules.max_topic_bytes} bytes")
    if rules.max_topic_slashes is not None and topic.count("/") > rules.max_topic_slashes:
        return Breach(f"a topic with more than {rules.max_topic_slashes} slashes")
    return None
