"""Hermes as the rules of `polycloud conformance` must know it."""

import json
from collections.abc import Sequence

from pydantic import SecretStr

from agent.conformance.subject import Platform, Subject
from agent.devices.socket.thing_table import SOCKET
from agent.ports import Message, Publish
from polycloud_hermes import HermesCodec, HermesSettings


def down(kind: str, device: str = "dev-1", **body: object) -> Message:
    """Say something to a device."""
    return Message(topic=f"hermes/{device}/down/{kind}", payload=json.dumps(body).encode())


def answer(publish: Publish, **told: object) -> Sequence[Message]:
    """Acknowledge whatever is no reply."""
    body = json.loads(publish.payload)
    return () if publish.topic.endswith("/reply") else (down("ack", id=body["id"], **told),)


CONFORMANCE = Subject(
    title="hermes",
    factory=HermesCodec,
    settings=HermesSettings(device_name="dev-1", device_secret=SecretStr("only-between-us")),
    thing=SOCKET,
    platform=Platform(
        may_publish=lambda topic: topic.startswith("hermes/dev-1/up/"),
        may_subscribe=lambda topic: topic == "hermes/dev-1/down/+",
        accept=lambda publish: answer(publish, ok=True),
        refuse=lambda publish: answer(publish, ok=False, code=403),
        requests=(
            down("set", id="a1", values={"power_switch": 1, "count_down": 60}),
            down("call", id="a2", action="reset_energy", values={}),
        ),
        misunderstood=(down("set", id="a3", values=[]), down("call", id="a4", action="?")),
        foreign=(down("set", "dev-10", id="a5", values={"power_switch": 1}),),
    ),
)
