"""Names of drivers and clouds → the code that makes them, imported when it is asked for."""

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast

from agent import plugins
from agent.errors import ConfigError
from agent.plugins import Group
from agent.ports import Codec, Device, Provisioner
from agent.settings.clouds import CloudSettings
from agent.settings.kind import DeviceSettings
from agent.settings.root import AgentSettings
from agent.settings.section import NamesDriver

Role = Literal[
    "device",
    "meter",
    "relay",
    "dimmer",
    "sensor",
    "button",
    "indicator",
    "thermometer",
    "provisioner",
    "cloud",
]
Factory = Callable[..., object]
"""Called `factory(settings, thing)`."""

BUILT_IN: Final[Mapping[Role, Mapping[str, str]]] = {
    "device": {
        "socket": "agent.devices.socket.make:make",
        "generic": "agent.devices.generic.make:make",
        "strip": "agent.devices.strip.make:make",
    },
    "meter": {
        "hlw8032": "agent.drivers.serial_meter:SerialMeter",
        "cse7766": "agent.drivers.serial_meter:SerialMeter",
        "cse7759b": "agent.drivers.serial_meter:SerialMeter",
        "hlw8012": "agent.drivers.pulse_meter:PulseMeter",
        "bl0937": "agent.drivers.pulse_meter:PulseMeter",
        "bl0942": "agent.drivers.bl0942_meter:Bl0942Meter",
        "pzem004t": "agent.drivers.pzem_meter:PzemMeter",
        "simulated": "agent.drivers.simulated.meter:SimulatedMeter",
    },
    "relay": {
        "auto": "agent.drivers.relay_auto:AutoRelay",
        "gpiod": "agent.drivers.gpiod_relay:GpiodRelay",
        "gpiozero": "agent.drivers.gpiozero_relay:GpiozeroRelay",
        "modbus": "agent.drivers.modbus_relay:ModbusRelay",
        "usb_serial": "agent.drivers.usb_relay:UsbRelay",
        "simulated": "agent.drivers.simulated.contact:SimulatedRelay",
    },
    "dimmer": {
        "gpiozero": "agent.drivers.gpiozero_dimmer:GpiozeroDimmer",
        "leds": "agent.drivers.led_dimmer:LedDimmer",
        "pwm": "agent.drivers.pwm_dimmer:PwmDimmer",
        "simulated": "agent.drivers.simulated.dimmer:SimulatedDimmer",
    },
    "sensor": {
        "iio": "agent.drivers.iio_sensor:iio_sensor",
        "hwmon": "agent.drivers.hwmon_sensor:hwmon_sensor",
        "w1": "agent.drivers.w1_sensor:w1_sensor",
        "gpiozero": "agent.drivers.gpiozero_input:GpiozeroInput",
        "gpiod": "agent.drivers.gpiod_input:GpiodInput",
        "mcp3008": "agent.drivers.mcp3008_sensor:Mcp3008Sensor",
        "simulated": "agent.drivers.simulated.sensor:SimulatedSensor",
    },
    "button": {
        "gpiozero": "agent.drivers.gpiozero_button:GpiozeroButton",
        "gpiod": "agent.drivers.gpiod_button:GpiodButton",
        "auto": "agent.drivers.button_auto:AutoButton",
        "simulated": "agent.drivers.simulated.button:SimulatedButton",
    },
    "indicator": {
        "rpi_ws281x": "agent.drivers.ws281x:Ws281xIndicator",
        "spi": "agent.drivers.spi_light:SpiIndicator",
        "rgb": "agent.drivers.rgb_light:RgbIndicator",
        "simulated": "agent.drivers.simulated.indicator:SimulatedIndicator",
    },
    "thermometer": {
        "sysfs": "agent.drivers.sysfs_thermometer:SysfsThermometer",
        "simulated": "agent.drivers.simulated.thermometer:SimulatedThermometer",
    },
    "provisioner": {
        "networkmanager": "agent.drivers.networkmanager:NetworkManager",
    },
    "cloud": {
        "tencent": "agent.clouds.tencent.codec:TencentCodec",
        "aliyun": "agent.clouds.aliyun.codec:AliyunCodec",
        "onenet": "agent.clouds.onenet.codec:make",
        "homeassistant": "agent.clouds.homeassistant.codec:HomeassistantCodec",
    },
}
GROUPS: Final[Mapping[Role, Group]] = {
    "device": "polycloud.devices",
    "meter": "polycloud.drivers",
    "relay": "polycloud.drivers",
    "dimmer": "polycloud.drivers",
    "sensor": "polycloud.drivers",
    "button": "polycloud.drivers",
    "indicator": "polycloud.drivers",
    "thermometer": "polycloud.drivers",
    "provisioner": "polycloud.drivers",
    "cloud": "polycloud.clouds",
}
EXTRAS: Final[Mapping[str, str]] = {
    "gpiod": "gateway",
    "gpiozero": "pi",
    "lgpio": "pi",
    "pymodbus": "modbus",
    "serial": "modbus",
    "rpi_ws281x": "pi",
}


def device(kind: str) -> Callable[[DeviceSettings, object], Device[Any]]:
    """Find what makes a device of *kind*; raise `ConfigError`."""
    return cast("Callable[[DeviceSettings, object], Device[Any]]", find("device", kind))


def made(role: Role, section: NamesDriver | None, thing: object) -> Any:  # noqa: ANN401 - what its role says
    """Make the driver that *section* names; None for none; raise `ConfigError`."""
    if section is None or section.driver == "none":
        return None
    return find(role, section.driver)(section, thing)


def provisioner(name: str) -> Callable[[AgentSettings, object], Provisioner] | None:
    """Find the driver of the machine's networks; None for 'none'; raise `ConfigError`."""
    if name == "none":
        return None
    factory = find("provisioner", name)
    return cast("Callable[[AgentSettings, object], Provisioner]", factory)


def codec_class(name: str) -> Callable[[CloudSettings, object], Codec]:
    """Find the codec of the cloud called *name*; raise `ConfigError`."""
    return cast("Callable[[CloudSettings, object], Codec]", find("cloud", name))


def names(role: Role) -> tuple[str, ...]:
    """List every name of *role* that works here: our own first, then those of plug-ins."""
    own = tuple(BUILT_IN[role])
    return own + tuple(name for name in plugins.names(GROUPS[role]) if name not in own)


def is_own(role: Role, name: str) -> bool:
    """Tell whether *name* is one of ours, and not a plug-in's."""
    return name in BUILT_IN[role]


def find(role: Role, name: str) -> Factory:
    """Import what makes *name*; plug-ins are looked at only for a name that is not our own."""
    path = BUILT_IN[role].get(name)
    if path is None:
        plugged = plugins.load(GROUPS[role], name)
        if plugged is None:
            raise _unknown(role, name)
        return plugged
    try:
        return _load(path)
    except ImportError as error:
        raise _missing(role, name, error) from error


def _load(path: str) -> Factory:
    module, _, attribute = path.partition(":")
    return cast("Factory", getattr(importlib.import_module(module), attribute))


def _missing(role: Role, name: str, error: ImportError) -> ConfigError:
    package = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(package)
    advice = f": sudo scripts/install-service --extras {extra}" if extra else f" ({error})"
    return ConfigError(f"{role} {name!r} needs the package {package or 'of its plug-in'}{advice}")


def _unknown(role: Role, name: str) -> ConfigError:
    known = names(role)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return ConfigError(f"{role} {name!r} is not known; there are {_listed(known)}{hint}")


def _listed(known: tuple[str, ...]) -> str:
    return ", ".join(known)
