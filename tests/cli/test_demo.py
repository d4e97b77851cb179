"""What `polycloud demo` refuses before it starts anything."""

import subprocess
import sys

import pytest

from agent.demo.dialects import DIALECTS
from agent.errors import EXIT_USAGE


def polycloud(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "agent", "demo", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize(
    ("clouds", "reason"),
    [
        (["tencent", "azure"], "not 'azure'"),
        (["onenet", "onenet-datastream"], "choose one of them"),
    ],
)
def test_clouds_that_cannot_be_shown_are_a_usage_error_with_its_reason(clouds, reason):
    done = polycloud(*(f"--cloud={name}" for name in clouds), "--json")
    assert (done.returncode, done.stdout) == (EXIT_USAGE, "")
    assert done.stderr.startswith("polycloud demo: --cloud")
    assert reason in done.stderr


def test_the_help_names_every_cloud():
    told = polycloud("--help").stdout
    assert all(name in told.replace("\n", " ") for name in DIALECTS)
    assert "Example: polycloud demo --cloud" in told
