"""Makes the pure device of a socket, as every device kind is made."""

from agent.devices.socket.socket import Socket
from agent.settings.device import SocketSettings

Settings = SocketSettings


def make(settings: SocketSettings, thing: object = None) -> Socket:
    """Make it; a socket's thing table is its own."""
    del thing
    return Socket(settings=settings)
