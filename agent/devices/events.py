"""Events that devices of several kinds raise."""

from typing import Final

from agent.thing import Event, EventLevel, Field, Kind

HARDWARE_FAULT: Final = Event(
    name="hardware_fault",
    title="Hardware fault",
    title_zh="硬件故障",
    level=EventLevel.FAULT,
    fields=(
        Field(name="name", kind=Kind.TEXT, title="Name", title_zh="名称", maximum=64),
        Field(name="error_code", kind=Kind.INT, title="Code", title_zh="错误码", maximum=65_535),
    ),
)

NOTICE: Final = Event(
    name="notice",
    title="Notice",
    title_zh="通知",
    level=EventLevel.INFO,
    fields=(
        Field(name="name", kind=Kind.TEXT, title="Name", title_zh="名称", maximum=64),
        Field(name="text", kind=Kind.TEXT, title="Text", title_zh="内容", maximum=128),
    ),
)
