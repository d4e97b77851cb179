"""What `scripts/screens` types names every command, so that each is looked at."""

import re

from agent.cli import COMMANDS
from tests.docs.pages import ROOT

TYPED = (ROOT / "scripts" / "screens.txt").read_text(encoding="utf-8")


def test_every_command_is_typed_but_the_demo_which_has_a_view_of_its_own():
    typed = set(re.findall(r"\bpolycloud ([a-z]+)", TYPED))
    assert set(COMMANDS) - typed == {"demo"}
