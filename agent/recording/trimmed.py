"""A device's settings as far as a decision may depend on them."""

from collections.abc import Mapping

from agent.settings.device import SocketSettings


def trimmed(settings: SocketSettings) -> Mapping[str, object]:
    """Leave out where the parts are: a port's address may hold what nobody else should read."""
    return settings.model_dump(mode="json", exclude={"meter": {"port"}, "relay": {"state_file"}})
