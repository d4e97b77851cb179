"""Sensors that are files of the kernel's: found, read off the loop, lost and found again."""

import threading

import pytest

from agent.drivers.hwmon_sensor import hwmon_sensor
from agent.drivers.iio_sensor import iio_sensor
from agent.drivers.w1_sensor import w1_sensor
from agent.errors import DriverError
from agent.settings.sensors import HwmonSensorSettings, IioSensorSettings, W1SensorSettings
from tests.drivers.sysfs import Devices, answer, fail, hang, put

CHIP = "28-0316a27948ff"


@pytest.fixture
def devices(tmp_path):
    return Devices(tmp_path / "iio")


def iio(devices, device, channel, *, patience_s=5.0):
    settings = IioSensorSettings(driver="iio", device=device, channel=channel)
    return iio_sensor(settings, folder=devices.folder, patience_s=patience_s)


def w1(tmp_path, *, patience_s=5.0):
    settings = W1SensorSettings(driver="w1", device=CHIP)
    return w1_sensor(settings, folder=tmp_path, patience_s=patience_s)


async def measured(driver):
    async with driver.open() as sensor:
        return await sensor.measure()


async def test_a_dht11_is_read_in_degrees_and_per_cent(devices):
    devices.plug("dht11@4", in_temp_input="23400", in_humidityrelative_input="41000")
    assert await measured(iio(devices, "dht11", "in_temp_input")) == 23.4
    assert await measured(iio(devices, "dht11@4", "in_humidityrelative_input")) == 41


async def test_a_raw_channel_has_its_scale_and_offset(devices):
    devices.plug("bh1750", in_illuminance_raw="120", in_illuminance_scale="0.833333")
    assert await measured(iio(devices, "bh1750", "in_illuminance_raw")) == pytest.approx(100)
    devices.plug("mcp3008", in_voltage0_raw="512", in_voltage_scale="3.222656250")
    assert await measured(iio(devices, "mcp3008", "in_voltage0_raw")) == pytest.approx(1.65)
    files = {"in_voltage0__voltage1_raw": "-100", "in_voltage__voltage_scale": "2"}
    devices.plug("ads1115", **files, in_voltage_offset="50", in_voltage_scale="7")
    assert await measured(iio(devices, "ads1115", "in_voltage0-voltage1_raw")) == -0.1


async def test_a_raw_channel_without_a_scale_is_what_the_chip_says(devices):
    devices.plug("odd", in_voltage0_raw="512")
    assert await measured(iio(devices, "odd", "in_voltage0_raw")) == 512


async def test_a_device_whose_number_has_changed_is_found_again(devices):
    first = devices.plug("bh1750", in_illuminance_input="10")
    async with iio(devices, "bh1750", "in_illuminance_input").open() as sensor:
        assert await sensor.measure() == 10
        devices.unplug(first)
        with pytest.raises(DriverError, match=r"no IIO device of that name; there are: none"):
            await sensor.measure()
        devices.plug("dht11@4", in_temp_input="1")
        devices.plug("bh1750", in_illuminance_input="20")
        assert await sensor.measure() == 20


async def test_a_device_may_be_told_by_its_path(devices, tmp_path):
    devices.plug("mcp3008", in_voltage0_input="1000")
    second = devices.plug("mcp3008", in_voltage0_input="2000")
    with pytest.raises(DriverError, match=r"there are 2 of that name: write the path"):
        await measured(iio(devices, "mcp3008", "in_voltage0_input"))
    assert await measured(iio(devices, str(second), "in_voltage0_input")) == 2
    above = Devices(tmp_path / "spi0.1")
    above.plug("mcp3008", in_voltage0_input="3000")
    assert await measured(iio(devices, str(above.folder), "in_voltage0_input")) == 3
    assert await measured(iio(devices, str(tmp_path / "spi0.1"), "in_voltage0_input")) == 3


@pytest.mark.parametrize("path", ["missing", "iio:device9"])
async def test_a_path_that_is_not_there_says_what_to_do(devices, path):
    with pytest.raises(DriverError, match=r"dtoverlay=dht11,gpiopin=4"):
        await measured(iio(devices, str(devices.folder / path), "in_temp_input"))


async def test_a_channel_that_is_not_there_is_answered_with_those_that_are(devices):
    devices.plug("bh1750", in_illuminance_raw="1", in_illuminance_scale="1")
    with pytest.raises(DriverError, match=r"there are: in_illuminance_raw$"):
        await measured(iio(devices, "bh1750", "in_voltage0_raw"))


async def test_a_reading_that_fails_says_so_and_the_next_may_be_good(devices):
    device = devices.plug("dht11@4")
    fail(device / "in_temp_input")
    driver = iio(devices, "dht11", "in_temp_input")
    with pytest.raises(DriverError, match=r"does not answer as it should .*look at its wiring"):
        await measured(driver)
    (device / "in_temp_input").unlink()
    put(device, in_temp_input="20000")
    assert await measured(driver) == 20


async def test_a_device_that_has_no_name_is_none(devices):
    device = devices.plug("dht11")
    (device / "name").unlink()
    with pytest.raises(DriverError, match="there are: none"):
        await measured(iio(devices, "dht11", "in_temp_input"))


