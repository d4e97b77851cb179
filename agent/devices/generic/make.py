"""Makes the pure device of a generic device's settings, as every device kind is made."""

from agent.devices.generic.generic import Generic
from agent.settings.generic import GenericSettings

Settings = GenericSettings


def make(settings: GenericSettings, thing: object = None) -> Generic:
    """Make it; its thing table comes from its settings."""
    del thing
    return Generic(settings=settings)
