from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.settings.changes import restart_reasons
from agent.settings.clouds import (
    AliyunSettings,
    CloudSettings,
    OnenetSettings,
    TencentSettings,
)
from agent.settings.conflicts import conflicts
from agent.settings.device import ButtonSettings, SocketSettings
from agent.settings.document import Document
from agent.settings.gestures import GestureSettings
from agent.settings.kind import DeviceSettings
from agent.settings.meters import MeterSettings, SimulatedMeterSettings
from agent.settings.notices import notices
from agent.settings.relays import RelaySettings
from agent.settings.root import AgentSettings, Config, DeviceConfig
from agent.settings.section import Section


def config(*, agent: dict[str, Any] | None = None, **device: Any) -> Config:
    settings = SocketSettings.model_validate({"id": "a", "kind": "socket", **device})
    entry = DeviceConfig(path=Path("a.toml"), device=settings, clouds={})
    return Config(agent=AgentSettings(**agent or {}), devices=(entry,))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (config(relay={"min_off_s": 2}), "device 'a': relay"),
        (config(relay={"pin": "GPIO22"}), "device 'a': relay"),
        (config(meter={"port": "/dev/b"}), "device 'a': meter"),
        (config(meter={"driver": "simulated"}), "device 'a': meter"),
        (config(board="direct"), "device 'a': board"),
        (config(button={"pin": "GPIO5"}), "device 'a': button"),
        (config(indicator={"pin": "GPIO12"}), "device 'a': indicator.pin"),
        (config(indicator={"driver": "none"}), "device 'a': indicator.driver"),
        (config(indicator={"driver": "spi"}), "device 'a': indicator.driver"),
        (config(agent={"state_dir": "/x"}), "agent.state_dir"),
        (config(agent={"control_socket": "/x"}), "agent.control_socket"),
        (config(agent={"clock": "system"}), "agent.clock"),
    ],
)
def test_what_drives_the_hardware_needs_a_restart(changed: Config, reason: str):
    assert restart_reasons(config(), changed) == (f"{reason} has changed: needs a restart",)


@pytest.mark.parametrize(
    "changed",
    [
        config(),
        config(name="Kitchen"),
        config(protection={"rated_current_a": 3}),
        config(reporting={"min_interval_s": 1}),
        config(indicator={"brightness": 0.5}),
        config(indicator={"theme": "colour_blind", "night": {}, "load_steps": [1, 2, 3, 4]}),
        config(button={"click": "off", "double_click": "countdown 30m", "double_click_s": 0.5}),
        config(button={"hold_s": 4, "reset_hold_s": 11, "cancel_hold_s": 20, "child_lock": True}),
        config(clouds=["tencent"]),
    ],
)
def test_the_rest_changes_live(changed: Config):
    assert restart_reasons(config(), changed) == ()


LIGHTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"driver": "spi"}, {"device": "/dev/spidev1.0", "speed_hz": 3_200_000, "leds": 2}),
    ({"driver": "spi"}, {"order": "RGB"}),
    ({"driver": "rgb"}, {"pins": ["a", "b", "c"], "active_high": False, "backend": "gpiod"}),
]


@pytest.mark.parametrize(("light", "changed"), LIGHTS)
def test_each_key_of_a_light_but_its_brightness_needs_a_restart(
    light: dict[str, Any], changed: dict[str, Any]
):
    old = config(indicator=light)
    for key, value in changed.items():
        reason = f"device 'a': indicator.{key} has changed: needs a restart"
        assert restart_reasons(old, config(indicator={**light, key: value})) == (reason,)
    assert restart_reasons(old, config(indicator={**light, "brightness": 0.5})) == ()


SECTIONS: dict[str, CloudSettings] = {
    "tencent": TencentSettings(product_id="CS0SLTKSYA", device_name="dev1"),
    "aliyun": AliyunSettings(product_key="k19g7hBjoOD", device_name="testdevice1"),
    "onenet": OnenetSettings(product_id="9MaNe52pNO", device_name="dev1"),
}


def with_clouds(*named: str, **changed: CloudSettings) -> Config:
    base = config(clouds=list(named))
    clouds = {name: {**SECTIONS, **changed}[name] for name in named}
    return replace(base, devices=(replace(base.devices[0], clouds=clouds),))