@pytest.mark.parametrize("text", ["", "warm", "1" * 200])
async def test_what_is_no_number_is_shown(devices, text):
    devices.plug("dht11", in_temp_input=text)
    with pytest.raises(DriverError, match="is no number"):
        await measured(iio(devices, "dht11", "in_temp_input"))


def readers():
    return [each for each in threading.enumerate() if each.name == "sensor"]


async def test_a_sensor_that_hangs_holds_one_thread_and_is_found_when_it_answers(devices):
    device = devices.plug("dht11@4")
    hang(device / "in_temp_input")
    async with iio(devices, "dht11", "in_temp_input", patience_s=0.01).open() as sensor:
        for _ in range(3):
            with pytest.raises(DriverError, match=r"dht11 in_temp_input: no answer within 0.01 s"):
                await sensor.measure()
        (reader,) = readers()
        assert reader.daemon
        answer(device / "in_temp_input", "20000")
        reader.join()
    assert await measured(iio(devices, "dht11", "in_temp_input")) == 20


async def test_a_bug_in_a_drivers_thread_comes_out_on_the_loop(devices):
    devices.plug("dht11", in_temp_input="1")
    driver = iio(devices, "dht11", "in_temp_input")
    driver._read = lambda _: 1 // 0
    told = threading.excepthook
    threading.excepthook = lambda _: None
    try:
        with pytest.raises(RuntimeError, match="thread has failed"):
            await measured(driver)
        for reader in readers():
            reader.join()
    finally:
        threading.excepthook = told


async def test_a_monitors_channel_is_read_in_whole_units(tmp_path):
    monitors = Devices(tmp_path, kind="hwmon")
    monitors.plug("lm75", temp1_input="41500", in0_input="3300", power1_input="2500000")
    for channel, value in (("temp1_input", 41.5), ("in0_input", 3.3), ("power1_input", 2.5)):
        settings = HwmonSensorSettings(driver="hwmon", device="lm75", channel=channel)
        assert await measured(hwmon_sensor(settings, folder=tmp_path)) == value


async def test_a_monitor_that_is_not_there_says_which_are(tmp_path):
    Devices(tmp_path, kind="hwmon").plug("cpu_thermal", temp1_input="1")
    settings = HwmonSensorSettings(driver="hwmon", device="lm75", channel="temp1_input")
    with pytest.raises(DriverError, match=r"there are: cpu_thermal. Load the chip's driver"):
        await measured(hwmon_sensor(settings, folder=tmp_path))


# ── 1-wire ──────────────────────────────────────────────────────────────────────────────────


def chip(tmp_path, **files):
    (tmp_path / CHIP).mkdir(exist_ok=True)
    put(tmp_path / CHIP, **files)


async def test_a_ds18b20_is_read(tmp_path):
    chip(tmp_path, temperature="23125")
    assert await measured(w1(tmp_path)) == 23.125


async def test_an_older_kernels_file_counts_with_its_checksum_alone(tmp_path):
    row = "72 01 4b 46 7f ff 0e 10 57"
    chip(tmp_path, w1_slave=f"{row} : crc=57 YES\n{row} t=23125")
    assert await measured(w1(tmp_path)) == 23.125
    chip(tmp_path, w1_slave=f"{row} : crc=57 NO\n{row} t=23125")
    with pytest.raises(DriverError, match="its checksum is wrong"):
        await measured(w1(tmp_path))


async def test_85_degrees_count_only_when_they_were_close(tmp_path):
    driver = w1(tmp_path)
    chip(tmp_path, temperature="85000")
    with pytest.raises(DriverError, match="before it has measured"):
        await measured(driver)
    chip(tmp_path, temperature="84000")
    assert await measured(driver) == 84
    chip(tmp_path, temperature="85000")
    assert await measured(driver) == 85
    chip(tmp_path, temperature="20000")
    assert await measured(driver) == 20
    chip(tmp_path, temperature="85000")
    with pytest.raises(DriverError, match="before it has measured"):
        await measured(driver)


async def test_what_no_chip_of_this_kind_measures_is_refused(tmp_path):
    chip(tmp_path, temperature="127937")
    with pytest.raises(DriverError, match="cannot be"):
        await measured(w1(tmp_path))


async def test_a_chip_that_is_not_there_says_which_are(tmp_path):
    (tmp_path / "28-000000000001").mkdir()
    (tmp_path / "w1_bus_master1").mkdir()
    with pytest.raises(DriverError, match=r"there are: 28-000000000001\. .*dtoverlay=w1-gpio"):
        await measured(w1(tmp_path))


async def test_a_chip_that_fails_says_so(tmp_path):
    chip(tmp_path)
    fail(tmp_path / CHIP / "temperature")
    with pytest.raises(DriverError, match="does not answer as it should"):
        await measured(w1(tmp_path))


async def test_a_folder_that_cannot_be_looked_into_is_the_sensors_fault(tmp_path):
    with pytest.raises(DriverError, match="File name too long"):
        await measured(w1(tmp_path / ("x" * 300)))
