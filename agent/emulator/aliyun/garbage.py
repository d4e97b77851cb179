"""Malformed and stray downlinks, as the fault `garbage` sends them."""

from typing import Final

from agent.emulator.values import DeviceKey, Publication

_SET: Final = "/sys/{own}/thing/service/property/set"
_POST_REPLY: Final = "/sys/{own}/thing/event/property/post_reply"

GARBAGE: Final = (
    (_SET, b""),
    (_SET, b"\xff\xfe\x00"),
    (_SET, b"{"),
    (_SET, b"[]"),
    (_SET, b"null"),
    (_SET, b'"set"'),
    (_SET, b'{"method":"thing.service.property.set"}'),
    (_SET, b'{"method":["set"],"id":"1","params":{},"version":1}'),
    (_SET, b'{"method":"thing.service.property.set","id":"2","params":[],"version":"1.0.0"}'),
    (_SET, b'{"method":"thing.service.property.set","id":{},"params":{"":null}}'),
    (_SET, b'{"id":"3","params":{"PowerSwitch":NaN}}'),
    (_SET, b'{"id":"4","params":{"LocalTimer":[{"Timer":"* * * * *","IsValid":1}]}}'),
    (_SET, b'{"id":"5","params":{"LocalTimer":[[],{},null,{"Timer":["30 7 * * 1"]}]}}'),
    (_SET, b'{"id":"6","params":{"CountDownList":{"Target":7,"Contents":"PowerSwitch----,,-"}}}'),
    (_SET, b"[" * 8000),
    (_POST_REPLY, b'{"id":"999999999","code":200,"data":{},"message":"success"}'),
    (_POST_REPLY, b'{"id":1,"code":"200","data":{},"message":"success"}'),
    (_POST_REPLY, b'{"id":"1","code":null,"data":[]}'),
    (_POST_REPLY, b'{"code":200}'),
    (_POST_REPLY, b"200"),
    ("/sys/{own}/thing/property/desired/get_reply", b'{"id":"1","code":200,"data":{"x":7}}'),
    ("/sys/{own}/thing/property/desired/get_reply", b'{"id":"1","code":200,"data":"none"}'),
    ("/sys/{own}/thing/service/ResetEnergy", b'{"id":7}'),
    ("/sys/{own}/thing/service/ResetEnergy_reply", b'{"id":"7","code":200,"data":{}}'),
    ("/sys/{own}/thing/service/", b'{"id":"8","params":{}}'),
    ("/sys/{own}/rrpc/request/1", b'{"id":"1","version":"1.0","params":{}}'),
    ("/sys/{own}/rrpc/request/", b"on"),
    ("/ext/rrpc/1/sys/{own}/thing/service/None", b"\x00"),
    ("/ext/rrpc//sys/{own}/thing/service/ResetEnergy", b"{}"),
    ("/sys/{own}/thing/disable", b"[]"),
    ("/ext/ntp/{own}/response", b'{"deviceSendTime":"soon","serverRecvTime":-1}'),
    ("/ota/device/upgrade/{own}", b'{"code":"1000","data":[],"id":1}'),
    ("/sys/{own}/broadcast/request/1", b"\xff"),
)


def garbage(device: DeviceKey) -> tuple[Publication, ...]:
    """Make downlinks that no codec may stumble over."""
    own = f"{device.product}/{device.name}"
    return tuple(
        Publication(topic=topic.replace("{own}", own), payload=payload)
        for topic, payload in GARBAGE
    )
