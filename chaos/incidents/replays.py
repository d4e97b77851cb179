"""Recorded incidents on a machine that is another in all that a process can see of it."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from chaos.apart import ROOT
from chaos.report import Row, judged

PART: Final = "replay"
FOLDER: Final = ROOT / "tests" / "replays"
MACHINES: Final[Mapping[str, Mapping[str, str]]] = {
    "UTC, C": {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
    "Chatham, Chinese": {
        "TZ": "Pacific/Chatham",
        "LC_ALL": "zh_CN.GB18030",
        "PYTHONHASHSEED": "4294967295",
        "PYTHONUTF8": "0",
    },
    "no zone, Turkish, optimised": {
        "TZ": "Nowhere/-99",
        "LC_ALL": "tr_TR.ISO8859-9",
        "PYTHONHASHSEED": "random",
        "PYTHONOPTIMIZE": "2",
    },
}


async def run(
    folder: Path = FOLDER, machines: Mapping[str, Mapping[str, str]] = MACHINES
) -> list[Row]:
    """Replay every incident on each machine; all must tell the same, byte for byte."""
    files = _incidents(folder)
    told = {
        name: [await _replayed(file, each) for file in files] for name, each in machines.items()
    }
    first = next(iter(told.values()))
    return [_row(name, found, first) for name, found in told.items()]


def _incidents(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def _row(name: str, found: Sequence[bytes], first: Sequence[bytes]) -> Row:
    faults: list[str] = [] if found else ["there is no incident to replay"]
    decisions = inputs = 0
    for text, other in zip(found, first, strict=True):
        result = _result(text)
        if result.get("identical") is not True:
            faults.append(f"{text[-300:].decode(errors='replace')!r}")
        elif text != other:
            faults.append("the story differs from that of the first machine")
        decisions += cast("int", result.get("decisions", 0))
        inputs += cast("int", result.get("inputs", 0))
    figures = f"{inputs} inputs, {decisions} decisions, identical"
    return judged(PART, f"{len(found)} incidents: {name}", figures if not faults else "-", faults)


def _result(text: bytes) -> Mapping[str, object]:
    try:
        return cast("Mapping[str, object]", json.loads(text))
    except ValueError:
        return {}


async def _replayed(file: Path, machine: Mapping[str, str]) -> bytes:
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), **machine}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "replay", "--json", str(file)),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return out
