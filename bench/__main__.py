"""`python -m bench [PART …]`: measure, and print one table."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

import structlog

from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from bench import command, idle, machine, profiles, start, trip
from bench.figures import Row, table

Measure = Callable[[], Coroutine[Any, Any, Sequence[Row]]]
PARTS: Final[Mapping[str, Sequence[Measure]]] = {
    "trip": [
        lambda: trip.measure(period_s=FRAME_PERIOD_S, frames=200),
        lambda: trip.measure(period_s=0.01, frames=1000),
    ],
    "command": [lambda: command.measure(is_tls=True), lambda: command.measure(is_tls=False)],
    "start": [lambda: start.measure(is_tls=True), lambda: start.measure(is_tls=False)],
    "idle": [idle.measure],
    "profiles": [profiles.measure],
}
LIMIT_S: Final = 180.0


async def run(parts: Sequence[str]) -> list[Row]:
    """Measure one part after the other, so that none disturbs another."""
    rows: list[Row] = []
    async with asyncio.timeout(LIMIT_S):
        for part in parts:
            for measure in PARTS[part]:
                print(f"bench: {part} …", file=sys.stderr)
                rows += await measure()
    return rows


def main() -> None:
    """Measure what the command line names, or everything."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parts: list[str] = parser.parse_args().parts or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is not a part; there are {', '.join(PARTS)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(machine.description())
    print(table(asyncio.run(run(parts))))


if __name__ == "__main__":
    main()
