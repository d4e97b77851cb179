"""The codecs of a device's clouds, made from their sections."""

from typing import Any

from agent import registry
from agent.app.kinds import make_device
from agent.clouds.plugged_codec import PluggedCodec
from agent.errors import SettingError
from agent.ports import Codec
from agent.settings.clouds import CloudSettings
from agent.settings.faults import ConfigFaults, Fault
from agent.settings.root import DeviceConfig
from agent.thing import Thing


def make_codec(name: str, settings: CloudSettings, thing: Thing[Any]) -> Codec:
    """Make the codec of a cloud; raise `ConfigError` for what only it can judge."""
    codec = registry.codec_class(name)(settings, thing)
    return codec if registry.is_own("cloud", name) else PluggedCodec(codec, name)


def check_codecs(config: DeviceConfig) -> None:
    """Make every codec once, so that a wrong section is found before anything is started.

    Raise `ConfigFaults` with every key that is wrong, or another `ConfigError`.
    """
    faults: list[Fault] = []
    thing = make_device(config.device).thing
    for name in config.device.clouds:
        try:
            make_codec(name, config.clouds[name], thing)
        except SettingError as error:
            place = config.place(tuple(error.key.split(".")))
            faults.append(place.fault(found=error.found, allowed=error.allowed))
    if faults:
        raise ConfigFaults(faults)
