"""The timers and the list of countdowns in Aliyun's thing model."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from agent.automation.timers import MOST
from agent.clouds.aliyun.countdown_list import LONGEST_TEXT
from agent.clouds.aliyun.names import COUNT_DOWN_LIST, COUNT_DOWN_LIST_PARTS, TIMERS_PARTS
from agent.clouds.names import Names
from agent.models.describing import flag
from agent.models.form import Feature, FeatureKind, Item, Spec, Title, ValueType

TARGETS: Final = "timers.targets"
_TEXT: Final = Spec(type=ValueType.TEXT, minimum=0, maximum=LONGEST_TEXT)


def count_down_list(names: Names) -> Feature:
    """Describe the standard model's list of countdowns: two texts."""
    parts = (Title(zh="操作对象", en="Target"), Title(zh="倒计时命令", en="Contents"))
    rows = ((title, _TEXT) for title in parts)
    return Feature(
        kind=FeatureKind.PROPERTY,
        name=COUNT_DOWN_LIST,
        identifier=names.wire_id(COUNT_DOWN_LIST),
        title=Title(zh="倒计时列表", en="Countdown list"),
        spec=Spec(type=ValueType.STRUCT, members=parts_of(COUNT_DOWN_LIST_PARTS, rows, names)),
        is_writable=True,
    )


def timers(names: Names) -> Spec:
    """Describe the standard model's timers, with the member that says what one of them does."""
    rows = (
        (Title(zh="定时时间", en="Time"), _TEXT),
        (
            Title(zh="启用", en="Enabled"),
            flag(Title(zh="关闭", en="No"), Title(zh="开启", en="Yes")),
        ),
        (
            Title(zh="可执行", en="Valid"),
            flag(Title(zh="无效", en="No"), Title(zh="有效", en="Yes")),
        ),
        (
            Title(zh="开关动作", en="Action"),
            flag(Title(zh="关闭", en="Off"), Title(zh="打开", en="On")),
        ),
    )
    members = parts_of(TIMERS_PARTS[: len(rows)], rows, names)
    item = Spec(type=ValueType.STRUCT, members=members)
    return Spec(type=ValueType.ARRAY, maximum=MOST, item=item)


def saying(row: Feature, action: str, targets: str) -> Feature:
    """Have a timer say what it does where `timer_action` looks for it: in *targets*, or nowhere."""
    assert row.spec is not None
    assert row.spec.item is not None
    *members, switch = row.spec.item.members
    if action == "targets":
        title = Title(zh="操作对象", en="Targets")
        members.append(Item(name=TARGETS, identifier=targets, title=title, spec=_TEXT))
    elif action == "member":
        members.append(switch)
    item = replace(row.spec.item, members=tuple(members))
    return replace(row, spec=replace(row.spec, item=item))


def parts_of(
    members: Iterable[str], parts: Iterable[tuple[Title, Spec]], names: Names
) -> tuple[Item, ...]:
    """Describe the members of a struct, or the outputs of an event, by the thing's names."""
    return tuple(
        Item(name=name, identifier=names.wire_id(name), title=title, spec=spec)
        for name, (title, spec) in zip(members, parts, strict=True)
    )
