"""The codecs of a device's clouds, made from their sections."""

from agent import registry
from agent.devices.socket.thing_table import SOCKET
from agent.errors import SettingError
from agent.ports import Codec
from agent.settings.clouds import CloudSettings
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.root import DeviceConfig


def make_codec(name: str, settings: CloudSettings) -> Codec:
    """Make the codec of a cloud; raise `ConfigError` for what only it can judge."""
    return registry.codec_class(name)(settings, SOCKET)


def check_codecs(config: DeviceConfig) -> None:
    """Make every codec once, so that a wrong section is found before anything is started.

    Raise `ConfigFaults` with every key that is wrong, or another `ConfigError`.
    """
    faults: list[Fault] = []
    for name in config.device.clouds:
        try:
            make_codec(name, config.clouds[name])
        except SettingError as error:
            place = config.place(tuple(error.key.split(".")))
            faults.append(place.fault(found=error.found, allowed=error.allowed))
    if faults:
        raise ConfigFaults(faults)
