"""Where OneNET's brokers are, and the one root that theirs may end in."""

from typing import Final

from agent.clouds.onenet.token import HOST_PLAIN, HOST_TLS, PORT_PLAIN, PORT_TLS
from agent.settings.clouds import OnenetSettings

SHARED: Final = (HOST_PLAIN, HOST_TLS)
"""The brokers of all products: plain, and with TLS."""
PRODUCT: Final = ("{}.mqtts.acc.cmcconenet.cn", "{}.mqttstls.acc.cmcconenet.cn")
"""The brokers of one product, as the newest products have them."""
LEGACY: Final = "mqtt.heclouds.com"

PORT_LEGACY: Final = 6002

FINGERPRINTS: Final = ("7DE9BC4C1AED01344667645678D449741210B17049489838BF637953B3E90117",)
"""SHA-256 of the root 'OneNET MQTTS' (2019 to 2049), in which the chains of `heclouds.com` end."""


def host_of(settings: OnenetSettings) -> str:
    """Name the broker."""
    if settings.host is not None:
        return settings.host
    if settings.generation == "legacy":
        return LEGACY
    brokers = SHARED if settings.domain == "shared" else PRODUCT
    return brokers[settings.tls is not False].format(settings.product_id)


def port_of(settings: OnenetSettings) -> int:
    """Name the broker's port."""
    if settings.port is not None:
        return settings.port
    if settings.generation == "legacy":
        return PORT_LEGACY
    return PORT_PLAIN if settings.tls is False else PORT_TLS


def fingerprints_of(settings: OnenetSettings) -> tuple[str, ...]:
    """Tell which roots of `ca_file` the broker's chain may end in; none: any.

    It is not known in what the chains of `cmcconenet.cn` end.
    """
    return FINGERPRINTS if settings.is_at_heclouds else ()
