"""Work that keeps a processor busy, in processes of its own: two at once, gone when we are."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

ROOT: Final = Path(__file__).parent.parent
"""Where `python -m chaos.…` finds its modules."""

AT_ONCE: Final = 2

Result = Mapping[str, object]


async def apart(module: str, works: Sequence[Mapping[str, object]]) -> list[Result]:
    """Have `python -m MODULE JSON` do each of *works*; give what it prints, which is JSON too."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(work: Mapping[str, object]) -> Result:
        async with turns:
            return await _run(module, work)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(work), name=module) for work in works]
    except* RuntimeError as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def _run(module: str, work: Mapping[str, object]) -> Result:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        json.dumps(work),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        last = err.decode(errors="replace").strip().rpartition("\n")[2]
        raise RuntimeError(f"{module} {json.dumps(work)}: {last}")
    return cast("Result", json.loads(out))
