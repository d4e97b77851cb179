"""The answer to `status`: plain JSON, the same for people's tables and for programs."""

from collections.abc import Mapping

from agent import __version__
from agent.app.device import DeviceApp
from agent.clouds.link import Link


def status(devices: Mapping[str, DeviceApp], agent: Mapping[str, object]) -> dict[str, object]:
    """Describe the agent and *devices*."""
    return {
        "devices": [_device(device) for device in devices.values()],
        "agent": {"version": __version__, **agent},
    }


def _device(device: DeviceApp) -> dict[str, object]:
    settings, runtime = device.config.device, device.runtime
    links: Mapping[str, Link] = {} if device.links is None else device.links.links
    return {
        "id": settings.id,
        "kind": settings.kind,
        "name": settings.name or settings.id,
        "properties": dict(runtime.snapshot()),
        "units": {row.field.name: row.field.unit for row in device.thing.properties},
        **runtime.describe(),
        "meter_error": device.meter_error,
        "clouds": {name: _cloud(link) for name, link in links.items()},
    }


def _cloud(link: Link) -> dict[str, object]:
    status, counters = link.status, link.counters
    return {
        "connected": status.is_connected,
        "since": status.since,
        "pending": link.pending,
        "sessions": status.sessions,
        "last_error": status.last_error,
        "delivered": counters.delivered,
        "refused": counters.refused,
        "unconfirmed": counters.unconfirmed,
        "lost": counters.lost,
    }
