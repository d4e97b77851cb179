"""What is true of every message that a codec gives to be published."""

from collections.abc import Iterator

from agent.conformance.rule import shown
from agent.conformance.subject import Subject
from agent.conformance.wire import is_topic
from agent.ports import Publish


def topic_faults(subject: Subject, publish: Publish) -> Iterator[str]:
    """Say what a platform would not take, whatever *publish* says."""
    bounds = subject.platform.bounds
    topic = publish.topic
    if not is_topic(topic):
        yield f"{shown(topic)} is no topic"
        return
    if len(topic.encode()) > bounds.topic_bytes or topic.count("/") > bounds.topic_slashes:
        yield f"the topic {shown(topic)} is longer than the platform takes"
    if not subject.platform.may_publish(topic):
        yield f"the device may not publish to {shown(topic)}"
    if publish.qos not in {0, 1}:
        yield f"it is published at QoS {publish.qos}"


def faults(subject: Subject, publish: Publish, max_bytes: int) -> Iterator[str]:
    """Say what a platform, or a reader of JSON, would not take of *publish*."""
    yield from topic_faults(subject, publish)
    if len(publish.payload) > max_bytes:
        yield f"its {len(publish.payload)} bytes are more than {max_bytes}"
    try:
        subject.platform.read(publish.payload)
    except (ValueError, RecursionError) as error:
        yield f"its payload {shown(publish.payload)} cannot be read: {error}"
