"""Makes the pure device of a strip, as every device kind is made."""

from agent.devices.strip.strip import Strip
from agent.settings.strip import StripSettings

Settings = StripSettings


def make(settings: StripSettings, thing: object = None) -> Strip:
    """Make it; a strip's thing table is its own."""
    del thing
    return Strip(settings=settings)
