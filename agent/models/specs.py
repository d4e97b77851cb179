"""What the readers of all consoles have in common: types with bounds, choices or neither."""

from agent.models.form import Choice, Spec, Title, ValueType
from agent.models.reading import Node, plain
from agent.models.wording import symbol


def bounded(kind: ValueType, label: str, specs: Node) -> Spec:
    """Read a number, or a text by its shortest and longest; raise `ModelError`."""
    if specs.value is None:
        return Spec(type=kind, label=label)
    unit = specs.member("unit").value
    return Spec(
        type=kind,
        label=label,
        minimum=specs.member("min").number(),
        maximum=specs.member("max").number(),
        step=specs.member("step").number(),
        unit=symbol(plain(unit)) if isinstance(unit, str) else None,
    )


def measured(kind: ValueType, label: str, specs: Node) -> Spec:
    """Read a text by its length; raise `ModelError`."""
    if specs.value is None:
        return Spec(type=kind, label=label)
    return Spec(type=kind, label=label, maximum=specs.member("length").number())


def chosen(kind: ValueType, label: str, mapping: Node) -> Spec:
    """Read a bool or an enum by its values and their names; raise `ModelError`."""
    if mapping.value is None:
        return Spec(type=kind, label=label)
    choices = tuple(
        Choice(key=plain(key), title=Title(zh=name, en=name))
        for key in mapping.object()
        for name in (mapping.member(key).text_or(""),)
    )
    return Spec(type=kind, label=label, choices=choices)


def other(kind: ValueType, label: str) -> Spec:
    """Note a type of which only the word matters here: the device has none like it."""
    return Spec(type=kind, label=label)


def titled(row: Node) -> Title:
    """Read a row's name for people, which is in whatever language it is."""
    name = row.member("name").text_or("")
    return Title(zh=name, en=name)
