from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.settings.changes import restart_reasons
from agent.settings.clouds import TencentSettings
from agent.settings.device import SocketSettings
from agent.settings.root import AgentSettings, Config, DeviceConfig


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
        config(clouds=["tencent"]),
    ],
)
def test_the_rest_changes_live(changed: Config):
    assert restart_reasons(config(), changed) == ()


def test_a_clouds_section_changes_live():
    cloud = TencentSettings(product_id="CS0SLTKSYA", device_name="dev1")
    (entry,) = config().devices
    changed = replace(config(), devices=(replace(entry, clouds={"tencent": cloud}),))
    assert restart_reasons(config(), changed) == ()


def test_devices_come_and_go_by_a_restart_only():
    reasons = restart_reasons(config(), config(id="b"))
    assert reasons == (
        "device 'a' was removed: needs a restart",
        "device 'b' was added: needs a restart",
    )
