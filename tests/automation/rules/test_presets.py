import pytest

from agent.automation.rules.checking import fault
from agent.automation.rules.grammar import RuleTextError, parse_rule
from agent.automation.rules.presets import PRESETS
from agent.automation.rules.writing import write_rule
from agent.devices.socket.thing_table import SOCKET


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_is_a_rule_that_a_socket_can_follow(preset):
    rule = parse_rule(f"preset {preset.name}")
    assert fault(rule, SOCKET) == ""
    assert write_rule(rule) == preset.filled({})


def test_the_numbers_of_a_preset_may_be_changed():
    rule = parse_rule("preset  charge_cutoff below=2.5 for=1h30m after=20")
    assert write_rule(rule) == (
        "when active_power < 2.5 for 1h30m after > 20 for 1m: off; event charge_done"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("preset", "no preset is named ''; allowed: charge_cutoff | standby_killer"),
        ("preset charg_cutoff", "did you mean 'charge_cutoff'?"),
        ("preset charge_cutoff below", "found 'below'; allowed: KEY=VALUE, such as below=8"),
        ("preset charge_cutoff belo=3", "allowed: below=5 for=10m after=30; did you mean 'below'?"),
        ("preset daily_limit x=3", "daily_limit has no 'x'; allowed: kwh=2"),
        ("preset daily_limit kwh=two", "kwh is 'two'; allowed: a number, such as 8 or 2.5"),
        ("preset standby_killer for=10", "for is '10'; allowed: a duration such as 90s"),
        ("preset standby_killer for=0s", "found '0s'; allowed: 1s to 7d"),
    ],
)
def test_what_a_preset_does_not_take_is_told(text, says):
    with pytest.raises(RuleTextError) as caught:
        parse_rule(text)
    assert says in str(caught.value)
