import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.settings.locate import KeyPath, line_of, locate

EXAMPLE = """\
# a comment with [a header] and key = "value"
[agent]
clock = "auto"

[device.meter]     # implies [device]
port = '''
[not.a.table]
kv = 1'''
kv = 3
[device]
"quoted key" . 'other' = 1
relay.pin = "GPIO17"
list = [
    "one",  # 1
    [2, 3],
    { inner = { deep = 5 }, more = [
        6 ] },
]
when = 1979-05-27 07:32:00
text = \"\"\"ends with quotes\"\"\"\"\"
after = true

[[rule]]
name = "a"
[rule.then]
on = true
[[rule]]
name = "b"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("agent",), 2),
        (("agent", "clock"), 3),
        (("device", "meter"), 5),
        (("device", "meter", "port"), 6),
        (("device", "meter", "kv"), 9),
        (("device",), 10),
        (("device", "quoted key", "other"), 11),
        (("device", "relay", "pin"), 12),
        (("device", "list"), 13),
        (("device", "list", 0), 14),
        (("device", "list", 1, 1), 15),
        (("device", "list", 2, "inner", "deep"), 16),
        (("device", "list", 2, "more", 0), 17),
        (("device", "when"), 19),
        (("device", "text"), 20),
        (("device", "after"), 21),
        (("rule", 0), 23),
        (("rule", 0, "then", "on"), 26),
        (("rule", 1), 27),
        (("rule", 1, "name"), 28),
    ],
)
def test_every_key_has_the_line_on_which_it_stands(path: KeyPath, line: int):
    assert locate(EXAMPLE)[path] == line


def test_a_key_that_is_not_written_has_the_line_of_its_table():
    lines = locate(EXAMPLE)
    assert line_of(lines, ("device", "meter", "ki")) == 5
    assert line_of(lines, ("nowhere", "at", "all")) is None


def test_windows_line_ends_count_once():
    assert locate('a = """x\r\ny"""\r\nb = 1\r\n')["b",] == 3


def paths_of(value: object, path: KeyPath = ()) -> set[KeyPath]:
    found = {path} if path else set()
    if isinstance(value, dict):
        for key, item in value.items():
            found |= paths_of(item, (*path, key))
    if isinstance(value, list):
        for place, item in enumerate(value):
            found |= paths_of(item, (*path, place))
    return found


def test_the_example_has_exactly_the_structure_that_tomllib_sees():
    assert set(locate(EXAMPLE)) == paths_of(tomllib.loads(EXAMPLE))


BLANKS = st.sampled_from(["", " ", "\t"])
GAPS = st.sampled_from(["", " ", "\n", " # ] } , = '\n", "\n\n"])
NAMES = st.sampled_from(["a", "b-1", "C_2", "9", '"quoted.key"', "'lit#eral'", r'"es\"c"'])
SCALARS = st.sampled_from(
    [
        *("1", "-2.5", "true", "inf", "0xAF", "1979-05-27 07:32:00", "07:32:00"),
        *(
            '""',
            '"a # b"',
            r'"q\"]"',
            "'[x]'",
            '"""\n[a]\n"x" = 1\n"""',
            '""""q"""""',
            "'''a\n'b'''",
        ),
    ]
)


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(values, max_size=3))
    written = [draw(GAPS) + item + draw(GAPS) for item in items]
    last = "," if items and draw(st.booleans()) else ""
    return "[" + draw(GAPS) + ",".join(written) + last + draw(GAPS) + "]"


@st.composite
def inline_tables(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    pairs = [f"{draw(BLANKS)}{name}{draw(BLANKS)}= {draw(values)} " for name in names]
    return "{" + ",".join(pairs) + "}"


VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(arrays(inner), inline_tables(inner)), max_leaves=6
)
KEYS = st.lists(NAMES, min_size=1, max_size=3).map(" . ".join)
LINES = st.one_of(
    st.builds("{}{}{} = {}{}".format, BLANKS, KEYS, BLANKS, VALUES, BLANKS),
    st.builds("[{}{}]".format, BLANKS, KEYS),
    st.builds("[[{}]]".format, KEYS),
    st.just(""),
    st.just('# [c] "'),
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Text made of lines; one that TOML forbids after the others is left out."""
    kept: list[str] = []
    for line in draw(st.lists(LINES, max_size=10)):
        try:
            tomllib.loads("\n".join([*kept, line]))
        except tomllib.TOMLDecodeError:
            continue
        kept.append(line)
    return "\n".join(kept)


@settings(max_examples=200, deadline=None)
@given(documents())
def test_any_document_has_the_structure_that_tomllib_sees(text: str):
    lines = locate(text)
    assert set(lines) == paths_of(tomllib.loads(text))
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


@settings(max_examples=100, deadline=None)
@given(documents())
def test_a_key_is_found_on_a_line_that_names_it(text: str):
    rows = text.split("\n")
    for path, line in locate(text).items():
        name = path[-1]
        if isinstance(name, str):
            assert name.replace('"', r"\"") in rows[line - 1]
