"""Channels of the kernel's hardware monitors."""

from pathlib import Path
from typing import Final

from agent.drivers.file_sensor import FileSensor
from agent.drivers.off_loop import PATIENCE_S
from agent.drivers.sysfs_files import Bus, find_device, read_number
from agent.drivers.sysfs_text import hwmon_parts
from agent.settings.sensors import HwmonSensorSettings

FOLDER: Final = Path("/sys/class/hwmon")
ADVICE: Final = (
    "Load the chip's driver (`sudo modprobe lm75`), or on a Raspberry Pi an overlay such as"
    " dtoverlay=i2c-sensor,lm75 in /boot/firmware/config.txt, with dtparam=i2c_arm=on; then reboot"
)


def hwmon_sensor(
    settings: HwmonSensorSettings,
    thing: object = None,
    *,
    folder: Path = FOLDER,
    patience_s: float = PATIENCE_S,
) -> FileSensor:
    """Make the sensor of one channel."""
    del thing
    bus = Bus(title="hwmon", folder=folder, pattern="hwmon[0-9]*", advice=ADVICE)
    channel = settings.channel
    return FileSensor(
        f"{settings.device} {channel}",
        lambda: find_device(bus, settings.device),
        lambda device: read_number(device / channel) / hwmon_parts(channel),
        patience_s,
    )
