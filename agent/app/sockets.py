"""What only a socket can do: asked of another kind of device, it is refused in clear words."""

from agent.app.device import DeviceApp
from agent.devices.socket.state import State
from agent.errors import ControlError
from agent.settings.device import SocketSettings


def socket_of(device: DeviceApp, what: str) -> SocketSettings:
    """Give the settings of a socket; raise `ControlError` that says *what* it alone has."""
    settings = device.config.device
    if not isinstance(settings, SocketSettings):
        text = f"{device.name} is a {settings.kind!r} device: only a 'socket' has {what}"
        raise ControlError(text, kind="not_a_socket", key="device")
    return settings


def alone(device: DeviceApp, what: str) -> SocketSettings:
    """Give the settings of a socket with one contact; raise `ControlError` as `socket_of`."""
    settings = socket_of(device, what)
    if settings.kind != "socket":
        text = f"{device.name} is a {settings.kind!r} device: only a 'socket' has {what}"
        raise ControlError(text, kind="not_a_socket", key="device")
    return settings


def state_of(device: DeviceApp, what: str) -> State:
    """Give the state of a socket; raise `ControlError` that says *what* it alone has."""
    socket_of(device, what)
    state = device.runtime.state
    assert isinstance(state, State), "a socket's state"
    return state
