"""`polycloud rule` as a user runs it."""

import asyncio
import json
import socket
import sys

import pytest

from agent.cli.asking import ask
from agent.cli.rule import PATIENCE_S, rule_text
from agent.control.client import TIMEOUT_S
from agent.control.server import ControlServer
from agent.errors import EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE, ControlError
from tests.cli.inprocess import in_text

RULE = {
    "name": "charge",
    "text": "preset charge_cutoff",
    "meaning": "when active_power < 5 for 10m after > 30: off; event charge_done",
    "from": "added",
    "enabled": True,
    "state": ["active_power is 42 W, not < 5", "waits for active_power > 30 first"],
    "fired_at": None,
    "fired_within_hour": 0,
}
TRIED = {
    "rule": "when active_power < 5: off",
    "words": ["it would have fired 3 times"],
    "fired": [{"wall_time": 1.8e9, "held_s": 600.0}, {"wall_time": 1.8e9 + 60, "held_s": 0.0}],
    "count": 3,
}
UNKEPT = (
    "in effect, but the disk has not taken it yet: a restart or a power cut now would lose it; see"
    " the disk in `polycloud status`\n"
)


class Agent:
    """What the agent would answer."""

    def __init__(self):
        self.asked = []
        self.rules = [RULE]
        self.tried = TRIED
        self.kept = {}

    def methods(self):
        answers = {
            "rule_list": lambda: {"device": "socket-1", "rules": self.rules},
            "rule_remove": lambda: {"device": "socket-1", "removed": "charge", **self.kept},
            "rule_test": lambda: self.tried,
            **{f"rule_{name}": self.one for name in ("why", "add", "enable", "disable")},
        }
        return {name: self.answering(name, give) for name, give in answers.items()}

    def one(self):
        return {"device": "socket-1", "rule": RULE, **self.kept}

    def answering(self, name, give):
        def answer(origin, params):
            del origin
            self.asked.append((name, dict(params)))
            if params.get("name") == "nix":
                raise ControlError("no rule is named 'nix'; there are: charge")
            return give()

        return answer


@pytest.fixture
async def agent(tmp_path):
    made = Agent()
    made.path = tmp_path / "c.sock"
    async with ControlServer(made.path, made.methods(), group="no-such-group"):
        yield made


async def rule(agent, *arguments):
    def run():
        return in_text("rule", *arguments, "--socket", agent.path)

    done = await asyncio.to_thread(run)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "method", "params"),
    [
        (["list"], "rule_list", {}),
        (["list", "socket-1"], "rule_list", {"device": "socket-1"}),
        (["why", "charge"], "rule_why", {"name": "charge"}),
        (["enable", "charge"], "rule_enable", {"name": "charge"}),
        (["disable", "charge", "s"], "rule_disable", {"name": "charge", "device": "s"}),
        (["remove", "charge"], "rule_remove", {"name": "charge"}),
        (["add", "a", "when x < 5: on"], "rule_add", {"name": "a", "text": "when x < 5: on"}),
        (
            ["add", "a", "--preset", "charge_cutoff", "--set", "below=8", "--set", "for=5m"],
            "rule_add",
            {"name": "a", "text": "preset charge_cutoff below=8 for=5m"},
        ),
        (
            ["add", "a", "socket-1", "--preset", "daily_limit"],
            "rule_add",
            {"name": "a", "text": "preset daily_limit", "device": "socket-1"},
        ),
        (["test", "charge"], "rule_test", {"rule": "charge", "last_s": 86_400}),
        (["test", "charge", "--last", "7d"], "rule_test", {"rule": "charge", "last_s": 604_800}),
    ],
)
async def test_each_command_asks_the_agent(agent, arguments, method, params):
    status, out, err = await rule(agent, *arguments)
    assert (status, err) == (0, "")
    assert out.strip()
    assert agent.asked == [(method, params)]
    status, out, err = await rule(agent, *arguments, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)


@pytest.mark.parametrize("words", [["add", "charge", "when x < 5: on"], ["remove", "charge"]])
async def test_an_edit_that_the_disk_does_not_take_is_told(agent, words):
    agent.kept = {"is_kept": True}
    status, out, err = await rule(agent, *words)
    assert (status, err) == (0, "")
    agent.kept = {"is_kept": False}
    assert await rule(agent, *words) == (0, out, UNKEPT)
    status, out, err = await rule(agent, *words, "--json")
    assert (status, json.loads(out)["is_kept"], err) == (0, False, UNKEPT)


