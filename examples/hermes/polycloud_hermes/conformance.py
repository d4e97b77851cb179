"""Hermes as the rules of `polycloud conformance` must know it."""

import json

from pydantic import SecretStr

from agent.conformance.subject import Platform, Subject
from agent.devices.socket.thing_table import SOCKET
from agent.ports import Message, Publish
from polycloud_hermes import HermesCodec, HermesSettings


def down(topic: str, **body: object) -> Message:
    """Say something to a device."""
    return Message(topic=f"hermes/{topic}", payload=json.dumps(body).encode())


def answer(publish: Publish, **told: object) -> tuple[Message, ...]:
    """Acknowledge what the device tells."""
    return (down("dev-1/down/ack", id=json.loads(publish.payload)["id"], **told),)


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
            down("dev-1/down/set", id="a1", values={"power_switch": 1, "count_down": 60}),
            down("dev-1/down/call", id="a2", action="reset_energy", values={}),
        ),
        misunderstood=(
            down("dev-1/down/set", id="a3", values=[]),
            down("dev-1/down/call", id="a4"),
        ),
        foreign=(down("dev-10/down/set", id="a5", values={"power_switch": 1}),),
    ),
)
