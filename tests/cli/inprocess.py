"""`polycloud` in the tests' own process: one of its own costs each call half a second.

Each command has tests that run it in a process of its own beside those that use this.
"""

import os
import subprocess
from collections.abc import Mapping

from click.testing import CliRunner

from agent.cli import cli


def in_bytes(
    *arguments: object, stdin: bytes = b"", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command with none of our variables but *environ*; a bug in it is raised."""
    unset = dict.fromkeys(key for key in os.environ if key.startswith("POLYCLOUD_"))
    typed = [str(argument) for argument in arguments]
    done = CliRunner().invoke(cli, typed, input=stdin, env={**unset, **(environ or {})})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(
        typed, done.exit_code, stdout=done.stdout_bytes, stderr=done.stderr_bytes
    )


def in_text(
    *arguments: object, stdin: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command likewise; what it prints comes as text."""
    done = in_bytes(*arguments, stdin=stdin.encode(), environ=environ)
    return subprocess.CompletedProcess(
        done.args, done.returncode, stdout=done.stdout.decode(), stderr=done.stderr.decode()
    )
