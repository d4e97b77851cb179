"""`python -m bench [PART …]`: measure, and print what came of it as tables."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from agent.drivers.hlw8032.frame import FRAME_PERIOD_S
from bench import (
    cli,
    clouds_command,
    clouds_idle,
    clouds_start,
    clouds_trip,
    command,
    idle,
    machine,
    many,
    on,
    profiles,
    several,
    start,
    switch,
    trip,
)
from bench.figures import HEADS, Row, table

Measure = Callable[[], Coroutine[Any, Any, Sequence[Row]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some measurements, and what the columns of their table are called."""

    measures: Sequence[Measure]
    heads: Row = HEADS


PARTS: Final[Mapping[str, Part]] = {
    "trip": Part(
        measures=[
            lambda: trip.measure(period_s=FRAME_PERIOD_S, frames=200),
            lambda: trip.measure(period_s=0.01, frames=1000),
        ]
    ),
    "command": Part(
        measures=[lambda: command.measure(is_tls=True), lambda: command.measure(is_tls=False)]
    ),
    "start": Part(
        measures=[lambda: start.measure(is_tls=True), lambda: start.measure(is_tls=False)]
    ),
    "idle": Part(measures=[idle.measure]),
    "cli": Part(measures=[cli.measure]),
    "on": Part(measures=[on.measure]),
    "profiles": Part(measures=[profiles.measure]),
    "clouds": Part(
        measures=[
            clouds_trip.measure,
            clouds_command.measure,
            clouds_start.measure,
            clouds_idle.measure,
        ],
        heads=several.HEADS,
    ),
    "switch": Part(measures=[switch.measure], heads=switch.HEADS),
    "many": Part(measures=[many.measure], heads=many.HEADS),
}
LIMIT_S: Final = 900.0


async def run(parts: Sequence[str]) -> Mapping[Row, Sequence[Row]]:
    """Measure one part after the other, so that none disturbs another; rows by their heads."""
    tables: dict[Row, list[Row]] = {}
    async with asyncio.timeout(LIMIT_S):
        for name in parts:
            part = PARTS[name]
            rows = tables.setdefault(part.heads, [])
            for measure in part.measures:
                print(f"bench: {name} …", file=sys.stderr)
                rows += await measure()
    return tables


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
    tables = asyncio.run(run(parts))
    print("\n\n".join(table(rows, heads) for heads, rows in tables.items()))


if __name__ == "__main__":
    main()
