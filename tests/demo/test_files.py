"""The demo's device file is one that the agent loads, and its secrets are nobody else's."""

import stat

import pytest

from agent.demo.dialects import choose
from agent.demo.files import write_config
from agent.emulator.emulator import MqttPorts, Ports
from agent.emulator.options import CA_FILE
from agent.settings.load import load

SETS = [
    ("tencent",),
    ("aliyun",),
    ("onenet",),
    ("onenet-datastream",),
    ("onenet-legacy",),
    ("onenet-legacy", "aliyun", "tencent"),
]


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_it_names_each_cloud_with_its_port_its_secret_and_how_it_is_trusted(tmp_path, names):
    folder = tmp_path / 'a "folder"'
    folder.mkdir()
    dialects = choose(names)
    devices = {each.name: each.identity() for each in dialects}
    numbers = {name: MqttPorts(mqtt=1000 + n, mqtts=2000 + n) for n, name in enumerate(names)}
    ports = Ports(clouds=numbers, http=80, ca_file=CA_FILE)
    path = write_config(folder, dialects, devices, ports)
    config = load(path, {})
    (device,) = config.devices
    assert list(device.clouds) == [each.section for each in dialects]
    for dialect in dialects:
        section, identity = device.clouds[dialect.section], devices[dialect.name]
        product, name, secret = (getattr(section, key) for key in dialect.keys)
        assert (product, name) == (identity.product, identity.name)
        assert secret.get_secret_value() == identity.secret
        assert identity.secret not in path.read_text()
        assert stat.S_IMODE((folder / f"{dialect.section}.secret").stat().st_mode) == 0o600
        own = numbers[dialect.name]
        if dialect.has_tls:
            assert (section.port, section.tls, section.ca_file) == (own.mqtts, True, str(CA_FILE))
        else:
            assert (section.port, section.tls, section.ca_file) == (own.mqtt, False, None)
    assert config.agent.control_socket == str(folder / "control.sock")


def test_reports_come_no_faster_than_the_slowest_platform_takes(tmp_path):
    def interval_s(*names):
        dialects = choose(names)
        devices = {each.name: each.identity() for each in dialects}
        ports = dict.fromkeys(names, MqttPorts(mqtt=1, mqtts=2))
        path = write_config(
            tmp_path, dialects, devices, Ports(clouds=ports, http=1, ca_file=CA_FILE)
        )
        return load(path, {}).devices[0].device.reporting.min_interval_s

    assert interval_s("tencent") == 0.5
    assert interval_s("tencent", "onenet") == 2
