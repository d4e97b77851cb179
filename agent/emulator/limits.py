"""What a platform's rules say about one PUBLISH; reasons come out, None where it is fine."""

from agent.emulator import topics
from agent.emulator.connection import Connection
from agent.emulator.packets import Publish
from agent.emulator.platform import Reaction, Rules


def fatal_fault(packet: Publish, rules: Rules) -> str | None:
    """Tell why the connection must be closed."""
    if not topics.is_topic(packet.topic):
        return "a topic with wildcards, or none"
    if packet.qos == 2:
        return "QoS 2 is not supported"
    if packet.is_retained and rules.on_retain is Reaction.CLOSE:
        return "retain is not supported"
    return None


def limit_exceeded(connection: Connection, packet: Publish, rules: Rules, now: float) -> str | None:
    """Count the message; tell why it is dropped."""
    topic = packet.topic
    if not connection.may_send_uplink(rules.uplinks_per_s, now):
        return f"more than {rules.uplinks_per_s} messages a second"
    if rules.max_payload is not None and len(packet.payload) > rules.max_payload:
        return f"a payload above {rules.max_payload} bytes"
    if len(topic.encode()) > rules.max_topic_bytes:
        return f"a topic above {rules.max_topic_bytes} bytes"
    if rules.max_topic_slashes is not None and topic.count("/") > rules.max_topic_slashes:
        return f"a topic with more than {rules.max_topic_slashes} slashes"
    return None
