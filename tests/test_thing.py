"""A field refuses what does not fit it, and says what would."""

import pytest

from agent.messages import RefusalKind
from agent.thing import Field, Kind


def field(kind, **changes):
    return Field(name="x", kind=kind, title="X", title_zh="X", **changes)


@pytest.mark.parametrize(
    ("row", "value", "kind"),
    [
        (field(Kind.FLOAT, maximum=5), 5.0, None),
        (field(Kind.FLOAT, maximum=5), 5, None),
        (field(Kind.FLOAT, maximum=5), 5.1, RefusalKind.OUT_OF_RANGE),
        (field(Kind.FLOAT, maximum=5), float("nan"), RefusalKind.WRONG_TYPE),
        (field(Kind.FLOAT, maximum=5), float("inf"), RefusalKind.WRONG_TYPE),
        (field(Kind.FLOAT, maximum=5), True, RefusalKind.WRONG_TYPE),
        (field(Kind.INT, maximum=5), 10**400, RefusalKind.OUT_OF_RANGE),
        (field(Kind.INT, maximum=5), 1.0, RefusalKind.WRONG_TYPE),
        (field(Kind.BOOL), True, None),
        (field(Kind.BOOL), 1, RefusalKind.WRONG_TYPE),
        (field(Kind.TEXT, maximum=3), "abc", None),
        (field(Kind.TEXT, maximum=3), "abcd", RefusalKind.OUT_OF_RANGE),
        (field(Kind.TEXT, maximum=9, choices=("on", "off")), "on", None),
        (field(Kind.TEXT, maximum=9, choices=("on", "off")), "up", RefusalKind.OUT_OF_RANGE),
        (field(Kind.TEXT, maximum=9), 5, RefusalKind.WRONG_TYPE),
    ],
)
def test_a_field_tells_what_does_not_fit(row, value, kind):
    refusal = row.fault(value)
    assert (refusal and refusal.kind) == kind
    if refusal is not None:
        assert refusal.reason.startswith("x ")
        assert len(refusal.reason) < 200
