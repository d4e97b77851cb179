"""Plug-ins in a configuration: their sections stand where ours may, with the same faults."""

import pytest

from agent.settings.changes import restart_reasons
from agent.settings.load import load
from agent.settings.section import Plugged
from tests.plugged import installed
from tests.settings.device_files import faults, only, write, write_secret

SOCKET = '[device]\nid = "tv"\nkind = "socket"\n'
GENERIC = '[device]\nid = "hall"\nkind = "generic"\n'
SWITCH = '[device.switches.Fan]\ndriver = "acme"\nhost = "relays.example"\n'
HERMES = 'clouds = ["hermes"]\n'
SECTION = '[clouds.hermes]\ndevice_name = "dev-1"\ndevice_secret_file = "tencent.secret"\n'


@pytest.fixture(autouse=True)
def acme(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("plugs")) as module:
        yield module


def device_of(folder, text, environ=None):
    (entry,) = load(write(folder, text), environ or {}).devices
    return entry.device


def test_a_plug_ins_contact_stands_among_ours(tmp_path, acme):
    ours = '[device.switches.Lamp]\ndriver = "simulated"\n'
    device = device_of(tmp_path, GENERIC + SWITCH + 'title = "Ventilator"\nmin_off_s = 9\n' + ours)
    fan = device.switches["Fan"]
    assert isinstance(fan, acme.Contact.Settings)
    assert isinstance(fan, Plugged)
    assert (fan.host, fan.port, fan.title, fan.policy.min_off_s) == (
        "relays.example",
        4001,
        "Ventilator",
        9,
    )
    assert device.switches["Lamp"].driver == "simulated"


def test_sensors_and_dimmers_may_be_of_plug_ins(tmp_path):
    sensors = '[device.sensors.Rain]\ndriver = "acme_sensor"\nhost = "roof"\nunit = "mm"\n'
    sensors += '[device.sensors.Air]\ndriver = "simulated"\n'
    device = device_of(
        tmp_path, GENERIC + sensors + '[device.dimmers.Glow]\ndriver = "acme_dimmer"\n'
    )
    assert (device.sensors["Rain"].host, device.sensors["Rain"].unit) == ("roof", "mm")
    assert device.dimmers["Glow"].on_start == 0


def test_every_part_of_a_socket_may_be_a_plug_ins(tmp_path):
    text = (
        '[device.meter]\ndriver = "acme_meter"\nport = 5\n'
        '[device.relay]\ndriver = "acme"\nhost = "relays.example"\n'
        '[device.button]\ndriver = "acme_button"\nclick = "off"\n'
        '[device.indicator]\ndriver = "acme_light"\nbrightness = 0.5\n'
        '[device.temperature]\ndriver = "acme_warm"\n'
    )
    device = device_of(tmp_path, SOCKET + text)
    parts = (device.meter, device.relay, device.button, device.indicator, device.temperature)
    assert all(isinstance(part, Plugged) for part in parts)
    assert (device.meter.kv, device.meter.full_scale_a) == (1.0, 100.0)


STRIP = """\
[device]
id = "desk"
kind = "strip"
[device.meter]
driver = "simulated"
[[device.outlets]]
driver = "simulated"
[[device.outlets]]
driver = "acme"
host = "relays.example"
name = "Lamp"
"""


def test_an_outlet_of_a_strip_may_be_a_plug_ins(tmp_path):
    ours, plugged = device_of(tmp_path, STRIP).outlets
    assert (ours.driver, isinstance(ours, Plugged)) == ("simulated", False)
    assert (plugged.host, plugged.name, isinstance(plugged, Plugged)) == (
        "relays.example",
        "Lamp",
        True,
    )
    fault = only(write(tmp_path, STRIP.replace('"acme"', '"acmi"')))
    assert (fault.line, fault.key) == (9, "device.outlets[1].driver")
    assert fault.hint == "did you mean 'acme'?"


def test_what_stands_for_the_relay_of_a_strip_is_nobodys(tmp_path):
    relay = '[device.relay]\ndriver = "acme"\nhost = "relays.example"\n'
    first, *_ = faults(write(tmp_path, STRIP + relay))
    assert (first.key, first.allowed[:20]) == ("device.relay", "[[device.outlets]], ")


def test_a_plug_ins_section_has_the_same_faults(tmp_path):
    text = GENERIC + SWITCH.replace('"relays.example"', '""') + "prot = 7\n"
    first, second = faults(write(tmp_path, text))
    assert (first.line, first.key, first.found) == (6, "device.switches.Fan.host", '""')
    assert first.allowed == "a host name"
    assert (second.line, second.key) == (7, "device.switches.Fan.prot")
    assert second.hint == "did you mean 'port'?"


def test_an_unknown_driver_is_told_with_those_of_plug_ins(tmp_path):
    fault = only(write(tmp_path, GENERIC + SWITCH.replace("acme", "acmee")))
    assert (fault.line, fault.key, fault.found) == (5, "device.switches.Fan.driver", '"acmee"')
    assert "usb_serial | acme |" in fault.allowed
    assert fault.hint == "did you mean 'acme'?"


@pytest.mark.parametrize(
    ("driver", "found"),
    [
        ("bare", "'bare', a plug-in of the package acme_plugs, whose Settings is not made of"),
        ("not_made", "not made of agent.settings.relays.ContactSettings"),
        ("nameless", 'no key driver: Literal["nameless"]'),
        ("renamed", 'no key driver: Literal["renamed"]'),
        ("gone", "package acme_plugs, which cannot be imported: AttributeError"),
        ("broken", "which cannot be imported: ValueError: as it was told to"),
        ("twice", "package acme_plugs and other_plugs, which both have one of that name"),
    ],
)
def test_a_plug_in_that_does_not_work_is_told_with_its_package(tmp_path, driver, found):
    fault = only(write(tmp_path, GENERIC + SWITCH.replace("acme", driver)))
    assert (fault.line, fault.key) == (5, "device.switches.Fan.driver")
    assert found in fault.found


