"""`[device.place]`: where a device stands, and what is told of a place that is none."""

from pathlib import Path

import pytest

from agent.settings.load import load
from tests.settings.device_files import DEVICE, only, write


def test_a_place_is_read_and_an_empty_zone_is_the_machines(tmp_path: Path):
    text = (
        DEVICE + '[device.place]\ntimezone = "Europe/Berlin"\nlatitude = 52.5\nlongitude = 13.4\n'
    )
    (device,) = load(write(tmp_path, text), {}).devices
    place = device.device.place
    assert (place.timezone, place.latitude, place.longitude) == ("Europe/Berlin", 52.5, 13.4)
    (bare,) = load(write(tmp_path, DEVICE + '[device.place]\ntimezone = ""\n'), {}).devices
    assert bare.device.place.timezone == ""


@pytest.mark.parametrize("zone", ["Europe/Berlim", "../../etc/passwd", "UTC+8", "Asia"])
def test_what_is_no_time_zone_is_told_with_its_line(tmp_path: Path, zone: str):
    fault = only(write(tmp_path, DEVICE + f'[device.place]\ntimezone = "{zone}"\n'))
    assert (fault.line, fault.key) == (5, "device.place.timezone")
    assert zone in fault.found
    assert fault.allowed.startswith("an IANA name such as Asia/Shanghai")


@pytest.mark.parametrize(("key", "value"), [("latitude", 90.1), ("longitude", -180.5)])
def test_what_is_beyond_the_poles_or_the_date_line_is_refused(
    tmp_path: Path, key: str, value: float
):
    fault = only(write(tmp_path, DEVICE + f"[device.place]\n{key} = {value}\n"))
    assert (fault.line, fault.key) == (5, f"device.place.{key}")
