"""The emulator's cores do no I/O, so that they also run in memory and in virtual time."""

import ast
from pathlib import Path

import pytest

import agent.emulator

FOLDER = Path(agent.emulator.__file__).parent
SHELL = {"server", "web", "api", "cloud", "desk", "emulator", "options", "makers"}
IMPURE = {"asyncio", "socket", "ssl", "threading", "time", "os", "secrets", "structlog", "pathlib"}
PURE = sorted(path for path in FOLDER.rglob("*.py") if path.stem not in SHELL)


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_core_imports_no_io_and_no_shell(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    assert not {name.partition(".")[0] for name in found} & IMPURE
    assert not {name.removeprefix("agent.emulator.") for name in found} & SHELL
