"""`polycloud init` with answers piped in, in this process or one of its own, or at a terminal."""

import os
import pty
import subprocess
import sys

from click.testing import CliRunner

from agent.cli import cli

AT_A_TERMINAL = (
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " from agent.cli import main; main()"
)
"""Standard input becomes the terminal that a hidden prompt opens."""


def _environ(**more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("POLYCLOUD_")}
    return {**kept, **more}


def init(*options: str, answers: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it with *answers* on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "agent", "init", *options],
        input=answers,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=_environ(**environ),
        start_new_session=True,  # without a terminal a hidden prompt reads standard input
    )


def init_here(*options: str, answers: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it within this process, which is quicker."""
    ours = {name: None for name in os.environ if name.startswith("POLYCLOUD_")}
    done = CliRunner().invoke(cli, ["init", *options], input=answers, env={**ours, **environ})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(options, done.exit_code, done.stdout, done.stderr)


def at_a_terminal(options: list[str], answers: list[str]) -> tuple[int, str]:
    """Type each answer when a question is asked; give the exit code and what was shown."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", AT_A_TERMINAL, "init", *options],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=_environ(),
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        for answer in answers:
            shown += _until_asked(ours)
            os.write(ours, answer.encode() + b"\n")
        shown += _until_asked(ours)
        code = process.wait(50)
    os.close(ours)
    return code, shown.decode()


def _until_asked(terminal: int) -> bytes:
    """Read until a question waits for its answer, or until the end."""
    shown = b""
    while not shown.endswith(b": "):
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
    return shown
