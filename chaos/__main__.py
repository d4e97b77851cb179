"""`python -m chaos [PART …]`: break things on purpose, and print one table.

Exits with 1 if anything did not hold. A part that this machine cannot do says what it needs.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.errors import AgentError
from bench.machine import description
from chaos.clocks import clocks
from chaos.crowd import crowd
from chaos.disks import bad_disk, power, prefix
from chaos.incidents import replays
from chaos.kept import quiet
from chaos.kills import kill, starts
from chaos.network import network
from chaos.outages import flaps, outages
from chaos.report import MissingError, Row, Verdict, has_failed, judged, skipped, table
from chaos.storms import storms

LIMIT_S: Final = 600.0
"""No part takes longer: what hangs has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much is done: None leaves each part its own measure."""

    seed: int
    rounds: int | None
    seconds: float


Part = Callable[[Amount], Coroutine[Any, Any, Sequence[Row]]]
PARTS: Final[Mapping[str, Part]] = {
    kill.PART: lambda amount: kill.run(amount.seed, amount.rounds or kill.KILLS),
    prefix.PART: lambda amount: prefix.run(amount.seed, amount.rounds or prefix.TORN),
    bad_disk.PART: lambda amount: bad_disk.run(amount.rounds or bad_disk.FRAMES),
    starts.PART: lambda amount: starts.run(amount.seed, amount.rounds or starts.LIVES),
    power.PART: lambda amount: power.run(amount.seed, power.LIVES[: amount.rounds]),
    clocks.PART: lambda amount: clocks.run(clocks.CASES[: amount.rounds]),
    outages.PART: lambda amount: outages.run(amount.seed, amount.rounds),
    storms.PART: lambda amount: storms.run(amount.seed, amount.rounds or storms.STORMS),
    flaps.PART: lambda amount: flaps.run(amount.seed, amount.rounds or flaps.FRAMES),
    network.PART: lambda _amount: network.run(),
    crowd.PART: lambda amount: crowd.run(amount.seed, amount.rounds),
    replays.PART: lambda _amount: replays.run(),
}


async def run(parts: Sequence[str], amount: Amount) -> list[Row]:
    """Do one part after the other, so that none disturbs another."""
    loop = asyncio.get_running_loop()
    this = asyncio.current_task()
    assert this is not None
    loop.add_signal_handler(signal.SIGTERM, this.cancel)  # so that every mount is taken down
    rows: list[Row] = []
    for part in parts:
        print(f"chaos: {part} …", file=sys.stderr)
        rows += await _do(part, amount)
    return rows


async def _do(part: str, amount: Amount) -> Sequence[Row]:
    try:
        async with asyncio.timeout(amount.seconds) as limit:
            return await PARTS[part](amount)
    except MissingError as missing:
        return [skipped(part, str(missing))]
    except TimeoutError:
        what = "the part" if limit.expired() else "a start or a stop of the agent"
        return [judged(part, "-", "-", [f"{what} took too long"])]
    except (AgentError, RuntimeError) as error:
        return [judged(part, "-", "-", [str(error)])]


def main() -> None:
    """Do what the command line names, or everything."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=1, help="repeats the same random choices")
    parser.add_argument(
        "--rounds",
        type=int,
        help="kills, starts, frames, power cuts, devices, or random disks for each cut (each part"
        " has a measure of its own)",
    )
    parser.add_argument("--seconds", type=float, default=LIMIT_S, help="the most for one part")
    options = parser.parse_args()
    parts: list[str] = options.parts or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is not a part; there are {', '.join(PARTS)}")
    quiet()
    began = time.monotonic()
    print(description())
    amount = Amount(seed=options.seed, rounds=options.rounds, seconds=options.seconds)
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        rows = asyncio.run(run(parts, amount))
        print(table(rows))
        counts = Counter(row.verdict for row in rows)
        held, left_out = counts[Verdict.HELD], counts[Verdict.SKIPPED]
        more = f", {left_out} skipped" if left_out else ""
        print(f"{held} of {len(rows)} rows held{more}; {time.monotonic() - began:.0f} s")
        sys.exit(1 if has_failed(rows) else 0)
    sys.exit("chaos: interrupted; its mounts and processes are gone")


if __name__ == "__main__":
    main()
