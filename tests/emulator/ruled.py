"""A platform whose rules a test chooses, in memory and virtual time."""

from agent.emulator.plain import PlainPlatform
from agent.emulator.platform import Admitted, Refused, Rules
from agent.emulator.values import DeviceKey, Publication
from tests.emulator import probe
from tests.emulator.support import Core

CONNACK = (0x20, b"\x00\x00")
CONNACK_PRESENT = (0x20, b"\x01\x00")


class Ruled(PlainPlatform):
    """A platform of few words: the device is what a client id says before its first dot."""

    def __init__(self, **rules) -> None:
        super().__init__()
        self._rules = Rules(**rules)
        self.refusal: Refused | None = None
        self.session_name = ""

    @property
    def rules(self):
        return self._rules

    def authenticate(self, connect, at):
        del at
        if self.refusal is not None:
            return self.refusal
        name = connect.client_id.partition(".")[0]
        device = DeviceKey(cloud="ruled", product="p", name=name)
        return Admitted(device=device, client_id=self.session_name)

    def may_publish(self, device, topic):
        del device
        return not topic.startswith("forbidden")

    def may_subscribe(self, device, topic_filter):
        del device
        return not topic_filter.startswith("forbidden")


def online(*filters, clean=True, **rules):
    """A core with the device `dev` online as connection 1."""
    core = Core(Ruled(**rules))
    assert core.connect(1, client_id="dev.1", clean=clean, keepalive=0) == [CONNACK]
    for each in filters:
        core.say(1, probe.subscribe((each, 1)))
    return core


def down(topic="t", payload=b"x", qos=1, **fields):
    return Publication(topic=topic, payload=payload, qos=qos, client_id="dev.1", **fields)


def messages(packets):
    return [probe.read_message(*each) for each in packets if each[0] >> 4 == 3]


def acknowledged(packets):
    return [int.from_bytes(body, "big") for head, body in packets if head == 0x40]


def uplinks(count, *, qos=1, first=1, topic="t"):
    return [
        probe.publish(topic, b"%d" % number, qos=qos, packet_id=number)
        for number in range(first, first + count)
    ]


def reasons(core, event):
    return [note.facts["reason"] for note in core.notes if note.event == event]
