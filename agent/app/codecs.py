"""The codecs of a device's clouds, made from their sections."""

from agent import registry
from agent.devices.socket.thing_table import SOCKET
from agent.ports import Codec
from agent.settings.clouds import CloudSettings
from agent.settings.root import DeviceConfig


def make_codec(name: str, settings: CloudSettings) -> Codec:
    """Make the codec of a cloud; raise `ConfigError` for what only it can judge."""
    return registry.codec_class(name)(settings, SOCKET)


def check_codecs(config: DeviceConfig) -> None:
    """Make every codec once, so that a wrong section is found before anything is started."""
    for name in config.device.clouds:
        make_codec(name, config.clouds[name])
