"""What a person sees who needs help, or has made a mistake."""

import asyncio
import io
import re
from contextlib import redirect_stdout

import click
import pytest
from click.testing import CliRunner

from agent.cli import COMMANDS, cli
from agent.cli.asking import folded, say
from agent.control.server import ControlServer
from agent.errors import EXIT_USAGE
from tests.cli.inprocess import in_text

WIDTH = 80
COMMAND = re.compile(r"(?<!/)\bpolycloud ")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("statsu",), "No such command 'statsu'. Did you mean 'status'?"),
        (("sign", "tencnt"), "No such command 'tencnt'. Did you mean 'tencent'?"),
        (("model", "exprot"), "No such command 'exprot'. Did you mean 'export'?"),
        (("xyzzy",), "No such command 'xyzzy'.\n"),
    ],
)
def test_a_mistyped_command_is_told_what_was_meant(typed, meant):
    done = in_text(*typed)
    assert done.returncode == EXIT_USAGE
    assert meant in done.stderr


def test_an_option_in_the_place_of_a_command_is_told_as_an_option():
    assert "No such option" in in_text("--jsno").stderr


def test_each_command_has_one_line_in_the_list_of_commands():
    listed = in_text("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)


def commands(group=cli, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_example_stands_whole_in_a_line_of_its_own(path):
    shown = CliRunner().invoke(cli, [*path, "--help"]).stdout
    typed = [line for line in shown.splitlines() if COMMAND.search(line) and "`" not in line]
    assert len(COMMAND.findall(typed[-1])) == 1
    below = shown.split(typed[-1])[1]
    assert not below.strip() or below.startswith("\n\n")


def test_history_takes_one_form_only():
    done = in_text("history", "--csv", "--plot")
    assert (done.returncode, done.stderr) == (EXIT_USAGE, "--csv and --plot: one of them\n")


@pytest.mark.parametrize("command", ["add", "preview"])
async def test_a_schedule_may_be_typed_without_quotation_marks(tmp_path, command):
    asked = []
    method = f"schedule_{command}"

    def answer(origin, params):
        del origin
        asked.append(params["text"])
        return {}

    async with ControlServer(tmp_path / "c.sock", {method: answer}, group="no-such-group"):
        typed = ("schedule", command, "on", "at", "07:00", "mon-fri")
        done = await asyncio.to_thread(in_text, *typed, "--socket", tmp_path / "c.sock")
    assert (done.returncode, asked) == (0, ["on at 07:00 mon-fri"])


def test_an_error_is_broken_between_words_on_a_terminal_only(monkeypatch):
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    text = "no property is named 'activ_power'; there are: " + ", ".join(["power_switch"] * 9)
    lines = folded(text, Terminal()).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(lines) == text
    assert folded(text, io.StringIO()) == text


def test_what_follows_stands_below_where_the_text_begins(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    shown = folded("when  topic  " + "word " * 12, Terminal(), 13).splitlines()
    assert shown[0].startswith("when  topic  word")
    assert {line[:14] for line in shown[1:]} == {" " * 13 + "w"}


def test_a_terminal_without_our_signs_shows_others_and_escapes_what_is_not_ours():
    written = io.BytesIO()
    terminal = io.TextIOWrapper(written, encoding="ascii")
    with redirect_stdout(terminal):
        say("current limit — “厨房”")
    assert written.getvalue() == b'current limit - "\\u53a8\\u623f"\n'
