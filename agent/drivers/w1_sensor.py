"""Thermometers on the 1-wire bus, by the kernel's w1_therm: DS18B20 and its family."""

from pathlib import Path
from typing import Final

from agent.drivers.file_sensor import FileSensor
from agent.drivers.off_loop import PATIENCE_S
from agent.drivers.sysfs_files import is_there, parsed, read_number
from agent.drivers.sysfs_text import MILLI, w1_celsius
from agent.errors import DriverError
from agent.settings.sensors import W1SensorSettings

FOLDER: Final = Path("/sys/bus/w1/devices")
ADVICE: Final = (
    "On a Raspberry Pi dtoverlay=w1-gpio,gpiopin=4 in /boot/firmware/config.txt makes the bus, then"
    " reboot; the data line needs 4.7 kΩ to 3.3 V"
)
LEAST_C: Final = -55.0
MOST_C: Final = 125.0
POWER_ON_C: Final = 85.0
"""What these chips show until they have measured once."""

NEAR_C: Final = 10.0
W1_SLAVE_BYTES: Final = 160


def w1_sensor(
    settings: W1SensorSettings,
    thing: object = None,
    *,
    folder: Path = FOLDER,
    patience_s: float = PATIENCE_S,
) -> FileSensor:
    """Make the sensor of one chip."""
    del thing
    return FileSensor(
        settings.device,
        lambda: _found(folder, settings.device),
        _Thermometer().celsius,
        patience_s,
    )


class _Thermometer:
    """Reads a chip; it believes in 85 °C only what has come close to it."""

    def __init__(self) -> None:
        self._last_c: float | None = None

    def celsius(self, device: Path) -> float:
        """Read; raise `DriverError`."""
        celsius = _read(device)
        if not LEAST_C <= celsius <= MOST_C:
            raise DriverError(f"{device}: {celsius:g} °C cannot be: look at the wiring")
        is_near = self._last_c is not None and abs(celsius - self._last_c) <= NEAR_C
        if celsius == POWER_ON_C and not is_near:
            raise DriverError(
                f"{device}: 85 °C is what the chip says before it has measured: its supply was"
                " interrupted, or is too weak"
            )
        self._last_c = celsius
        return celsius


def _read(device: Path) -> float:
    """Read the file of newer kernels, or the older one that shows the checksum."""
    if is_there(device / "temperature"):
        return read_number(device / "temperature") / MILLI
    return parsed(device / "w1_slave", w1_celsius, W1_SLAVE_BYTES)


def _found(folder: Path, name: str) -> Path:
    device = folder / name
    if not device.is_dir():
        others = ", ".join(sorted(path.name for path in folder.glob("[0-9a-f][0-9a-f]-*")))
        raise DriverError(f"{name}: no such 1-wire chip; there are: {others or 'none'}. {ADVICE}")
    return device
