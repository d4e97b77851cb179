"""Errors of the kernel's files, in a maker's words."""

import errno
import os

import pytest

from agent.drivers import sysfs_files, sysfs_output
from agent.errors import DriverError


def fault(number):
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENODEV, "it is not there: is the sensor connected"),
        (errno.ETIMEDOUT, "does not answer as it should"),
        (errno.EIO, "look at its wiring"),
        (errno.EACCES, "no permission to read it"),
        (errno.EISDIR, "Is a directory"),
    ],
)
def test_what_goes_wrong_with_a_sensor_is_told(number, says):
    assert says in sysfs_files._words(fault(number))


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOENT, "it is not there: is the output connected"),
        (errno.EPERM, "no permission to write it"),
        (errno.EROFS, "ProtectKernelTunables=no"),
        (errno.EINVAL, "Invalid argument"),
    ],
)
def test_what_goes_wrong_with_an_output_is_told(number, says):
    assert says in sysfs_output._words(fault(number))


def test_a_folder_in_place_of_a_file_is_an_error_of_the_driver(tmp_path):
    with pytest.raises(DriverError, match="Is a directory"):
        sysfs_files.read_bytes(tmp_path)
    with pytest.raises(DriverError, match="Is a directory"):
        sysfs_output.read_text(tmp_path)
    with pytest.raises(DriverError, match="Is a directory"):
        sysfs_output.write_text(tmp_path, "1")
