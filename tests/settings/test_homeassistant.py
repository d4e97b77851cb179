"""`[clouds.homeassistant]`: a broker, and a device named by itself."""

import pytest

from agent.settings.faults import ConfigFaults
from agent.settings.load import load

DEVICE = '[device]\nid = "attic.1"\nkind = "socket"\nclouds = ["homeassistant"]\n'
SECTION = "[clouds.homeassistant]\n"
HOST = 'host = "Broker.local"\n'


def config(folder, text, name="socket.toml", device=DEVICE):
    path = folder / name
    path.write_text(device + SECTION + text)
    path.chmod(0o600)
    return path


def cloud(folder, text, environ=None, **more):
    (device,) = load(config(folder, text, **more), environ or {}).devices
    return device.clouds["homeassistant"]


def fault(folder, text):
    with pytest.raises(ConfigFaults) as caught:
        load(config(folder, text), {})
    (only,) = caught.value.faults
    return only


def test_a_broker_is_all_that_it_needs(tmp_path):
    got = cloud(tmp_path, HOST)
    assert got.identity == ("broker.local", "attic-1")
    assert (got.name, got.username, got.password.get_secret_value()) == ("attic.1", "", "")
    assert (got.discovery_prefix, got.status_topic, got.base_topic) == (
        "homeassistant",
        "homeassistant/status",
        "polycloud",
    )


def test_the_name_is_the_sections_or_the_devices(tmp_path):
    named = DEVICE.replace("[device]", '[device]\nname = "Kettle"')
    assert cloud(tmp_path, HOST, device=named).name == "Kettle"
    own = HOST + 'name = "Pot"\ndevice_name = "pot"\n'
    got = cloud(tmp_path, own, device=named)
    assert (got.name, got.identity[1]) == ("Pot", "pot")


def test_a_user_has_a_password_from_a_file_or_a_variable(tmp_path):
    (tmp_path / "password").write_text("s3cret\n")
    text = HOST + 'username = "me"\n'
    got = cloud(tmp_path, text + 'password_file = "password"\n')
    assert got.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(got)
    environ = {"POLYCLOUD_CLOUDS__HOMEASSISTANT__PASSWORD": "other"}
    assert cloud(tmp_path, text, environ).password.get_secret_value() == "other"
    missing = fault(tmp_path, text)
    assert (missing.key, missing.found) == ("clouds.homeassistant.password", "no secret")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "host"),
        ('host = "mqtt://broker"\n', "host"),
        ('host = "broker:1883"\n', "host"),
        (HOST + 'tls = "psk"\n', "tls"),
        (HOST + 'password = "x"\n', "username"),
        (HOST + 'username = "me"\npassword = "a\\tb"\n', "password"),
        (HOST + 'device_name = "a/b"\n', "device_name"),
        (HOST + 'base_topic = "a/+"\n', "base_topic"),
        (HOST + 'client_id = "a b"\n', "client_id"),
        (HOST + 'language = "de"\n', "language"),
        (HOST + 'custom_topics = ["#"]\n', "custom_topics"),
        (HOST + 'custom_topics = ["polycloud/x"]\n', "custom_topics"),
        (HOST + 'custom_topics = ["homeassistant/status"]\n', "custom_topics"),
        (HOST + 'rename = { voltage = "a/b" }\n', "rename.voltage"),
    ],
)
def test_what_is_wrong_is_told_by_its_key(tmp_path, text, key):
    found = fault(tmp_path, text)
    assert found.key == f"clouds.homeassistant.{key}"
    assert found.allowed


@pytest.mark.parametrize("host", ["192.168.1.2", "::1", "fd00::2", "core-mosquitto"])
def test_an_address_is_a_host_too(tmp_path, host):
    assert cloud(tmp_path, f'host = "{host}"\n').identity[0] == host


def test_two_devices_may_not_be_one_at_the_same_broker(tmp_path):
    config(tmp_path, HOST + 'device_name = "one"\n', "a.toml")
    config(
        tmp_path,
        HOST.lower() + 'device_name = "one"\n',
        "b.toml",
        DEVICE.replace("attic.1", "attic.2"),
    )
    with pytest.raises(ConfigFaults) as caught:
        load(tmp_path, {})
    assert any("an identity of its own" in each.allowed for each in caught.value.faults)


def test_a_name_that_an_id_becomes_is_named_where_another_has_it(tmp_path):
    config(tmp_path, HOST, "a.toml", DEVICE.replace("attic.1", "attic-1"))
    config(tmp_path, HOST, "b.toml", DEVICE)
    with pytest.raises(ConfigFaults) as caught:
        load(tmp_path, {})
    assert any(each.found.startswith('"attic-1", which') for each in caught.value.faults)