@pytest.mark.parametrize("old", [(), ("tencent",), ("aliyun",), ("onenet",), tuple(SECTIONS)])
@pytest.mark.parametrize("new", [(), ("tencent",), ("aliyun",), ("onenet",), tuple(SECTIONS)])
def test_clouds_are_switched_live(old: tuple[str, ...], new: tuple[str, ...]):
    assert restart_reasons(with_clouds(*old), with_clouds(*new)) == ()


@pytest.mark.parametrize(
    "section",
    [
        OnenetSettings(product_id="9MaNe52pNO", device_name="dev2"),
        OnenetSettings(product_id="9MaNe52pNO", device_name="dev1", generation="datastream"),
        OnenetSettings(product_id="1", device_name="2", generation="legacy", tls=False),
        OnenetSettings(product_id="9MaNe52pNO", device_name="dev1", rename={"voltage": "u"}),
    ],
)
def test_a_clouds_section_changes_live(section: OnenetSettings):
    assert restart_reasons(with_clouds("onenet"), with_clouds("onenet", onenet=section)) == ()


def test_devices_come_and_go_live():
    assert restart_reasons(config(), config(id="b")) == ()


HARDWARE: list[tuple[str, type[Section], dict[str, Any]]] = [
    ("relay", RelaySettings, {}),
    ("meter", MeterSettings, {}),
    ("meter", SimulatedMeterSettings, {"driver": "simulated"}),
    ("button", ButtonSettings, {}),
]
OTHER: dict[str, list[Any]] = {
    "driver": ["gpiod", "simulated", "hlw8032"],
    "pin": ["GPIO22"],
    "port": ["/dev/ttyUSB0"],
    "state_file": ["/run/contact"],
    "active_high": [False],
    "on_start": ["restore", {"crash": "restore"}],
    "on_stop": ["keep"],
    "parity": ["N"],
    "voltage_from": ["mains"],
    "load": ["kettle"],
    "pull": ["down"],
    "active_low": [True],
}
"""Values that differ from the defaults; every other key is a number."""


def keys_of(model: type[Section]) -> list[str]:
    """List the keys that drive hardware: not those of a button's gestures."""
    live = GestureSettings.model_fields if issubclass(model, GestureSettings) else ()
    return [key for key in model.model_fields if key not in live]


def changed_keys() -> list[tuple[dict[str, Any], dict[str, Any], str]]:
    """Change every key of relay, meter and button, one at a time, to what it may be."""
    found: list[tuple[dict[str, Any], dict[str, Any], str]] = []
    for section, model, base in HARDWARE:
        for key in keys_of(model):
            for value in OTHER.get(key, [1.5]):
                changed = {section: {**base, key: value}}
                if _is_another({section: base}, changed):
                    found.append(({section: base}, changed, section))
    return found


def _is_another(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether *new* is valid, and not what *old* says already."""
    try:
        return config(**new) != config(**old)
    except ValidationError:
        return False


@pytest.mark.parametrize(("old", "new", "section"), changed_keys())
def test_every_key_of_relay_meter_and_button_needs_a_restart(
    old: dict[str, Any], new: dict[str, Any], section: str
):
    reasons = restart_reasons(config(**old), config(**new))
    assert reasons == (f"device 'a': {section} has changed: needs a restart",)


def test_no_key_of_the_hardware_is_left_out():
    tried = {(section, key) for _, new, section in changed_keys() for key in new[section]}
    assert tried == {(section, key) for section, model, _ in HARDWARE for key in keys_of(model)}


class Plugged(DeviceSettings):
    """The section of a plug-in's kind."""

    relay: int = 1


def test_of_a_plug_ins_device_nothing_changes_live():
    def plugged(**keys: Any) -> Config:
        settings = Plugged.model_validate({"id": "a", "kind": "oven", **keys})
        entry = DeviceConfig(path=Path("a.toml"), device=settings, clouds={})
        return Config(agent=AgentSettings(), devices=(entry,))

    old = plugged()
    assert (old.devices[0].device.own_names, old.devices[0].device.lines) == ((), {})
    assert restart_reasons(old, plugged()) == ()
    reason = "device 'a': device has changed: needs a restart"
    assert restart_reasons(old, plugged(relay=2)) == (reason,)
    reason = "device 'a': kind has changed: needs a restart"
    assert restart_reasons(old, config()) == (reason,)
    assert notices(old, has_gpiod=False) == ()
    document = Document(path=Path("a.toml"), data={}, lines={}, variables={})
    assert list(conflicts([(document, old.devices[0])])) == []
