"""The doors to the outside: what drivers, transports and codecs look like to the agent.

Each has a fake shipped in the product. A driver's lifetime is an `async with`.
"""

from agent.ports.clouds import (
    Batch,
    Codec,
    ConnectParams,
    Message,
    PlatformLimits,
    Publish,
    Session,
    Subscription,
    Tls,
    Transport,
)
from agent.ports.devices import Device
from agent.ports.drivers import (
    Button,
    ButtonDriver,
    Clock,
    HeldLine,
    Indicator,
    IndicatorDriver,
    Line,
    Meter,
    Provisioner,
    Relay,
    RelayDriver,
    Thermometer,
)

__all__ = [
    "Batch",
    "Button",
    "ButtonDriver",
    "Clock",
    "Codec",
    "ConnectParams",
    "Device",
    "HeldLine",
    "Indicator",
    "IndicatorDriver",
    "Line",
    "Message",
    "Meter",
    "PlatformLimits",
    "Provisioner",
    "Publish",
    "Relay",
    "RelayDriver",
    "Session",
    "Subscription",
    "Thermometer",
    "Tls",
    "Transport",
]