async def test_a_rule_is_shown_with_what_it_means_and_waits_for(agent):
    _, out, _ = await rule(agent, "list")
    assert out.splitlines() == [
        "charge (added)",
        "  preset charge_cutoff",
        "  = when active_power < 5 for 10m after > 30: off; event charge_done",
        "  - active_power is 42 W, not < 5",
        "  - waits for active_power > 30 first",
    ]
    agent.rules = []
    _, out, _ = await rule(agent, "list")
    assert "there is no rule; add one with `polycloud rule add`" in out


def test_a_disabled_rule_and_one_that_has_fired_are_shown_so():
    text = rule_text({**RULE, "enabled": False, "meaning": RULE["text"], "fired_at": 1.8e9})
    assert text.splitlines()[:2] == ["charge (added, disabled)", "  preset charge_cutoff"]
    assert "fired last at 2027-01-" in text
    assert len(text.splitlines()) == 3


async def test_a_try_shows_when_it_would_have_fired(agent):
    _, out, _ = await rule(agent, "test", "charge")
    lines = out.splitlines()
    assert lines[:2] == ["when active_power < 5: off", "  it would have fired 3 times"]
    assert lines[2].endswith(", held for 10m")
    assert lines[4] == "  and 1 more"


async def test_an_answer_without_times_is_shown_too(agent):
    agent.tried = {"rule": "r", "words": ["w"], "fired": [{}], "count": 1}
    _, out, _ = await rule(agent, "test", "charge")
    assert out.splitlines() == ["r", "  w", "  at an unknown time"]


async def test_a_try_says_how_much_the_history_knew(agent):
    agent.tried = {"rule": "r", "words": ["w"], "fired": [], "count": 0, "samples": 21}
    _, out, _ = await rule(agent, "test", "charge", "--last", "31d")
    said = "  tried on what the history knows of that time: 21 minutes"
    assert out.splitlines() == ["r", "  w", said]


def test_a_slow_answer_is_waited_for_as_long_as_the_command_says(tmp_path, capsys):
    path = str(tmp_path / "mute")
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(path)
        mute.listen()
        with pytest.raises(SystemExit) as ended:
            ask("rule_test", {}, path, 0.01)
    assert ended.value.code == EXIT_UNREACHABLE
    assert "does not answer" in capsys.readouterr().err
    assert PATIENCE_S > TIMEOUT_S


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add", "a"], "give a TEXT or --preset, and not both"),
        (["add", "a", "x", "s", "--preset", "y"], "give a TEXT or --preset, and not both"),
        (["add", "a", "x", "--set", "below=8"], "--set belongs to --preset"),
        (["test", "charge", "--last", "long"], "--last: 'long' is no duration"),
        (["why"], "Missing argument 'NAME'"),
    ],
)
async def test_what_is_typed_wrongly_is_refused_before_the_agent_is_asked(agent, arguments, says):
    status, out, err = await rule(agent, *arguments)
    assert (status, out) == (EXIT_USAGE, "")
    assert says in err
    assert agent.asked == []


async def test_a_refusal_ends_with_1_and_no_agent_with_69(agent, tmp_path):
    status, _, err = await rule(agent, "enable", "nix")
    assert (status, err.strip()) == (EXIT_FAILED, "no rule is named 'nix'; there are: charge")
    done = in_text("rule", "list", "--socket", tmp_path / "none.sock")
    assert done.returncode == EXIT_UNREACHABLE


def test_presets_need_no_agent():
    done = in_text("rule", "presets")
    assert done.stdout.startswith("charge_cutoff [below=5 for=10m after=30]\n  switch off when")
    listed = json.loads(in_text("rule", "presets", "--json").stdout)["presets"]
    assert [each["name"] for each in listed][-1] == "over_temperature"


async def test_it_runs_in_a_process_of_its_own():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "rule", "--help"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert b"presets" in out
    assert b"Example: polycloud rule add charge" in out


@pytest.mark.parametrize(
    "command", ["list", "add", "remove", "enable", "disable", "test", "why", "presets"]
)
def test_every_command_has_an_example(command):
    assert f"polycloud rule {command}" in in_text("rule", command, "--help").stdout
