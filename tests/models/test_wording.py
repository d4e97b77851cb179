import pytest

from agent.models.form import Title
from agent.models.wording import Language, label, number

SWITCH = Title(zh="电源开关", en="Power switch")


@pytest.mark.parametrize(
    ("title", "language", "text"),
    [
        (SWITCH, Language.ZH, "电源开关"),
        (SWITCH, Language.EN, "Power_switch"),
        (SWITCH, Language.BOTH, "电源开关_Power_switch"),
        (Title(zh="Message", en="Message"), Language.BOTH, "Message"),
        (Title(zh="开" * 15, en="a" * 14), Language.BOTH, "开" * 15 + "_" + "a" * 14),
        (Title(zh="开" * 15, en="a" * 15), Language.BOTH, "开" * 15),
    ],
)
def test_a_name_is_in_the_language_that_was_asked_for_and_never_too_long(title, language, text):
    assert label(title, language) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (400.0, "400"),
        (0.001, "0.001"),
        (1e9, "1000000000"),
        (1e-7, "0.0000001"),
        (2_147_483_647.0, "2147483647"),
        (-0.5, "-0.5"),
        (10, "10"),
        (None, ""),
    ],
)
def test_a_bound_is_written_out(value, text):
    assert number(value) == text
