"""Channels of the kernel's industrial I/O: DHT11 and DHT22, BH1750, ADS1115, MCP3008 and others."""

from pathlib import Path
from typing import Final

from agent.drivers.file_sensor import FileSensor
from agent.drivers.off_loop import PATIENCE_S
from agent.drivers.sysfs_files import Bus, find_device, is_there, read_number
from agent.drivers.sysfs_text import iio_parts, shared_names
from agent.errors import DriverError
from agent.settings.sensors import IioSensorSettings

FOLDER: Final = Path("/sys/bus/iio/devices")
ADVICE: Final = (
    "On a Raspberry Pi an overlay in /boot/firmware/config.txt makes it, then reboot:"
    " dtoverlay=dht11,gpiopin=4 or dtoverlay=i2c-sensor,bh1750 or dtoverlay=ads1115,cha_enable"
    " or dtoverlay=mcp3008,spi0-0-present; I2C and SPI need dtparam=i2c_arm=on and dtparam=spi=on"
)


def iio_sensor(
    settings: IioSensorSettings,
    thing: object = None,
    *,
    folder: Path = FOLDER,
    patience_s: float = PATIENCE_S,
) -> FileSensor:
    """Make the sensor of one channel."""
    del thing
    bus = Bus(title="IIO", folder=folder, pattern="iio:device*", advice=ADVICE)
    return FileSensor(
        f"{settings.device} {settings.channel}",
        lambda: find_device(bus, settings.device),
        lambda device: read_channel(device, settings.channel),
        patience_s,
    )


def read_channel(device: Path, channel: str) -> float:
    """Read a channel in whole units; raise `DriverError`."""
    if not is_there(device / channel):
        raise DriverError(f"{device}: no channel {channel}; there are: {_channels(device)}")
    read = read_number(device / channel)
    if channel.endswith("_raw"):
        scale = _attribute(device, channel, "scale")
        if scale is None:
            return read
        read = (read + (_attribute(device, channel, "offset") or 0.0)) * scale
    return read / iio_parts(channel)


def _attribute(device: Path, channel: str, attribute: str) -> float | None:
    """Read the scale or offset of a channel, its own or one that it shares; None: it has none."""
    for name in shared_names(channel, attribute):
        if is_there(device / name):
            return read_number(device / name)
    return None


def _channels(device: Path) -> str:
    found = sorted(path.name for kind in ("raw", "input") for path in device.glob(f"in_*_{kind}"))
    return ", ".join(found[:32]) or "none"
