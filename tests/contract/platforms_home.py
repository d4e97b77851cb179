"""Home Assistant at a broker as a platform of the rules: it keeps nothing and answers nothing."""

from pydantic import SecretStr

from agent.clouds.homeassistant.codec import HomeassistantCodec
from agent.conformance.subject import Bounds, Platform, Subject
from agent.devices.socket.thing_table import SOCKET
from agent.ports import Message
from agent.settings.clouds import HomeassistantSettings
from tests.contract.platforms import elsewhere, plain_commands

ROOT = "polycloud/socket-1"
CONFIG = "homeassistant/device/polycloud_socket-1/config"
OWN_TOPIC = "attic/socket"
COMMANDS = (
    Message(topic=f"{ROOT}/power_switch/set", payload=b"ON"),
    Message(topic=f"{ROOT}/power_switch/set", payload=b"off"),
    Message(topic=f"{ROOT}/count_down/set", payload=b"60"),
    Message(topic=f"{ROOT}/count_down/set", payload=b"60.0"),
    Message(topic=f"{ROOT}/current_limit/set", payload=b"4.5"),
    Message(topic=f"{ROOT}/current_limit/set", payload=b"much"),
    Message(topic=f"{ROOT}/timers/set", payload=b""),
    Message(topic=f"{ROOT}/nonsense/set", payload=b"ON"),
    Message(topic=f"{ROOT}/reset_energy/press", payload=b"PRESS"),
)


def section(**changes):
    given = {
        "host": "broker.test",
        "device_name": "socket-1",
        "username": "socket",
        "password": SecretStr("only-between-us"),
        "custom_topics": (OWN_TOPIC,),
        "reset_energy": True,
    }
    return HomeassistantSettings(**(given | changes))


def _may_publish(topic):
    return topic == CONFIG or topic.startswith(f"{ROOT}/")


PLATFORM = Platform(
    may_publish=_may_publish,
    may_subscribe=lambda each: (
        each in {"homeassistant/status", OWN_TOPIC} or each.startswith(f"{ROOT}/")
    ),
    accept=lambda _publish: (),
    requests=(),
    unanswered=(*COMMANDS, *plain_commands(OWN_TOPIC)),
    newcomers=(Message(topic="homeassistant/status", payload=b"online"),),
    foreign=elsewhere(COMMANDS, ("socket-1", "socket-2"), ("socket-1", "socket-10")),
    bounds=Bounds(keepalive_s=(10, 1200)),
    has_past=False,
    takes_past=False,
)
HOME = Subject(
    title="homeassistant",
    factory=HomeassistantCodec,
    settings=section(),
    thing=SOCKET,
    platform=PLATFORM,
)
