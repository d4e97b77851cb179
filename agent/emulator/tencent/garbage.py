"""Malformed downlinks, as the fault `garbage` sends them."""

from typing import Final

from agent.emulator.values import DeviceKey, Publication

GARBAGE: Final = (
    ("property", b""),
    ("property", b"\xff\xfe\x00"),
    ("property", b"{"),
    ("property", b"[]"),
    ("property", b"null"),
    ("property", b'"control"'),
    ("property", b'{"method":"control"}'),
    ("property", b'{"method":"control","clientToken":7,"params":[]}'),
    ("property", b'{"method":["control"],"clientToken":"x","params":{}}'),
    ("property", b'{"method":"get_status_reply","clientToken":"x","data":{"control":3}}'),
    ("property", b'{"method":"report_reply","clientToken":{},"code":"zero"}'),
    ("property", b'{"method":"control","clientToken":"x","params":{"":NaN}}'),
    ("property", b"[" * 8000),
    ("action", b'{"method":"action","clientToken":"x"}'),
    ("event", b'{"method":"event_reply"}'),
)


def garbage(device: DeviceKey) -> tuple[Publication, ...]:
    """Make downlinks that no codec may stumble over."""
    own = f"{device.product}/{device.name}"
    return tuple(
        Publication(topic=f"$thing/down/{channel}/{own}", payload=payload)
        for channel, payload in GARBAGE
    )
