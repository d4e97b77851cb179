"""Reload: what may change while the agent runs, and what needs a restart."""

from agent.settings.device import AnyIndicatorSettings, ButtonSettings, SocketSettings
from agent.settings.generic import GenericSettings
from agent.settings.gestures import GestureSettings
from agent.settings.kind import DeviceSettings
from agent.settings.light import LightSettings
from agent.settings.root import AgentSettings, Config
from agent.settings.strip import StripSettings


def restart_reasons(old: Config, new: Config) -> tuple[str, ...]:
    """Tell which changes a reload refuses; empty where *new* may be swapped in.

    Live are: names, protection, reporting, gestures, how the light looks, clouds and sections,
    and whole devices that come or go.
    """
    return (
        *_agent_reasons(old.agent, new.agent),
        *_device_reasons(
            {config.device.id: config.device for config in old.devices},
            {config.device.id: config.device for config in new.devices},
        ),
    )


def needs_restart(old: DeviceSettings, new: DeviceSettings) -> bool:
    """Tell whether a device that runs as *old* cannot become *new* while it runs."""
    return bool(_fixed_differences(old, new))


def _agent_reasons(old: AgentSettings, new: AgentSettings) -> tuple[str, ...]:
    return tuple(
        _reason(f"agent.{key}")
        for key in AgentSettings.model_fields
        if getattr(old, key) != getattr(new, key)
    )


def _device_reasons(
    old: dict[str, DeviceSettings], new: dict[str, DeviceSettings]
) -> tuple[str, ...]:
    return tuple(
        _reason(f"device {name!r}: {key}")
        for name in old
        if name in new
        for key in _fixed_differences(old[name], new[name])
    )


def _fixed_differences(old: DeviceSettings, new: DeviceSettings) -> list[str]:
    """List what differs in what drives the hardware: relay, meter, and every pin and driver."""
    if old.kind != new.kind:
        return ["kind"]
    if isinstance(old, GenericSettings) and isinstance(new, GenericSettings):
        keys = ("sensors", "switches", "dimmers", "main")
        return [key for key in keys if getattr(old, key) != getattr(new, key)]
    if not isinstance(old, SocketSettings) or not isinstance(new, SocketSettings):
        return [] if old == new else ["device"]
    fixed: dict[str, tuple[object, object]] = {
        "board": (old.board, new.board),
        "meter": (old.meter, new.meter),
        "relay": (old.relay, new.relay),
        "button": (_wired(old.button), _wired(new.button)),
        "temperature": (old.temperature, new.temperature),
    }
    if isinstance(old, StripSettings) and isinstance(new, StripSettings):
        fixed["outlets"] = (old.outlets, new.outlets)
    found = [key for key, (before, after) in fixed.items() if before != after]
    return found + [f"indicator.{key}" for key in _light_differences(old.indicator, new.indicator)]


def _light_differences(old: AnyIndicatorSettings, new: AnyIndicatorSettings) -> list[str]:
    """List what differs in what drives the light; how bright it is changes live."""
    if old.driver != new.driver:
        return ["driver"]
    return [
        key
        for key in type(new).model_fields
        if key not in LightSettings.model_fields and getattr(old, key) != getattr(new, key)
    ]


def _wired(button: ButtonSettings) -> dict[str, object]:
    """Give what drives a button; its gestures are decided anew each time."""
    return button.model_dump(exclude=set(GestureSettings.model_fields))


def _reason(what: str) -> str:
    return f"{what} has changed: needs a restart"
