import pytest

from agent.settings.faults import ConfigFaults
from agent.settings.one_cloud import cloud_of_each

TEXT = """
[device]
id = "socket-1"
kind = "socket"
clouds = ["tencent"]
[clouds.tencent]
product_id = "CS0SLTKSYA"
device_name = "dev1"
device_secret_file = "nowhere"
[clouds.onenet]
product_id = "9MaNe52pNO"
device_name = "dev1"
[clouds.onenet.rename]
total_energy = "kwh"
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(TEXT)
    return path


def test_a_section_is_read_without_its_secret_and_whether_or_not_it_is_named(file):
    (tencent,) = cloud_of_each(file, {}, "tencent")
    assert (tencent.device, tencent.section.product_id) == ("socket-1", "CS0SLTKSYA")
    (onenet,) = cloud_of_each(file, {}, "onenet")
    assert onenet.section.rename == {"total_energy": "kwh"}


def test_a_cloud_without_a_section_has_none(file):
    (found,) = cloud_of_each(file, {}, "aliyun")
    assert found.section is None


def test_faults_elsewhere_do_not_matter_and_those_of_the_section_do(file):
    file.write_text(TEXT.replace('kind = "socket"', "kind = 7"))
    assert cloud_of_each(file, {}, "tencent")[0].section is not None
    file.write_text(TEXT.replace('"CS0SLTKSYA"', '"short"'))
    with pytest.raises(ConfigFaults, match="product_id"):
        cloud_of_each(file, {}, "tencent")


def test_a_device_without_an_id_is_called_by_its_file(file):
    file.write_text(TEXT.replace('id = "socket-1"', ""))
    assert cloud_of_each(file, {}, "tencent")[0].device == "a"


def test_a_folder_gives_each_device_and_leaves_the_agents_own_file_out(file):
    (file.parent / "agent.toml").write_text("[agent]\n")
    (file.parent / "b.toml").write_text(TEXT.replace("socket-1", "socket-2"))
    found = cloud_of_each(file.parent, {}, "tencent")
    assert [entry.device for entry in found] == ["socket-1", "socket-2"]


def test_a_folder_without_devices_is_told(tmp_path):
    with pytest.raises(ConfigFaults, match="no device file"):
        cloud_of_each(tmp_path, {}, "tencent")


def test_the_environment_lies_over_the_file(file):
    environ = {"POLYCLOUD_CLOUDS__ONENET__PRODUCT_ID": "other1"}
    (found,) = cloud_of_each(file, environ, "onenet")
    assert found.section.product_id == "other1"


def test_of_a_declared_device_its_own_names_are_known(file):
    switch = '[device.switches.total_power]\ndriver = "simulated"\n[clouds.tencent]'
    declared = TEXT.replace('"socket"', '"generic"').replace("[clouds.tencent]", switch)
    file.write_text(declared.replace("total_energy", "total_power"))
    (found,) = cloud_of_each(file, {}, "onenet")
    assert found.settings.own_names == ("total_power",)
    file.write_text(declared)
    with pytest.raises(ConfigFaults, match="allowed: total_power"):
        cloud_of_each(file, {}, "onenet")
