"""What a device's settings mean to the parts around it."""

from typing import Any

from agent import __version__
from agent.ports import Device
from agent.reporting import Policy
from agent.rights import Rights
from agent.settings.change import parse_change
from agent.settings.clouds import CloudSettings
from agent.settings.kind import DeviceSettings
from agent.thing import Thing


def policy_of(settings: DeviceSettings, device: Device[Any]) -> Policy:
    """Make the reporting policy: the thing's defaults, overlaid by the settings."""
    reporting = settings.reporting
    rows = device.thing.properties
    defaults = {row.field.name: parse_change(row.default_change) for row in rows}
    return Policy(
        min_interval_s=reporting.min_interval_s,
        max_interval_s=reporting.max_interval_s,
        changes=defaults | dict(reporting.changes),
    )


def rights_of(settings: CloudSettings, thing: Thing[Any]) -> Rights:
    """Take a cloud's rights from its section."""
    return Rights(
        commands=settings.commands, reset_energy=settings.reset_energy, outputs=thing.outputs()
    )


def machine_facts(model: str) -> dict[str, str]:
    """Tell what a platform shows about this agent."""
    return {
        "version": __version__,
        "hardware": model,
        "software": f"polycloud-agent {__version__}",
    }
