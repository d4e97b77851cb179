"""What the fault `garbage` sends: the platform's own samples, or what the fault names."""

from collections.abc import Sequence

from agent.emulator.faults import MAX_GARBAGE, Fault
from agent.emulator.packets import Publish
from agent.emulator.values import Publication


def garbage(fault: Fault, samples: Sequence[Publication]) -> list[Publish]:
    """List the messages of one strike, as often as the fault wants."""
    packets = [Publish(topic=each.topic, payload=each.payload) for each in samples]
    if fault.payload is not None or fault.topic is not None:
        topic = fault.topic or samples[0].topic
        packets = [Publish(topic=topic, payload=fault.payload or b"")]
    return packets * min(fault.count or 1, MAX_GARBAGE)
