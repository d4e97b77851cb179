"""What a device logs in with at the broker, its last word and its first."""

from typing import Final

from agent.clouds.homeassistant.topics import topics_of
from agent.ports import ConnectParams, Publish, Tls
from agent.settings.clouds import HomeassistantSettings

ONLINE: Final = b"online"
OFFLINE: Final = b"offline"
PORT_PLAIN: Final = 1883
PORT_TLS: Final = 8883
ADVICE: Final = (
    "username and password are those of the broker; the Mosquitto of Home Assistant knows Home"
    " Assistant's own users"
)


def login(settings: HomeassistantSettings) -> ConnectParams:
    """Tell all that a CONNECT needs; nothing is signed."""
    tls = _tls(settings)
    topic = topics_of(settings).availability
    will = Publish(topic=topic, payload=OFFLINE, is_answered=False, is_retained=True)
    birth = Publish(topic=topic, payload=ONLINE, is_answered=False, is_retained=True)
    return ConnectParams(
        host=settings.host or "",
        port=settings.port or (PORT_PLAIN if tls is None else PORT_TLS),
        tls=tls,
        client_id=settings.client_id or f"polycloud-{settings.device_name}",
        username=settings.username,
        password=settings.password.get_secret_value(),
        keepalive_s=settings.keepalive_s,
        will=will,
        birth=birth,
        advice=ADVICE,
    )


def _tls(settings: HomeassistantSettings) -> Tls | None:
    if settings.tls is False:
        return None
    return Tls(
        ca_file=settings.ca_file,
        server_name=settings.server_name,
        verifies_host=settings.verify == "full",
    )