def test_a_plug_ins_cloud_has_its_section_and_its_secret(tmp_path, acme):
    secret = write_secret(tmp_path).read_text().strip()
    (entry,) = load(write(tmp_path, GENERIC + HERMES + SWITCH + SECTION), {}).devices
    cloud = entry.clouds["hermes"]
    assert isinstance(cloud, acme.Hermes.Settings)
    assert cloud.identity == ("dev-1",)
    assert cloud.device_secret.get_secret_value() == secret
    assert secret not in repr(cloud)


def test_a_plug_ins_cloud_has_the_same_faults(tmp_path):
    write_secret(tmp_path)
    text = GENERIC + HERMES + SWITCH + SECTION.replace('"dev-1"', '"Dev 1"') + "prot = 1\n"
    first, second = faults(write(tmp_path, text))
    assert (first.key, first.allowed) == ("clouds.hermes.device_name", "a-z, 0-9, -")
    assert (second.key, second.hint) == ("clouds.hermes.prot", "did you mean 'port'?")


def test_a_cloud_without_a_section_or_a_secret_is_told(tmp_path):
    fault = only(write(tmp_path, GENERIC + HERMES + SWITCH))
    assert fault.allowed == "a section [clouds.hermes]"
    bare = SECTION.replace('device_secret_file = "tencent.secret"\n', "")
    fault = only(write(tmp_path, GENERIC + HERMES + SWITCH + bare))
    assert (fault.key, fault.found) == ("clouds.hermes.device_secret", "no secret")


def test_an_unknown_cloud_is_told_with_those_of_plug_ins(tmp_path):
    text = GENERIC + HERMES.replace("hermes", "hermis") + SWITCH
    named, section = faults(
        write(tmp_path, text + SECTION.replace("clouds.hermes", "clouds.hermis"))
    )
    for fault in (named, section):
        assert "homeassistant | hermes" in fault.allowed
        assert fault.hint == "did you mean 'hermes'?"


def test_a_plug_ins_cloud_that_does_not_work_is_told(tmp_path):
    text = GENERIC + HERMES.replace("hermes", "old_hermes") + SWITCH
    fault = only(write(tmp_path, text + SECTION.replace("clouds.hermes", "clouds.old_hermes")))
    assert fault.key == "clouds.old_hermes"
    assert "not made of agent.settings.clouds.base.CloudSettings" in fault.found


def test_a_plug_ins_kind_has_its_section(tmp_path, acme):
    device = device_of(tmp_path, '[device]\nid = "car"\nkind = "acme"\nwheels = 2\n')
    assert isinstance(device, acme.Acme.Settings)
    assert device.wheels == 2
    fault = only(write(tmp_path, '[device]\nid = "car"\nkind = "acme"\nwheels = 5\n'))
    assert (fault.line, fault.key, fault.allowed) == (4, "device.wheels", "1 to 4")


def test_an_unknown_kind_is_told_with_those_of_plug_ins(tmp_path):
    first, *_ = faults(write(tmp_path, '[device]\nid = "car"\nkind = "acmes"\n'))
    assert (first.found, first.allowed) == ('"acmes"', "socket | generic | strip | acme | bare")
    assert first.hint == "did you mean 'acme'?"


def test_a_kind_is_a_text(tmp_path):
    first, *_ = faults(write(tmp_path, '[device]\nid = "car"\nkind = 7\n'))
    assert (first.key, first.found) == ("device.kind", "7")


def test_a_plug_ins_kind_that_does_not_work_is_told(tmp_path):
    fault = only(write(tmp_path, '[device]\nid = "car"\nkind = "bare"\n'))
    assert fault.key == "device.kind"
    assert "not made of agent.settings.kind.DeviceSettings" in fault.found
    fault = only(write(tmp_path, '[device]\nid = "car"\nkind = "acme"\nwheels = 3\n'))
    assert "makes no device of this section: ValueError: three wheels" in fault.found


def test_a_plug_ins_names_are_checked_in_rules(tmp_path):
    text = '[device]\nid = "car"\nkind = "acme"\n[device.rules]\na = "when speed > 3: off"\n'
    fault = only(write(tmp_path, text))
    assert fault.key == "device.rules.a"


def test_variables_reach_a_plug_ins_sections(tmp_path):
    write_secret(tmp_path)
    path = write(tmp_path, GENERIC + HERMES + SWITCH + SECTION)
    environ = {
        "POLYCLOUD_CLOUDS__HERMES__PORT": "1884",
        "POLYCLOUD_CLOUDS__HERMES__CUSTOM_TOPICS": '["hall/fan"]',
        "POLYCLOUD_CLOUDS__OLD_HERMES__X": "1",
        "POLYCLOUD_CLOUDS__NOBODY__X": "1",
    }
    found = faults(path, **environ)
    assert {fault.key for fault in found} == {"clouds.old_hermes", "clouds.nobody"}
    (entry,) = load(path, dict(list(environ.items())[:2])).devices
    assert (entry.clouds["hermes"].port, entry.clouds["hermes"].custom_topics) == (
        1884,
        ("hall/fan",),
    )


def test_what_has_not_changed_needs_no_restart(tmp_path):
    path = write(tmp_path, GENERIC + SWITCH)
    before = load(path, {})
    assert restart_reasons(before, load(path, {})) == ()
    changed = load(write(tmp_path, GENERIC + SWITCH.replace("relays", "others")), {})
    assert restart_reasons(before, changed) == (
        "device 'hall': switches has changed: needs a restart",
    )
