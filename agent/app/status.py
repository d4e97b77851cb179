"""The answer to `status`: plain JSON, the same for people's tables and for programs."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from agent import __version__
from agent.app.device import DeviceApp
from agent.app.trouble import within
from agent.clouds.link import Link
from agent.clouds.usage import Report
from agent.model import Snapshot
from agent.ports import Clock

Row = Mapping[str, object]

MEGABYTE: Final = 1_000_000

STARTING: Final = {"trip": None, "countdown": None, "closes_in_s": None, "meter": "starting"}
"""What is told of a device whose relay is not driven yet."""


def status(devices: Sequence[Row], agent: Mapping[str, object]) -> dict[str, object]:
    """Describe the agent, and devices as `device_status` has described them."""
    return {"devices": list(devices), "agent": {"version": __version__, **agent}}


def brief(device: DeviceApp) -> Row:
    """Tell which device it is, and why it does not work."""
    settings = device.config.device
    return {
        "id": settings.id,
        "kind": settings.kind,
        "name": settings.name or settings.id,
        **_trouble(device),
    }


def device_status(device: DeviceApp) -> Row:
    """Describe one device: how it stands, and how its clouds do."""
    links: Mapping[str, Link] = {} if device.links is None else device.links.links
    return {
        **brief(device),
        "properties": _properties(device),
        "switch": device.thing.switch,
        "outputs": list(device.thing.outputs()),
        "units": {row.field.name: row.field.unit for row in device.thing.properties},
        **within(device, partial(_described, device), STARTING),
        "output_errors": dict(device.runtime.output_errors) if device.is_open else {},
        "meter_error": device.meter_error,
        "temperature_error": device.temperature_error,
        "sensor_errors": dict(device.sensor_errors),
        "clouds": {name: _cloud(link, device.clock) for name, link in links.items()},
    }


def _described(device: DeviceApp) -> Mapping[str, object]:
    return device.runtime.describe() if device.is_open else STARTING


def _trouble(device: DeviceApp) -> Mapping[str, object]:
    """Tell why a device does not work, and when it is begun anew."""
    trouble = device.trouble
    if trouble is None:
        return {"error": None, "retry_in_s": None}
    return {"error": trouble.error, "retry_in_s": _left_s(trouble.retry_at, device.clock.now())}


def _properties(device: DeviceApp) -> Mapping[str, object]:
    unknown: Snapshot = {row.field.name: None for row in device.thing.properties}
    if not device.is_open:
        return unknown
    return within(device, device.runtime.snapshot, unknown)


def _cloud(link: Link, clock: Clock) -> dict[str, object]:
    status, counters = link.status, link.counters
    return {
        "connected": status.is_connected,
        "since": None if status.since is None else clock.wall_time_at(status.since),
        "pending": link.pending,
        "sessions": status.sessions,
        "last_error": status.last_error,
        "retry_in_s": _left_s(status.next_attempt_at, clock.now()),
        "delivered": counters.delivered,
        "refused": counters.refused,
        "unconfirmed": counters.unconfirmed,
        "local": counters.local,
        "thinned": counters.thinned,
        "lost": counters.lost,
        "not_told_kwh": link.not_told_kwh,
        "pace": _pace(link.pace),
    }


def _pace(pace: Report) -> dict[str, object]:
    """Describe how much is sent; a forecast is null until it can be made."""
    forecast = pace.forecast
    billed = None if forecast is None else forecast.billed
    return {
        "messages_last_minute": pace.messages_last_minute,
        "connects_last_minute": pace.connects_last_minute,
        "publish_headroom": round(pace.publish_headroom, 3),
        "connect_headroom": round(pace.connect_headroom, 3),
        "observed_s": round(pace.observed_s),
        "messages_per_30_days": None if forecast is None else round(forecast.messages),
        "megabytes_per_30_days": None
        if forecast is None
        else round(forecast.payload_bytes / MEGABYTE, 3),
        "billed_messages_per_30_days": None if billed is None else round(billed),
    }


def _left_s(at: float | None, now: float) -> float | None:
    return None if at is None else round(max(0.0, at - now), 1)
